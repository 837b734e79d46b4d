"""What people type into the console's forms, read: clearances, days. Raises 422 where it makes no sense."""

from __future__ import annotations

from datetime import date, datetime

from bot.channels.console.frame import invalid
from bot.days import last_moment
from corpus.visibility import Clearance, clearance_of, labels_in

_MAX_CHARS = 2000


def clearance(text: str) -> Clearance:
    """Labels with commas, or ``*``; of nothing: public documents alone. Raises: ProblemError."""
    try:
        return clearance_of(labels_in(text[:_MAX_CHARS]))
    except ValueError:
        raise invalid("可见标签应以逗号分隔，如 内部,机密；* 表示全部。标签由文字、数字、_、.、- 组成。") from None


def day(text: str) -> date | None:
    """A day; None where nothing is typed. Raises: ProblemError."""
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise invalid("日期应写成 2026-01-31 的形式。") from None


def end_of_day(text: str) -> datetime | None:
    """The end of a day that is not over, in this machine's zone; None where nothing is typed. Raises: ProblemError."""
    chosen = day(text)
    if chosen is None:
        return None
    try:
        return last_moment(chosen)
    except ValueError:
        raise invalid("到期日应是今天或以后。") from None
