"""Blocking work off the event loop: a few threads, a bounded queue, and a clear refusal above it."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.channels.telegram_errors import BusyError

T = TypeVar("T")


class BoundedWorkers:
    """Runs calls in ``workers`` threads; at most ``max_waiting`` more wait. Context variables go along."""

    def __init__(self, *, workers: int, max_waiting: int) -> None:
        self._capacity = workers + max_waiting
        self._pending = 0
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="telegram")

    async def run(self, call: Callable[[], T]) -> T:
        """The call's result. Raises: BusyError: too many are waiting already; and whatever the call raises."""
        if self._pending >= self._capacity:
            raise BusyError(
                f"{self._pending} calls are waiting or running, at most {self._capacity} may; try again later"
            )
        self._pending += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, contextvars.copy_context().run, call)
        # Counted until the thread is done, also where the waiting task is cancelled before.
        future.add_done_callback(self._finished)
        return await asyncio.shield(future)

    def close(self) -> None:
        """Let running calls end and drop those that have not begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _finished(self, _: asyncio.Future[T]) -> None:
        self._pending -= 1
