"""The process that indexes beside a server: what it is told, what it tells, and how either outlives the other's end."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator

import pytest

from bot.index_process import NICENESS, IndexProcess, Order
from bot.indexing_jobs import STOPPED_BY_EXIT, ReindexOptions, RunFailedError, StoppedError
from bot.state.jobs import JobProgress
from tests.bot.index_process_serves import serve, serve_briefly

FAILS, DIES, GOES_ON, HANGS = (
    Order(ReindexOptions(full=True)),
    Order(ReindexOptions(dry_run=True)),
    Order(ReindexOptions(allow_mass_removal=True)),
    Order(ReindexOptions(embed=False)),
)


READING = JobProgress(1, 2, "reading")


@pytest.fixture(scope="module")
def shared() -> Iterator[IndexProcess]:
    process = IndexProcess(serve)
    yield process
    process.close()


def unheard(_: JobProgress) -> None:
    """A listener that wants nothing."""


def test_an_order_is_carried_out_in_another_process_of_lower_priority(shared: IndexProcess) -> None:
    heard: list[JobProgress] = []
    report = shared.run(Order(), heard.append)
    assert report["pid"] != os.getpid()
    assert report["nice"] == min(19, os.nice(0) + NICENESS)
    assert heard[-1] == READING


def test_the_process_is_kept_for_the_next_order(shared: IndexProcess) -> None:
    assert shared.run(Order(), unheard)["pid"] == shared.run(Order(), unheard)["pid"]


def test_a_failure_comes_back_in_words_with_its_report(shared: IndexProcess) -> None:
    with pytest.raises(RunFailedError, match="没有成功：满了") as failed:
        shared.run(FAILS, unheard)
    assert failed.value.report == {"gate": None}
    assert "pid" in shared.run(Order(), unheard)


def test_a_run_stops_when_its_listener_raises_and_the_process_stays(shared: IndexProcess) -> None:
    def stop(progress: JobProgress) -> None:
        if progress.phase == "writing":
            raise StoppedError("somebody")

    before = shared.run(Order(), unheard)["pid"]
    with pytest.raises(StoppedError):
        shared.run(GOES_ON, stop)
    assert shared.run(Order(), unheard)["pid"] == before


def test_a_process_that_dies_fails_the_run_and_is_replaced(shared: IndexProcess) -> None:
    before = shared.run(Order(), unheard)["pid"]
    with pytest.raises(RunFailedError, match="信号 9"):
        shared.run(DIES, unheard)
    assert shared.run(Order(), unheard)["pid"] != before


def test_a_process_that_does_not_stop_is_ended() -> None:
    def stop(progress: JobProgress) -> None:
        if progress == READING:
            raise StoppedError(None)

    process = IndexProcess(serve, stop_seconds=0.2)
    with pytest.raises(StoppedError):
        process.run(HANGS, stop)
    assert process.pid is None
    process.close()


def test_a_listener_hears_of_silence_so_that_it_can_stop_it() -> None:
    heard: list[JobProgress] = []

    def stop_the_second_time(progress: JobProgress) -> None:
        heard.append(progress)
        if heard.count(READING) == 2:
            raise StoppedError(None)

    process = IndexProcess(serve, stop_seconds=0.1)
    with pytest.raises(StoppedError):
        process.run(HANGS, stop_the_second_time)
    assert heard[-2:] == [READING] * 2


def test_a_process_that_ended_for_want_of_orders_is_started_anew() -> None:
    process = IndexProcess(serve_briefly)
    first = process.run(Order(), unheard)["pid"]
    assert isinstance(first, int)
    end = time.monotonic() + 30
    while multiprocessing.active_children() and _runs(first) and time.monotonic() < end:
        time.sleep(0.05)
    assert process.run(Order(), unheard)["pid"] != first
    process.close()


def test_orders_take_turns(shared: IndexProcess) -> None:
    phases: list[str | None] = []
    begun, stopped = threading.Event(), threading.Event()

    def until_told(progress: JobProgress) -> None:
        begun.set()
        if stopped.is_set():
            raise StoppedError(None)

    def waits(progress: JobProgress) -> None:
        phases.append(progress.phase)
        stopped.set()

    def first() -> None:
        with pytest.raises(StoppedError):
            shared.run(GOES_ON, until_told)

    thread = threading.Thread(target=first)
    thread.start()
    assert begun.wait(30)
    shared.run(Order(), waits)
    thread.join()
    assert phases[0] == "waiting"
    assert phases[-1] == "reading"


def _runs(pid: int) -> bool:
    return any(child.pid == pid for child in multiprocessing.active_children())


def test_a_run_whose_server_stops_fails_without_a_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    process, running, failures = IndexProcess(serve), threading.Event(), list[RunFailedError]()

    def run() -> None:
        try:
            process.run(GOES_ON, lambda _: running.set())
        except RunFailedError as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert running.wait(30)
    process.close()
    thread.join(30)
    assert [str(each) for each in failures] == [STOPPED_BY_EXIT]
    assert "Traceback" not in capfd.readouterr().err
