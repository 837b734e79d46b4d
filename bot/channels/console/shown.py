"""Figures as people read them: moments, sizes, times, shares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

_UNITS = ("B", "KB", "MB", "GB", "TB")


def moment(value: datetime | str | None, form: str = "%Y-%m-%d %H:%M") -> str:
    """A moment in this machine's zone; – where there is none. A text is an ISO moment."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return "–"
    return "–" if value is None else value.astimezone().strftime(form)


def size(size_bytes: float) -> str:
    """A size with three digits at most before the unit."""
    value, unit = float(size_bytes), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if value >= 10 or unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def percent(share: float | None) -> str:
    """A share; never 100% before all is done."""
    if share is None:
        return "–"
    shown = 100 * share
    return "100%" if share >= 1 else f"{min(shown, 99.9):.1f}%" if shown % 1 else f"{shown:.0f}%"


def milliseconds(value: float | None) -> str:
    """A short time."""
    if value is None:
        return "–"
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def duration(seconds: float | None, words: Callable[..., str]) -> str:
    """A time in the two largest units that it has; – where it is not known."""
    if seconds is None:
        return "–"
    left = max(0, round(seconds))
    if left < 60:
        return words("{seconds} 秒", seconds=left)
    if left < 3600:
        return words("{minutes} 分 {seconds} 秒", minutes=left // 60, seconds=left % 60)
    if left < 86400:
        return words("{hours} 小时 {minutes} 分", hours=left // 3600, minutes=left % 3600 // 60)
    return words("{days} 天 {hours} 小时", days=left // 86400, hours=left % 86400 // 3600)
