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
        self.capacity = workers + waiting
        self._busy = 0
        self._count = threading.Lock()

    @property
    def busy(self) -> int:
        """How much work is done now or waits in line, of at most ``capacity``."""
        return self._busy

    async def run(self, work: Callable[[], Result]) -> Result:
        """The result of ``work``, run in a thread with the caller's context (request id).

        Raises: BusyError: no worker and no place in line is free; and whatever ``work`` raises.
        """
        with self._count:
            if self._busy >= self.capacity:
                raise BusyError(f"已有 {self.capacity} 个请求在处理或排队，达到上限。")
            self._busy += 1
        try:
            future = self._executor.submit(contextvars.copy_context().run, work)
        except BaseException:
            self._release()
            raise
        # Freed when the thread is done, not when the waiting request gives up.
        future.add_done_callback(self._release)
        return await asyncio.wrap_future(future)

    def _release(self, _: Future[Result] | None = None) -> None:
        with self._count:
            self._busy -= 1

    def close(self) -> None:
        """Let running work finish and take no more; work still in line is dropped."""
        self._executor.shutdown(wait=False, cancel_futures=True)
