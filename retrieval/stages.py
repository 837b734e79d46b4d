"""The stages that a question goes through, told to whoever wants to know how long each takes. It measures nothing.

Who watches travels in the context, as the request id of logs does, so no signature between them has to name it.
Without a watch a stage costs one look into the context.
"""

from __future__ import annotations

import contextvars
import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Concatenate, ParamSpec, Protocol, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Service = TypeVar("Service", bound="Watched")

CONVERSATION, EMBED, DENSE, LEXICAL = "conversation", "embed", "dense", "lexical"
FUSE, LOAD, READ, COMPOSE, KEEP, TOTAL = "fuse", "load", "read", "compose", "keep", "total"
# In the order in which a question goes through them, the two sides of the search at the same time; then all of it.
STAGES = (CONVERSATION, EMBED, DENSE, LEXICAL, FUSE, LOAD, READ, COMPOSE, KEEP, TOTAL)

_NOTHING: AbstractContextManager[object] = nullcontext()


class StageWatch(Protocol):
    """Learns when a stage begins and ends. Called from several threads."""

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Entered when the stage begins, left when it ends, by an error too."""
        ...


_watch: contextvars.ContextVar[StageWatch | None] = contextvars.ContextVar("stage_watch", default=None)


def stage(name: str) -> AbstractContextManager[object]:
    """What is done in the block is that stage of the question."""
    watch = _watch.get()
    return _NOTHING if watch is None else watch.stage(name)


@contextmanager
def watched_by(watch: StageWatch | None) -> Iterator[None]:
    """Within the block the stages are told to ``watch``; None: to nobody."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


class Watched(Protocol):
    """Something whose work goes through stages, and who watches it."""

    @property
    def watch(self) -> StageWatch | None:
        """None: nobody."""
        ...


def watched(
    method: Callable[Concatenate[Service, Parameters], Result],
) -> Callable[Concatenate[Service, Parameters], Result]:
    """The same method, told to the watch of its object from the first stage to the last, and as a whole."""

    @functools.wraps(method)
    def seen(self: Service, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with watched_by(self.watch), stage(TOTAL):
            return method(self, *args, **kwargs)

    return seen


def in_context(work: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The same work for another thread, where it is watched as it would be here."""
    context = contextvars.copy_context()

    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        return context.run(work, *args, **kwargs)

    return run
