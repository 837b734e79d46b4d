"""Parameters of the commands about keys and accounts: clearances, moments of expiry."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import click

from bot.days import last_moment
from corpus.visibility import Clearance, clearance_of, labels_in

_MAX_DAYS = 36_600


def read_clearance(_: click.Context, __: click.Parameter, value: str) -> Clearance:
    """Labels with commas, or ``*``."""
    try:
        return clearance_of(labels_in(value))
    except ValueError:
        raise click.BadParameter(f"{value!r} 不合要求，应为以逗号分隔的标签，如 内部,机密，或 * 表示全部。") from None


clearance_option = click.option(
    "--clearance",
    default="",
    callback=read_clearance,
    metavar="LABELS|*",
    help="公开以外可见的标签，以逗号分隔，* 为全部 / labels it may see beside public ones; *: all",
)


def expiry(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    """A number of days, or a date whose end it is here; None: never."""
    if value is None:
        return None
    try:
        if re.fullmatch(r"[0-9]{1,5}", value.strip()) and 0 < int(value) <= _MAX_DAYS:
            return datetime.now(UTC) + timedelta(days=int(value))
        day = date.fromisoformat(value.strip())
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{value!r} 不合要求，应为天数或日期，如 90、2027-12-31。") from None
    try:
        return last_moment(day)
    except ValueError:
        raise click.BadParameter(f"{value!r} 已经过去，或太远。") from None
