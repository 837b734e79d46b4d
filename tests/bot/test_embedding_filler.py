"""Embedding is taken up by itself, and waits where a person or another job has a say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.embedding_filler import AFTER_REINDEX_SECONDS, FIRST_RETRY_SECONDS, EmbeddingFiller
from bot.indexing_jobs import (
    Listener,
)
from retrieval.errors import IndexLockedError
from tests.bot.jobs_bench import REPORT, Bench, opened_bench, until_stopped


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with opened_bench(tmp_path) as opened:
        yield opened


class Serving:
    """The serving snapshot as the filler sees it, and a clock that stands still."""

    def __init__(self, share: float | None = 0.5) -> None:
        self.snapshot = "s1"
        self.share = share
        self.now = 0.0

    def __call__(self) -> tuple[str, float] | None:
        return None if self.share is None else (self.snapshot, self.share)


def filler_of(bench: Bench, serving: Serving) -> EmbeddingFiller:
    return EmbeddingFiller(bench.jobs, serving, clock=lambda: serving.now)


@pytest.mark.parametrize("share", [None, 1.0])
def test_nothing_is_filled_in_where_all_is_embedded_or_nothing_serves(bench: Bench, share: float | None) -> None:
    assert filler_of(bench, Serving(share)).look() is None
    assert bench.filled == 0


def test_what_is_missing_is_filled_in_once_at_a_time(bench: Bench) -> None:
    gate = threading.Event()
    bench.fill = lambda _: REPORT if gate.wait(30) else {}
    filler = filler_of(bench, Serving())

    first, second = filler.look(), filler.look()
    gate.set()

    assert first is not None
    assert second is None
    assert bench.ended(first) == "succeeded"
    assert bench.jobs.job(first).started_by == "server"
    assert bench.filled == 1


def test_nothing_is_filled_in_while_it_is_paused_or_a_reindex_runs(bench: Bench) -> None:
    filler, gate = filler_of(bench, Serving()), threading.Event()
    bench.jobs.pause_embedding(by="local")
    assert filler.look() is None
    bench.jobs.resume_embedding(by="local")
    bench.run = lambda _: REPORT if gate.wait(30) else {}
    job_id = bench.start()
    assert filler.look() is None
    gate.set()
    bench.ended(job_id)
    assert filler.look() is not None


def test_what_a_person_stopped_waits_for_a_person(bench: Bench) -> None:
    begun, serving = threading.Event(), Serving()
    bench.fill = until_stopped(begun)
    filler = filler_of(bench, serving)
    job_id = filler.look()
    assert job_id is not None
    begun.wait(10)
    bench.jobs.stop(job_id, by="local")
    bench.ended(job_id)
    bench.fill = lambda _: REPORT

    serving.now = 10 * FIRST_RETRY_SECONDS
    assert filler.look() is None
    bench.jobs.resume_embedding(by="local")
    serving.now += 10 * FIRST_RETRY_SECONDS
    assert filler.look() is not None


def test_each_failure_is_followed_by_a_longer_wait(bench: Bench) -> None:
    def fail(_: Listener) -> dict[str, object]:
        raise IndexLockedError("another process is indexing")

    bench.fill, serving = fail, Serving()
    filler = filler_of(bench, serving)
    for wait in (FIRST_RETRY_SECONDS, 2 * FIRST_RETRY_SECONDS, 4 * FIRST_RETRY_SECONDS):
        job_id = filler.look()
        assert job_id is not None
        assert bench.ended(job_id) == "failed"
        assert filler.look() is None
        serving.now += wait - 0.1
        assert filler.look() is None
        serving.now += 0.1


def test_a_success_that_left_the_snapshot_as_it_is_is_not_repeated_at_once(bench: Bench) -> None:
    serving = Serving()
    filler = filler_of(bench, serving)
    bench.fill = lambda _: {"snapshot": "s1"}
    first = filler.look()
    assert first is not None
    bench.ended(first)
    assert filler.look() is None
    serving.now += FIRST_RETRY_SECONDS
    second = filler.look()
    assert second is not None
    bench.ended(second)
    serving.now += FIRST_RETRY_SECONDS
    serving.snapshot = "s2"
    assert filler.look() is not None


def test_a_reindex_gets_its_turn_before_filling_goes_on(bench: Bench) -> None:
    begun, serving = threading.Event(), Serving()
    bench.fill = until_stopped(begun)
    filler = filler_of(bench, serving)
    first = filler.look()
    assert first is not None
    begun.wait(10)
    bench.ended(bench.start())
    assert filler.look() is None
    serving.now += AFTER_REINDEX_SECONDS
    assert filler.look() is not None


def test_the_filler_looks_by_itself_and_outlives_an_error(bench: Bench) -> None:
    looked, begun = [], threading.Event()

    def serving() -> tuple[str, float]:
        looked.append(1)
        if len(looked) == 1:
            raise RuntimeError("for once")
        return "s1", 0.5

    bench.fill = lambda _: begun.set() or REPORT  # type: ignore[func-returns-value]
    filler = EmbeddingFiller(bench.jobs, serving, check_seconds=0.01)
    filler.start()
    assert begun.wait(10)
    filler.close()
