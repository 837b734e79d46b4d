"""How far an answer is, in the words of who waits for it: heard from the stages that its question goes through."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum

from retrieval.stages import COMPOSE, READ, SEARCH, watched_by


class Stage(StrEnum):
    """What is being done for an answer."""

    SEARCHING = "searching"
    READING = "reading"
    COMPOSING = "composing"


_SAID = {SEARCH: Stage.SEARCHING, READ: Stage.READING, COMPOSE: Stage.COMPOSING}
Listener = Callable[[Stage], None]


class _Heard:
    """Tells when a stage begins."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def stage(self, name: str) -> AbstractContextManager[object]:
        said = _SAID.get(name)
        if said is not None:
            self._listener(said)
        return nullcontext()


def heard_by(listener: Listener) -> AbstractContextManager[None]:
    """Within the block, and in work started from it, stages are told to ``listener``, from whichever thread."""
    return watched_by(_Heard(listener))
