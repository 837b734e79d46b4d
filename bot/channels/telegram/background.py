"""Work that nobody waits for: one piece at a time, dropped where there is too much of it and when the channel ends."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

_LOG = structlog.get_logger(__name__)


class Background:
    """One piece of work after the other; at most ``waiting`` in line."""

    def __init__(self, *, waiting: int = 16) -> None:
        self._most = waiting + 1
        self._turn = asyncio.Semaphore(1)
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it when the earlier ones are done; not at all where too many wait."""
        if len(self._tasks) >= self._most:
            work.close()
            return
        task = asyncio.ensure_future(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Drop what is not done."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            async with self._turn:
                await work
        except Exception as error:  # noqa: BLE001 - nobody waits for it, so nobody else would learn of it
            _LOG.warning("telegram_background_failed", exc_info=error)
        finally:
            work.close()
