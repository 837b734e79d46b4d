"""Days as people mean them, and moments."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bot.days import last_moment, midnight


def today() -> date:
    return datetime.now().astimezone().date()


def test_a_day_begins_at_midnight_here() -> None:
    begins = midnight(date(2026, 5, 4))

    assert begins.utcoffset() == timedelta(0)
    assert (begins.astimezone().date(), begins.astimezone().hour) == (date(2026, 5, 4), 0)


@pytest.mark.parametrize("days", [0, 1, 400])
def test_what_is_good_through_a_day_is_over_when_the_next_begins(days: int) -> None:
    day = today() + timedelta(days=days)

    assert last_moment(day) == midnight(day + timedelta(days=1)) > datetime.now().astimezone()


@pytest.mark.parametrize("day", [date.min, today() - timedelta(days=2), date(9000, 1, 1), date.max])
def test_a_day_that_is_over_or_too_far_off_is_refused(day: date) -> None:
    with pytest.raises(ValueError, match="is over"):
        last_moment(day)


@pytest.mark.parametrize("day", [date.min, date(1899, 12, 31), date(9000, 1, 2), date.max])
def test_days_that_have_no_moment_everywhere_are_refused(day: date) -> None:
    with pytest.raises(ValueError, match="no day"):
        midnight(day)
