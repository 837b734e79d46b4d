"""Work off the event loop: a fixed number of threads and a bounded line, so that overload is refused, not piled up.

The line is fair: those who wait take turns, however much each of them has sent. Every channel that runs in an event
loop calls the service through one of these.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar

from bot.errors import BusyError

Result = TypeVar("Result")
_LONGEST_RETRY_SECONDS = 30
# How much the last piece of work counts in the average: some twenty of them are remembered.
_WEIGHT = 0.05


class Counts(Protocol):
    """Learns how the pool fares. Called from several threads."""

    def waited(self, pool: str, seconds: float) -> None:
        """Work left the line to be done."""
        ...

    def refused(self, pool: str, reason: str) -> None:
        """Work was not done: ``full``, ``displaced`` by that of somebody with less in line, or ``given_up``."""
        ...


@dataclass(slots=True, eq=False)
class _Job:
    asker: str
    work: Callable[[], Any]
    future: Future[Any] = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)


class WorkPool:
    """Runs synchronous work in threads; at most ``workers`` at once and ``waiting`` more in line."""

    def __init__(self, name: str, *, workers: int, waiting: int, counts: Counts | None = None) -> None:
        self.name = name
        self.capacity = workers + waiting
        self.running = 0
        self._workers = workers
        self._most_waiting = waiting
        self._counts = counts
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._lines: OrderedDict[str, deque[_Job]] = OrderedDict()
        self._guard = threading.RLock()
        self._usual_seconds = 0.1
        self._closed = False

    @property
    def waiting(self) -> int:
        """How much work stands in line."""
        with self._guard:
            return sum(map(len, self._lines.values()))

    @property
    def busy(self) -> int:
        """How much work is done now or waits in line, of at most ``capacity``."""
        with self._guard:
            return self.running + self.waiting

    async def run(self, work: Callable[[], Result], *, asker: str = "") -> Result:
        """The result of ``work``, run in a thread with the caller's context (request id).

        Those who wait take turns by ``asker``. Where the line is full, whoever has most in it loses the last of that to
        an asker who has less. Work that nobody waits for any more is not begun.
        Raises: BusyError: no worker and no place in line is free; and whatever ``work`` raises.
        """
        context = contextvars.copy_context()
        future: Future[Result] = self._admitted(_Job(asker, lambda: context.run(work)))
        return await asyncio.wrap_future(future)

    def _admitted(self, job: _Job) -> Future[Any]:
        displaced = None
        with self._guard:
            if self._closed:
                raise RuntimeError(f"the pool {self.name} is closed")
            if self.running >= self._workers and self.waiting >= self._most_waiting:
                displaced = self._displaced_by(job.asker)
                if displaced is None:
                    self._count_refused("full")
                    raise self._busy_error()
            if self.running < self._workers:
                self.running += 1
                self._executor.submit(self._work_off, job)
            else:
                self._lines.setdefault(job.asker, deque()).append(job)
                job.future.add_done_callback(lambda _: self._leave(job))
        if displaced is not None:
            self._count_refused("displaced")
            if displaced.future.set_running_or_notify_cancel():
                displaced.future.set_exception(self._busy_error())
        return job.future

    def _displaced_by(self, asker: str) -> _Job | None:
        """The last work of whoever has most in line, out of it; None where nobody has two more than this asker."""
        longest = max(self._lines.values(), key=len, default=None)
        if longest is None or len(longest) < len(self._lines.get(asker, ())) + 2:
            return None
        return self._taken(longest, longest[-1])

    def _taken(self, line: deque[_Job], job: _Job) -> _Job:
        line.remove(job)
        if not line:
            self._lines.pop(job.asker, None)
        return job

    def _leave(self, job: _Job) -> None:
        """Whoever waited for work in line has gone."""
        with self._guard:
            line = self._lines.get(job.asker)
            if line is not None and job in line:
                self._taken(line, job)
                self._count_refused("given_up")

    def _work_off(self, first: _Job) -> None:
        job: _Job | None = first
        while job is not None:
            tell = self._done(job) if job.future.set_running_or_notify_cancel() else None
            # Before it is told: whoever learns of it finds this worker free.
            following = self._next()
            if tell is not None:
                tell()
            job = following

    def _done(self, job: _Job) -> Callable[[], None]:
        """Do the work. Returns: what tells the result to whoever waits for it."""
        started = time.monotonic()
        if self._counts is not None:
            self._counts.waited(self.name, started - job.since)
        try:
            result = job.work()
        except BaseException as error:  # noqa: BLE001 - whoever waits for it gets it
            return partial(job.future.set_exception, error)
        finally:
            self._usual_seconds += _WEIGHT * (time.monotonic() - started - self._usual_seconds)
        return partial(job.future.set_result, result)

    def _next(self) -> _Job | None:
        """The first work of the asker whose turn it is; none: this worker stops."""
        with self._guard:
            if not self._lines:
                self.running -= 1
                return None
            asker, line = next(iter(self._lines.items()))
            self._lines.move_to_end(asker)
            return self._taken(line, line[0])

    def _busy_error(self) -> BusyError:
        seconds = self._usual_seconds * self.capacity / self._workers
        return BusyError(
            f"已有 {self.capacity} 个请求在处理或排队，达到上限。",
            retry_after_seconds=min(_LONGEST_RETRY_SECONDS, max(1, round(seconds))),
        )

    def _count_refused(self, reason: str) -> None:
        if self._counts is not None:
            self._counts.refused(self.name, reason)

    def close(self) -> None:
        """Let running work finish and take no more; work still in line is dropped."""
        with self._guard:
            self._closed = True
            dropped = [job for line in self._lines.values() for job in line]
            self._lines.clear()
        for job in dropped:
            job.future.cancel()
        self._executor.shutdown(wait=False)
