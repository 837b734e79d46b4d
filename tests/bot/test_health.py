"""How the program fares: percentiles, errors, disk."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Outcome
from bot.health import ErrorTally, HealthCheck, HealthParts, answered
from bot.state.answer_figures import GivenAnswer

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def given_answer(minutes: float, latency_ms: float, outcome: Outcome = Outcome.ANSWERED) -> GivenAnswer:
    return GivenAnswer(NOW - timedelta(minutes=minutes), str(outcome), latency_ms)


def test_figures_are_of_the_last_hour_and_the_last_day(tmp_path: Path) -> None:
    failed = replace(given_answer(70, 900), outcome="failed: BusyError")
    answers = [given_answer(5, 100, Outcome.NOT_FOUND), given_answer(50, 300), failed]
    errors = ErrorTally(clock=lambda: NOW)
    check = HealthCheck(HealthParts(lambda _: answers, errors, tmp_path, "1.2.3", clock=lambda: NOW))

    health = check.health()

    assert (health.hour.questions, health.hour.not_found, health.hour.p50_ms, health.hour.p95_ms) == (2, 1, 100, 300)
    assert (health.day.questions, health.day.failed, health.day.p50_ms, health.day.p95_ms) == (3, 1, 300, 900)
    assert (health.errors, health.last_error, health.version, health.started_at) == (0, None, "1.2.3", NOW)
    assert 0 < health.disk_free <= health.disk_total


def test_errors_of_a_day_are_counted_by_event_and_nothing_else_is_kept(tmp_path: Path) -> None:
    clock = [NOW - timedelta(hours=30)]
    tally = ErrorTally(clock=lambda: clock[0])
    logger = logging.Logger("quiet")
    logger.addHandler(tally)
    logger.error({"event": "old"})
    clock[0] = NOW
    logger.warning("no error")
    logger.error({"event": "job_failed", "question": "谁？"})
    logger.error("a secret %s", "token")

    health = HealthCheck(HealthParts(lambda _: (), tally, tmp_path, "1", clock=lambda: NOW)).health()

    assert health.errors == 2
    assert health.last_error == ("quiet", NOW)
    assert tally.since(NOW - timedelta(days=9)) == [
        ("old", NOW - timedelta(hours=30)),
        ("job_failed", NOW),
        ("quiet", NOW),
    ]


def test_nobody_asked() -> None:
    assert answered([]).p50_ms is None


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_percentiles_are_times_that_were_measured(times: list[float]) -> None:
    figures = answered([given_answer(1, time) for time in times])

    assert figures.p50_ms in times
    assert figures.p95_ms in times
    assert sum(time <= (figures.p50_ms or 0) for time in times) * 2 >= len(times)
    assert sum(time <= (figures.p95_ms or 0) for time in times) >= 0.95 * len(times) - 1e-9


@pytest.mark.parametrize(("count", "p95"), [(1, 1), (20, 19), (100, 95)])
def test_the_95th_percentile_by_nearest_rank(count: int, p95: float) -> None:
    assert answered([given_answer(1, float(number)) for number in range(1, count + 1)]).p95_ms == p95
