"""Takes up embedding in the background when passages that serve have no vector yet and nothing speaks against it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from bot.errors import BotError
from bot.indexing_jobs import EMBEDDING, IndexingJobs
from corpus.errors import StoreError

CHECK_SECONDS = 2.0
# A re-index that embedding made way for, in another process, must get its turn.
AFTER_REINDEX_SECONDS = 10.0
# After a failure: doubled each time, up to the longest.
FIRST_RETRY_SECONDS = 30.0
LONGEST_RETRY_SECONDS = 3600.0
STARTED_BY = "server"


class EmbeddingFiller:
    """Looks every few seconds, in a thread of its own, from ``start`` to ``close``."""

    def __init__(
        self,
        jobs: IndexingJobs,
        serving: Callable[[], tuple[str, float] | None],
        *,
        check_seconds: float = CHECK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``serving``: the serving snapshot and the share of it that is embedded; None where there is none."""
        self._jobs = jobs
        self._serving = serving
        self._check_seconds = check_seconds
        self._clock = clock
        self._log = structlog.get_logger(__name__)
        self._ending = threading.Event()
        self._started: str | None = None
        self._retry_at = float("-inf")
        self._retry_seconds = FIRST_RETRY_SECONDS

    def start(self) -> None:
        """Look from now on."""
        threading.Thread(target=self._run, name="yiju-filler", daemon=True).start()

    def close(self) -> None:
        """Look no more; a job that runs is stopped by ``IndexingJobs.close``."""
        self._ending.set()

    def _run(self) -> None:
        while not self._ending.wait(self._check_seconds):
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - it must go on looking; the log says what was wrong
                self._log.warning("embedding_not_started", exc_info=error)

    def look(self) -> str | None:
        """Start a job where one is due; its id, or None."""
        serving = self._serving()
        if serving is None or serving[1] >= 1.0:
            return None
        self._learn_from_last(serving[0])
        if self._clock() < self._retry_at or self._jobs.held_back.is_set() or self._jobs.paused() is not None:
            return None
        try:
            self._started = self._jobs.start_embedding(started_by=STARTED_BY)
        except (BotError, StoreError) as error:
            # Another job runs, here or elsewhere, or the database is busy: there is a next time.
            self._log.debug("embedding_waits", reason=str(error))
            return None
        return self._started

    def _learn_from_last(self, serving: str) -> None:
        """Wait longer after each failure, and after a success that left the serving snapshot as it is."""
        last = self._jobs.latest(EMBEDDING) if self._started is not None else None
        if last is None or last.active or last.id != self._started:
            return
        self._started = None
        if last.stop_asked_by is not None:
            self._retry_at = self._clock() + AFTER_REINDEX_SECONDS
        elif last.state == "failed" or (last.report or {}).get("snapshot") == serving:
            self._retry_at = self._clock() + self._retry_seconds
            self._retry_seconds = min(2 * self._retry_seconds, LONGEST_RETRY_SECONDS)
        else:
            self._retry_seconds = FIRST_RETRY_SECONDS
