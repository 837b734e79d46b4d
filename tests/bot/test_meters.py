"""What is counted as things happen, and that counting neither loses nor makes up anything."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
import structlog
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bot.answers import Outcome
from bot.audit import FAILED
from bot.logs import configure_logging
from bot.meters import CHANNEL_ERRORS, Meters, Watch
from bot.state.audit import QUESTION, Deed
from corpus.database import open_database, reading
from retrieval.stages import STAGES, stage, watched_by


def values(meters: Meters) -> dict[str, float]:
    """Every sample, by its name and its labels as they are written."""
    found = {}
    for family in text_string_to_metric_families(generate_latest(meters.registry).decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def question(outcome: str, *, channel: str = "http", latency_ms: float | None = 250.0) -> Deed:
    return Deed("key:k1", channel, QUESTION, "问题", outcome=outcome, latency_ms=latency_ms)


def test_questions_are_counted_by_channel_and_outcome() -> None:
    meters = Meters()
    for outcome in (*Outcome, Outcome.ANSWERED):
        meters.asked(question(str(outcome)))
    meters.asked(question(f"{FAILED}: StoreError", channel="telegram"))
    meters.asked(question(f"{FAILED}: NoSnapshotError", channel="telegram"))

    told = values(meters)
    assert told["yiju_questions_total{channel=http,outcome=answered}"] == 2
    assert told["yiju_questions_total{channel=http,outcome=not_found}"] == 1
    assert told["yiju_questions_total{channel=telegram,outcome=failed}"] == 2
    assert told["yiju_question_duration_seconds_count{channel=http}"] == 4
    assert told["yiju_question_duration_seconds_sum{channel=http}"] == pytest.approx(1.0)


def test_a_question_without_a_time_is_counted_and_not_timed() -> None:
    meters = Meters()
    meters.asked(question("answered", latency_ms=None))

    told = values(meters)
    assert told["yiju_questions_total{channel=http,outcome=answered}"] == 1
    assert "yiju_question_duration_seconds_count{channel=http}" not in told


def test_stages_are_timed_also_where_they_fail() -> None:
    meters = Meters()
    with watched_by(Watch(meters.stage)):
        with stage("read"):
            pass
        with pytest.raises(ValueError, match="damaged"), stage("read"):
            raise ValueError("damaged")

    assert values(meters)["yiju_stage_duration_seconds_count{stage=read}"] == 2


def test_every_stage_is_told_from_the_start() -> None:
    told = values(Meters())
    assert all(told[f"yiju_stage_duration_seconds_count{{stage={name}}}"] == 0 for name in STAGES)


def test_errors_of_channels_are_counted_from_the_log() -> None:
    configure_logging("info", json=True)
    meters, root = Meters(), logging.getLogger()
    root.addHandler(meters.log)
    try:
        log = structlog.get_logger("bot.channels")
        log.warning("telegram_unreachable", error="TimedOut")
        log.warning("telegram_not_delivered", error="Forbidden")
        log.info("telegram_answered")
        log.warning("what anybody writes 北京")
        logging.getLogger("library").error("telegram_unreachable")
    finally:
        root.removeHandler(meters.log)

    told = values(meters)
    assert told["yiju_channel_errors_total{channel=telegram,kind=poll}"] == 1
    assert told["yiju_channel_errors_total{channel=telegram,kind=send}"] == 1
    assert told["yiju_channel_errors_total{channel=http,kind=handler}"] == 0
    assert told["yiju_log_records_total{level=warning}"] == 3
    assert told["yiju_log_records_total{level=error}"] == 1


def test_events_that_are_counted_are_logged_somewhere(project_dir) -> None:  # type: ignore[no-untyped-def]
    source = "".join(path.read_text("utf-8") for path in (project_dir / "bot").rglob("*.py") if path.stem != "meters")
    assert [event for event in CHANNEL_ERRORS if f'"{event}"' not in source] == []


def test_counting_from_many_threads_loses_nothing() -> None:
    meters, start = Meters(), threading.Barrier(8)

    def count() -> None:
        start.wait()
        for _ in range(500):
            meters.answered("POST", "/v1/ask", 200, 0.01)
            meters.asked(question("answered"))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    told = values(meters)
    assert told["yiju_http_requests_total{method=POST,route=/v1/ask,status=200}"] == 4000
    assert told["yiju_questions_total{channel=http,outcome=answered}"] == 4000


def test_a_line_of_the_same_name_takes_the_place_of_the_earlier_one() -> None:
    class Line:
        name, running, capacity = "yiju-ask", 1, 3

        def __init__(self, waiting: int) -> None:
            self.waiting = waiting

    meters = Meters()
    meters.lines.add(Line(1))
    meters.lines.add(Line(2))

    assert values(meters)["yiju_work_waiting{pool=yiju-ask}"] == 2


def test_connections_to_the_database_are_told_as_they_are(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'yiju.db'}")
    meters = Meters(engine.pool)
    with reading(engine):
        used = values(meters)
    idle = values(meters)
    engine.dispose()

    assert (used["yiju_database_connections{state=in_use}"], idle["yiju_database_connections{state=in_use}"]) == (1, 0)
    assert idle["yiju_database_connections{state=idle}"] == 1
    assert values(Meters())["yiju_database_connections{state=in_use}"] == 0
