"""Indexing beside a server in a process of its own: the interpreter and most of the processor stay with questions.

The process is started with the first order, does one after another, and ends when it was left idle for a minute, or
when the server is gone. What it does, ``app_index_process`` says; here is how the two talk.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import Empty, SimpleQueue
from typing import Any

import structlog

from bot.indexing_jobs import STOPPED_BY_EXIT, Listener, ReindexOptions, RunFailedError, StoppedError
from bot.state.jobs import JobProgress

IDLE_SECONDS = 60.0
# Below whoever started it: a tenth of a processor that they want as well, all of one that nobody wants.
NICENESS = 10
# How long a run that was told to stop may go on: a batch of passages takes a second or two, a fold some more.
STOP_SECONDS = 30.0
# How long the process goes on without its server before it ends itself, wherever it is.
_ORPHAN_SECONDS = 10.0
_LOOK_SECONDS = 0.25
_SAY_AGAIN_SECONDS = 1.0
_STOP = "stop"
_DIED = "索引进程意外结束（{how}；信号 9 常因内存不足）。原索引仍在使用，已算好的向量都保留，请重新运行。"


@dataclass(frozen=True, slots=True)
class Order:
    """A re-index with ``options``, or, without, the filling in of missing vectors."""

    options: ReindexOptions | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """How an order ended well: the report."""

    report: dict[str, object]


@dataclass(frozen=True, slots=True)
class Failed:
    """How an order failed, in words for people, with the report that belongs to it."""

    words: str
    report: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The order was stopped as asked."""


Carry = Callable[[Order, Listener], dict[str, object]]
Serve = Callable[[Connection], None]


class IndexProcess:
    """The server's side. Thread-safe; one order at a time, others wait for their turn.

    ``serve`` runs in the other process, which has nothing of this one's: it must be found by its name there.
    """

    def __init__(self, serve: Serve, *, stop_seconds: float = STOP_SECONDS) -> None:
        self._serve = serve
        self._stop_seconds = stop_seconds
        self._turn = threading.Lock()
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._closed = False
        self._log = structlog.get_logger(__name__)

    @property
    def pid(self) -> int | None:
        """Of the process; None where there is none, as far as is known here."""
        return None if self._process is None else self._process.pid

    def run(self, order: Order, listener: Listener) -> dict[str, object]:
        """Have an order carried out; its report.

        Raises: RunFailedError; what the listener raises, to stop, after the run has stopped.
        """
        with self._in_turn(listener):
            while True:
                connection = self._send(order)
                try:
                    return self._follow(connection, listener)
                except (EOFError, OSError):
                    code = self._gone()
                if self._closed:
                    raise RunFailedError(STOPPED_BY_EXIT)
                if code != 0:
                    how = f"信号 {-code}" if code < 0 else f"退出码 {code}"
                    raise RunFailedError(_DIED.format(how=how))
                # It ended for want of orders just as this one came.

    @contextmanager
    def _in_turn(self, listener: Listener) -> Iterator[None]:
        while not self._turn.acquire(timeout=_LOOK_SECONDS):
            listener(JobProgress(0, 0, "waiting"))
        try:
            yield
        finally:
            self._turn.release()

    def _send(self, order: Order) -> Connection:
        """To the process that is there, or to a new one where it has ended or is just about to."""
        if self._connection is not None:
            try:
                self._connection.send(order)
                return self._connection
            except OSError:
                self._gone()
        # A copy of this process would have its threads' locks, in whatever state they are.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=self._serve, args=(theirs,), name="yiju-index", daemon=True)
        process.start()
        theirs.close()
        self._process, self._connection = process, ours
        self._log.info("index_process_started", pid=process.pid)
        ours.send(order)
        return ours

    def _follow(self, connection: Connection, listener: Listener) -> dict[str, object]:
        progress, said = JobProgress(0, 0), time.monotonic()
        while True:
            if connection.poll(_LOOK_SECONDS):
                news = connection.recv()
                if not isinstance(news, JobProgress):
                    return self._ended(news)
                progress = news
            elif time.monotonic() - said < _SAY_AGAIN_SECONDS:
                continue
            said = time.monotonic()
            try:
                listener(progress)
            except BaseException:
                report = self._stop(connection)
                if report is not None:
                    return report
                raise

    def _stop(self, connection: Connection) -> dict[str, object] | None:
        """Have the run stop, or end the process; the report where it was just done."""
        end = time.monotonic() + self._stop_seconds
        try:
            connection.send(_STOP)
            while connection.poll(max(0.0, end - time.monotonic())):
                news = connection.recv()
                if isinstance(news, Done):
                    return news.report
                if not isinstance(news, JobProgress):
                    return None
        except (EOFError, OSError):
            pass
        # Nothing is lost by it: whatever is written is written beside the old and renamed.
        self._gone()
        return None

    def _ended(self, news: Any) -> dict[str, object]:
        if isinstance(news, Done):
            return news.report
        if isinstance(news, Failed):
            raise RunFailedError(news.words, news.report)
        raise RunFailedError(f"索引进程的回复无法理解：{type(news).__name__}")

    def _gone(self) -> int:
        """Put away a process that does not answer any more, or shall not; its exit code, minus the signal's number."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if process is None or connection is None:
            return 0
        connection.close()
        process.join(_LOOK_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
        code = process.exitcode or 0
        process.close()
        self._log.info("index_process_ended", exit_code=code)
        return code

    def close(self) -> None:
        """End the process. What it was doing is lost but for what it keeps as it goes."""
        self._closed = True
        self._gone()


class Orders:
    """The other side: orders as they come, and whether the one that runs is to stop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._stop = threading.Event()
        threading.Thread(target=self._listen, name="orders", daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                said = self._connection.recv()
            except (EOFError, OSError):
                self._stop.set()
                self._orders.put(None)
                time.sleep(_ORPHAN_SECONDS)
                os._exit(1)
            if said == _STOP:
                self._stop.set()
            else:
                self._stop.clear()
                self._orders.put(said)

    def carry_out(self, carry: Carry, words_for: Callable[[Exception], Failed], *, idle_seconds: float) -> None:
        """One order after the other; returns when none comes for ``idle_seconds``, or the server is gone."""
        while True:
            try:
                order = self._orders.get(timeout=idle_seconds)
            except Empty:
                return
            if order is None:
                return
            try:
                end: Done | Failed | Stopped = Done(carry(order, self._listen_to))
            except StoppedError:
                end = Stopped()
            except Exception as error:  # noqa: BLE001 - the end of a run: whatever happened must reach the job
                structlog.get_logger(__name__).warning("index_run_failed", exc_info=error)
                end = words_for(error)
            try:
                self._connection.send(end)
            except OSError:
                # The server is gone.
                return

    def _listen_to(self, progress: JobProgress) -> None:
        if self._stop.is_set():
            raise StoppedError(None)
        self._connection.send(progress)


def be_in_the_background() -> None:
    """Let others go first, and leave Ctrl-C to the server.

    Not the scheduler's idle class: a neighbour that keeps the processor busy would stop indexing altogether.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lower_priority()


def lower_priority() -> None:
    """Let others go first: this process, threads to come included. For good, and further with each call."""
    os.nice(NICENESS)
