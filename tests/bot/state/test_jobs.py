"""Jobs: one of a kind at a time, kept with how they ended, and told as failed when their process is gone."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from sqlalchemy import Engine

from bot.errors import JobConflictError
from bot.state.jobs import JobProgress, Jobs
from bot.state.processes import ProcessMark, is_alive, this_process
from bot.state.store import StateStore
from tests.bot.state.conftest import Clock

REPORT = {"snapshot": "s1", "documents": {"added": 3}, "files": [{"path": "镇/年.txt", "documents": 3}]}


def test_the_life_of_a_job(state: StateStore, clock: Clock) -> None:
    job_id = state.jobs.begin("reindex", started_by="key:a")
    begun = state.jobs.get(job_id)
    assert begun is not None
    assert (begun.kind, begun.state, begun.done, begun.total) == ("reindex", "running", 0, 0)
    assert (begun.report, begun.error, begun.started_by, begun.created_at) == (None, None, "key:a", clock.now)
    state.jobs.progress(job_id, JobProgress(5, 20, "embedding", 2.5, 6.0))
    running = state.jobs.get(job_id)
    assert running is not None
    assert (running.state, running.done, running.total) == ("running", 5, 20)
    assert (running.phase, running.rate, running.eta_seconds) == ("embedding", 2.5, 6.0)
    state.jobs.succeed(job_id, REPORT)
    done = state.jobs.get(job_id)
    assert done is not None
    assert (done.state, done.report, done.error) == ("succeeded", REPORT, None)
    assert (done.done, done.total, done.eta_seconds) == (20, 20, None)


def test_a_failed_job_says_why(state: StateStore) -> None:
    job_id = state.jobs.begin("reindex", started_by="local")
    state.jobs.fail(job_id, "磁盘已满。")
    state.jobs.progress(job_id, JobProgress(9, 9))
    failed = state.jobs.latest("reindex")
    assert failed is not None
    assert (failed.id, failed.state, failed.error, failed.done) == (job_id, "failed", "磁盘已满。", 0)


def test_a_running_job_is_asked_to_stop_and_hears_it_with_its_progress(state: StateStore, engine: Engine) -> None:
    job_id = state.jobs.begin("reindex", started_by="local")
    assert state.jobs.progress(job_id, JobProgress(1, 9)) is None
    assert Jobs(engine).ask_to_stop(job_id, "telegram:7")
    assert state.jobs.progress(job_id, JobProgress(2, 9)) == "telegram:7"
    state.jobs.fail(job_id, "已停止。")
    assert not state.jobs.ask_to_stop(job_id, "local")
    assert not state.jobs.ask_to_stop("job_x", "local")


def test_an_unknown_job_is_none(state: StateStore) -> None:
    assert state.jobs.get("job_x") is None
    assert state.jobs.latest("reindex") is None


def test_a_second_job_of_a_kind_is_refused_naming_the_first(state: StateStore) -> None:
    first = state.jobs.begin("reindex", started_by="local")
    with pytest.raises(JobConflictError, match=first) as caught:
        state.jobs.begin("reindex", started_by="local")
    assert caught.value.job_id == first
    state.jobs.begin("export", started_by="local")
    state.jobs.succeed(first, {})
    second = state.jobs.begin("reindex", started_by="local")
    latest = state.jobs.latest("reindex")
    assert latest is not None
    assert latest.id == second != first


def test_of_many_that_begin_at_once_one_does(state: StateStore) -> None:
    begun: list[str] = []
    refused: list[str] = []

    def begin() -> None:
        try:
            begun.append(state.jobs.begin("reindex", started_by="local"))
        except JobConflictError as error:
            refused.append(error.job_id)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(begun) == 1
    assert refused == begun * 7


def test_a_job_whose_process_was_killed_is_told_as_failed(state: StateStore, engine: Engine) -> None:
    code = (
        "import sys, time; from bot.state.jobs import Jobs; from corpus.database import open_database;"
        "print(Jobs(open_database(sys.argv[1])).begin('reindex', started_by='local'), flush=True); time.sleep(60)"
    )
    arguments = [sys.executable, "-c", code, engine.url.render_as_string(hide_password=False)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        job_id = process.stdout.readline().strip()
        job = state.jobs.get(job_id)
        assert job is not None
        assert job.state == "running"
        with pytest.raises(JobConflictError):
            state.jobs.begin("reindex", started_by="local")
        process.kill()
    failed = state.jobs.get(job_id)
    assert failed is not None
    assert failed.state == "failed"
    assert "进程已不在" in (failed.error or "")
    assert state.jobs.begin("reindex", started_by="local") != job_id


def jobs_of(engine: Engine, clock: Clock, alive: bool | None, pid: int = 1) -> Jobs:
    return Jobs(engine, clock=clock, process=ProcessMark("other", pid, "boot/1"), alive=lambda mark: alive)


def test_a_start_marks_what_dead_processes_left(state: StateStore, engine: Engine, clock: Clock) -> None:
    jobs_of(engine, clock, True).begin("reindex", started_by="local")
    state.jobs.begin("export", started_by="local")
    assert jobs_of(engine, clock, True).fail_abandoned() == 0
    assert jobs_of(engine, clock, False).fail_abandoned() == 2
    assert jobs_of(engine, clock, False).fail_abandoned() == 0


def test_a_job_of_another_machine_is_given_up_after_a_long_silence(
    state: StateStore, engine: Engine, clock: Clock
) -> None:
    elsewhere = jobs_of(engine, clock, None)
    job_id = elsewhere.begin("reindex", started_by="local")
    clock.turn(minutes=9)
    elsewhere.progress(job_id, JobProgress(1, 2))
    clock.turn(minutes=9)
    assert elsewhere.fail_abandoned() == 0
    clock.turn(minutes=2)
    assert elsewhere.fail_abandoned() == 1
    elsewhere.succeed(job_id, REPORT)  # it was only slow
    job = state.jobs.get(job_id)
    assert job is not None
    assert (job.state, job.error) == ("succeeded", None)


def test_a_process_knows_itself_and_not_its_successor() -> None:
    mine = this_process()
    assert ProcessMark.parse(mine.text()) == mine
    assert is_alive(mine) is True
    if mine.started:
        assert is_alive(ProcessMark(mine.host, mine.pid, "boot/0")) is False
    assert is_alive(ProcessMark("another-host", mine.pid, mine.started)) is None
    assert is_alive(ProcessMark(mine.host, mine.pid, "")) is True
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
        assert is_alive(ProcessMark(mine.host, ended.pid, "")) is False
