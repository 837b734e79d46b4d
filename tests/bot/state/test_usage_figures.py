from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from bot.state.audit import QUESTION, AuditLog, Deed
from bot.state.store import StateStore
from bot.state.tables import audit
from bot.state.usage_figures import UsageFigures

CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 10, 4, tzinfo=UTC)  # noon of the 10th in China


class Log:
    """An audit that is written at any moment."""

    def __init__(self, engine: Engine) -> None:
        self.now = NOW
        self._log = AuditLog(engine, clock=lambda: self.now)

    def asked(
        self,
        at: datetime,
        outcome: str | None = "answered",
        ms: float | None = 100.0,
        actor: str = "key:1",
        channel: str = "http",
    ) -> None:
        self.now = at
        self._log.add(Deed(actor, channel, QUESTION, "问", outcome=outcome, latency_ms=ms))


@pytest.fixture
def log(engine: Engine, state: StateStore) -> Log:
    return Log(engine)


@pytest.fixture
def figures(engine: Engine, state: StateStore) -> UsageFigures:
    return UsageFigures(engine, clock=lambda: NOW, zone=CHINA)


def test_days_end_at_midnight_of_the_zone(log: Log, figures: UsageFigures) -> None:
    log.asked(datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC))  # 23:59:59 of the 9th
    log.asked(datetime(2026, 3, 9, 16, 0, tzinfo=UTC))  # midnight: the 10th

    days = figures.days(2)

    assert [(day.day, day.questions) for day in days] == [(date(2026, 3, 9), 1), (date(2026, 3, 10), 1)]


def test_questions_are_counted_by_outcome_and_channel_and_people_once(log: Log, figures: UsageFigures) -> None:
    log.asked(NOW, "answered", 10.0)
    log.asked(NOW, "not_found", 20.0)
    log.asked(NOW, "failed: BusyError", None, "telegram:7", "telegram")
    log.asked(NOW, "failed: OSError", 30.0, "telegram:7", "telegram")

    (day,) = figures.days(1)

    assert day.outcomes == {"answered": 1, "not_found": 1, "failed": 2}
    assert day.channels == {"http": 2, "telegram": 2}
    assert (day.questions, day.people) == (4, 2)
    assert (day.p50_ms, day.p95_ms) == (20.0, 30.0)


def test_days_without_questions_are_there_with_nothing_in_them(engine: Engine, log: Log, figures: UsageFigures) -> None:
    AuditLog(engine, clock=lambda: NOW).add(Deed("local", "http", "reindex_started"))

    days = figures.days(3)

    assert [day.questions for day in days] == [0, 0, 0]
    assert days[-1].p50_ms is None


@pytest.mark.parametrize(("count", "expected"), [(0, 1), (-5, 1), (7, 7), (10_000, 366)])
def test_the_number_of_days_is_bounded(figures: UsageFigures, log: Log, count: int, expected: int) -> None:
    assert len(figures.days(count)) == expected


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(times=st.lists(st.floats(0, 1e5, allow_nan=False), min_size=1, max_size=40))
def test_percentiles_are_the_nearest_rank(engine: Engine, log: Log, figures: UsageFigures, times: list[float]) -> None:
    with engine.begin() as connection:
        connection.execute(delete(audit))
    for ms in times:
        log.asked(NOW - timedelta(hours=1), ms=ms)

    (day,) = figures.days(1)

    ordered = sorted(times)
    assert day.p50_ms == pytest.approx(ordered[math.ceil(0.5 * len(ordered)) - 1])
    assert day.p95_ms == pytest.approx(ordered[math.ceil(0.95 * len(ordered)) - 1])
