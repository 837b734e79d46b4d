"""When work may go on: embedding not while it is paused, and nothing for long while a question is being answered.

Other writers are let in too: a run that only fills in vectors gives the index away when another one asks for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from retrieval.index_lock import HeldLock
from retrieval.index_report import IndexProgress, Phase, ProgressListener
from retrieval.pausing import paused
from retrieval.yielding import Courtesy, QuestionClock

PAUSED_PHASE = "paused"
_LOOK_SECONDS = 0.2
_HURRY_SECONDS = 0.25


class WantedElsewhereError(Exception):
    """Another run waits for the index. Never leaves this package: filling ends, nothing is lost."""


class Pace:
    """Asked before every batch of passages."""

    def __init__(
        self,
        index_dir: Path,
        clock: QuestionClock,
        lock: HeldLock,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._index_dir = index_dir
        self._clock = clock
        self._lock = lock
        self._sleep = sleep
        self._gives_way = False

    def give_way(self) -> None:
        """From now on other runs may have the index: what is left can be done by any later one."""
        self._gives_way = True
        self._lock.offer()

    def wait(self, phase: Phase) -> None:
        """Return when the next batch may be embedded. A pause is told to the listener, who may raise to stop.

        Raises: WantedElsewhereError: after ``give_way``, where another run waits.
        """
        self._look()
        while self.is_paused():
            phase.rest(PAUSED_PHASE)
            self._sleep(_LOOK_SECONDS)
            self._look()
        self._clock.wait_for_quiet()

    def hurry(self, phase: Phase) -> None:
        """The same for the few passages that somebody waits for: a question goes first, but not for long."""
        del phase
        self._clock.wait_for_quiet(_HURRY_SECONDS)

    def polite(self, listener: ProgressListener) -> ProgressListener:
        """The listener; after each sign of progress questions that are being answered go first."""
        courtesy = Courtesy(self._clock)

        def listen(progress: IndexProgress, /) -> None:
            listener(progress)
            courtesy.wait()

        return listen

    def is_paused(self) -> bool:
        """Whether an administrator has asked that nothing is embedded in the background."""
        return paused(self._index_dir) is not None

    def is_wanted(self) -> bool:
        """Whether another run waits for the index."""
        return self._lock.is_wanted()

    def _look(self) -> None:
        if self._gives_way and self.is_wanted():
            raise WantedElsewhereError
