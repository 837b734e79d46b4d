"""Work off the event loop: a fixed number of threads and a bounded queue, so that overload is refused, not piled up.

Every channel that runs in an event loop calls the service through one of these.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from bot.errors import BusyError

Result = TypeVar("Result")


class WorkPool:
    """Runs synchronous work in threads; at most ``workers`` at once and ``waiting`` more in line."""

    def __init__(self, name: str, *, workers: int, waiting: int) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._capacity = workers + waiting
        self._free = threading.Semaphore(self._capacity)

    async def run(self, work: Callable[[], Result]) -> Result:
        """The result of ``work``, run in a thread with the caller's context (request id).

        Raises: BusyError: no worker and no place in line is free; and whatever ``work`` raises.
        """
        if not self._free.acquire(blocking=False):
            raise BusyError(f"已有 {self._capacity} 个请求在处理或排队，达到上限。")
        try:
            future = self._executor.submit(contextvars.copy_context().run, work)
        except BaseException:
            self._free.release()
            raise
        # Freed when the thread is done, not when the waiting request gives up.
        future.add_done_callback(self._release)
        return await asyncio.wrap_future(future)

    def _release(self, _: Future[Result]) -> None:
        self._free.release()

    def close(self) -> None:
        """Let running work finish and take no more; work still in line is dropped."""
        self._executor.shutdown(wait=False, cancel_futures=True)
