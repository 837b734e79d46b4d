"""Re-indexing and embedding as jobs: one at a time, watched, paused, stopped; a re-index goes first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import JobConflictError
from bot.indexing_jobs import (
    EMBEDDING,
    MADE_WAY,
    REINDEX,
    IndexingJobs,
    JobEndedError,
    Listener,
    ReindexOptions,
    UnknownJobError,
    make_way,
)
from bot.state.jobs import JobProgress
from corpus.errors import StoreError
from retrieval.errors import IndexLockedError, SwitchBlockedError
from tests.bot.jobs_bench import REPORT, Bench, opened_bench, until_stopped


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with opened_bench(tmp_path) as opened:
        yield opened


def test_reindex_runs_in_the_background_and_keeps_its_report(bench: Bench) -> None:
    job_id = bench.start(full=True)

    assert bench.ended(job_id) == "succeeded"
    assert bench.jobs.job(job_id).report == REPORT
    assert bench.options == [ReindexOptions(full=True)]


def test_second_reindex_conflicts_and_names_the_first(bench: Bench) -> None:
    gate = threading.Event()
    bench.run = lambda _: REPORT if gate.wait(10) else {}
    first = bench.start()

    with pytest.raises(JobConflictError) as caught:
        bench.jobs.start_reindex(ReindexOptions(), started_by="telegram:1")
    with pytest.raises(JobConflictError, match=first):
        bench.jobs.start_embedding(started_by="server")
    gate.set()

    assert caught.value.job_id == first
    assert first in str(caught.value)
    assert bench.ended(first) == "succeeded"
    assert bench.ended(bench.start()) == "succeeded"


def test_conflict_is_seen_by_another_process_with_the_same_database(bench: Bench) -> None:
    gate = threading.Event()
    bench.run = lambda _: REPORT if gate.wait(10) else {}
    first = bench.start()
    other = IndexingJobs(bench.jobs._parts)

    with pytest.raises(JobConflictError, match=first):
        other.start_reindex(ReindexOptions(), started_by="local")
    gate.set()
    bench.ended(first)


def test_progress_is_kept_while_it_runs(bench: Bench) -> None:
    gate, begun = threading.Event(), threading.Event()

    def run(listener: Listener) -> dict[str, object]:
        listener(JobProgress(3, 10, "embedding", 2.0, 3.5))
        begun.set()
        gate.wait(10)
        return REPORT

    bench.run = run
    job_id = bench.start()
    begun.wait(10)
    job = bench.jobs.job(job_id)
    gate.set()

    assert (job.state, job.done, job.total) == ("running", 3, 10)
    assert (job.phase, job.rate, job.eta_seconds, job.paused) == ("embedding", 2.0, 3.5, False)
    assert bench.ended(job_id) == "succeeded"


def test_progress_is_written_a_few_times_a_second_and_at_each_new_phase(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str | None] = []
    monkeypatch.setattr(bench.state.jobs, "progress", lambda _, progress: written.append(progress.phase))

    def run(listener: Listener) -> dict[str, object]:
        for phase in ("reading", "embedding", "writing"):
            for done in range(5_000):
                listener(JobProgress(done, 5_000, phase))
        return REPORT

    bench.run = run
    bench.ended(bench.start())

    assert list(dict.fromkeys(written)) == ["reading", "embedding", "writing"]
    assert len(written) < 40


def test_progress_that_cannot_be_kept_does_not_fail_the_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("database is locked")

    def run(listener: Listener) -> dict[str, object]:
        listener(JobProgress(1, 2))
        return REPORT

    monkeypatch.setattr(bench.state.jobs, "progress", refuse)
    bench.run = run

    assert bench.ended(bench.start()) == "succeeded"


def test_lock_of_another_process_fails_the_job_with_the_reason(bench: Bench) -> None:
    def run(_: Listener) -> dict[str, object]:
        raise IndexLockedError("'data/index' is being indexed by process 7")

    bench.run = run
    job_id = bench.start()

    assert bench.ended(job_id) == "failed"
    assert "process 7" in bench.error(job_id)


def test_a_blocked_switch_keeps_what_the_comparison_showed(bench: Bench) -> None:
    def run(_: Listener) -> dict[str, object]:
        raise SwitchBlockedError("s3", "answer_accuracy falls", {"changed": 1, "changes": [{"before": "1.3亿元"}]})

    bench.run = run
    job_id = bench.start()

    assert bench.ended(job_id) == "failed"
    assert "yiju snapshots accept s3" in bench.error(job_id)
    report = bench.jobs.job(job_id).report
    assert report == {
        "snapshot": None,
        "candidate": "s3",
        "gate": {"changed": 1, "changes": [{"before": "1.3亿元"}]},
    }


def test_unforeseen_error_fails_the_job(bench: Bench) -> None:
    def run(_: Listener) -> dict[str, object]:
        raise MemoryError

    bench.run = run

    assert bench.ended(bench.start()) == "failed"


def test_exit_ends_a_run_at_its_next_sign_of_progress(bench: Bench) -> None:
    begun = threading.Event()
    bench.run = until_stopped(begun)
    job_id = bench.start()
    begun.wait(10)
    bench.jobs.close()

    assert bench.jobs.job(job_id).state == "failed"
    assert "原索引仍在使用" in bench.error(job_id)


def test_a_person_stops_a_job_also_of_another_process(bench: Bench) -> None:
    begun = threading.Event()
    bench.run = until_stopped(begun)
    job_id = bench.start()
    begun.wait(10)
    other = IndexingJobs(bench.jobs._parts)

    asked = other.stop(job_id, by="key:a")

    assert asked.stop_asked_by == "key:a"
    assert bench.ended(job_id) == "failed"
    assert "key:a" in bench.error(job_id)
    assert "向量都保留" in bench.error(job_id)


def test_unknown_and_ended_jobs_take_no_orders(bench: Bench) -> None:
    job_id = bench.start()
    bench.ended(job_id)

    for order in (bench.jobs.pause, bench.jobs.resume, bench.jobs.stop):
        with pytest.raises(JobEndedError, match=job_id):
            order(job_id, by="local")
        with pytest.raises(UnknownJobError, match="none"):
            order("none", by="local")
    assert bench.jobs.paused() is None


def test_a_pause_is_seen_in_the_job_and_lasts_until_it_is_ended(bench: Bench) -> None:
    begun = threading.Event()
    bench.run = until_stopped(begun)
    job_id = bench.start()
    begun.wait(10)

    paused = bench.jobs.pause(job_id, by="telegram:7")
    by = bench.jobs.paused()
    resumed = bench.jobs.resume(job_id, by="telegram:7")

    assert (paused.paused, resumed.paused) == (True, False)
    assert by is not None
    assert by.by == "telegram:7"
    assert bench.jobs.paused() is None


def test_embedding_makes_way_for_a_reindex(bench: Bench) -> None:
    begun = threading.Event()
    bench.fill = until_stopped(begun)
    filling = bench.jobs.start_embedding(started_by="server")
    begun.wait(10)
    seen: list[bool] = []

    def run(_: Listener) -> dict[str, object]:
        seen.append(bench.jobs.job(filling).active)
        return REPORT

    bench.run = run
    job_id = bench.start()

    assert bench.ended(job_id) == "succeeded"
    assert seen == [False]
    assert bench.error(filling) == MADE_WAY
    assert not bench.jobs.held_back.is_set()


def test_a_reindex_does_not_wait_for_good_for_embedding_that_hangs(bench: Bench) -> None:
    gate, waited = threading.Event(), []
    bench.fill = lambda _: REPORT if gate.wait(30) else {}
    filling = bench.jobs.start_embedding(started_by="server")

    make_way(bench.state.jobs, while_waiting=lambda: waited.append(1), longest_seconds=0.1, pause_seconds=0.01)
    gate.set()

    assert waited
    bench.ended(filling)
    make_way(bench.state.jobs, while_waiting=lambda: pytest.fail("nothing runs"))


def test_kinds_of_jobs_are_told_apart(bench: Bench) -> None:
    assert bench.jobs.latest(REINDEX) is bench.jobs.latest(EMBEDDING) is None
    job_id = bench.start()
    bench.ended(job_id)
    latest = bench.jobs.latest(REINDEX)
    assert latest is not None
    assert latest.id == job_id
    assert bench.jobs.latest(EMBEDDING) is None
