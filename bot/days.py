"""Days as people mean them: from midnight to midnight in this machine's zone. Moments are in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

# Beyond these some zone has no moment for a day.
_FIRST, _LAST = date(1900, 1, 1), date(9000, 1, 1)


def midnight(day: date) -> datetime:
    """The moment at which a day begins. Raises: ValueError: before 1900, or after the year 9000."""
    if not _FIRST <= day <= _LAST:
        raise ValueError(f"{day} is no day from {_FIRST} to {_LAST}")
    return datetime.combine(day, time()).astimezone(UTC)


def last_moment(day: date) -> datetime:
    """When what is good through the whole of a day is over. Raises: ValueError: that was before, or is too far off."""
    if not datetime.now().astimezone().date() <= day < _LAST:
        raise ValueError(f"{day} is over, or after {_LAST}")
    return midnight(day + timedelta(days=1))
