"""Deletes what was kept long enough: at start, then daily, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.state.conversations import now_utc
from corpus.errors import StoreError

EVERY_SECONDS = 24 * 3600.0
Prune = Callable[[datetime], int]


class Retention:
    """``prunes`` by name: each deletes what is older than the moment it is given. ``days`` 0: kept for ever."""

    def __init__(
        self,
        prunes: Mapping[str, Prune],
        *,
        days: int,
        clock: Callable[[], datetime] = now_utc,
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        self._prunes = prunes
        self._days = days
        self._clock = clock
        self._every_seconds = every_seconds
        self._log = structlog.get_logger(__name__)
        self._ending = threading.Event()

    def start(self) -> None:
        """Prune now and from now on daily; nothing where all is kept."""
        if self._days:
            threading.Thread(target=self._run, name="yiju-retention", daemon=True).start()

    def close(self) -> None:
        """Prune no more."""
        self._ending.set()

    def prune(self) -> dict[str, int]:
        """Delete what is old; how much of each. What cannot be pruned is logged and left for the next time."""
        if not self._days:
            return {}
        before = self._clock() - timedelta(days=self._days)
        deleted: dict[str, int] = {}
        for name, prune in self._prunes.items():
            try:
                deleted[name] = prune(before)
            except StoreError as error:
                self._log.warning("not_pruned", kept=name, reason=str(error))
        if any(deleted.values()):
            self._log.info("pruned", days=self._days, **deleted)
        return deleted

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self.prune()
            except Exception as error:  # noqa: BLE001 - it must go on; the log says what was wrong
                self._log.warning("retention_failed", exc_info=error)
            self._ending.wait(self._every_seconds)
