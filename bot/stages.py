"""How far an answer is: said by whoever answers, heard by whoever waits, threads and layers apart.

It travels in the context, as the actor of the audit does: nothing between the two has to hand it on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum


class Stage(StrEnum):
    """What is being done for an answer."""

    SEARCHING = "searching"
    READING = "reading"
    COMPOSING = "composing"


Listener = Callable[[Stage], None]
_listener: ContextVar[Listener | None] = ContextVar("stage_listener", default=None)


def entering(stage: Stage) -> None:
    """Say that a stage begins; costs next to nothing where nobody listens."""
    listener = _listener.get()
    if listener is not None:
        listener(stage)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Within the block, and in work started from it, stages are told to ``listener``, from whichever thread."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
