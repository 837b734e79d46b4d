"""The stages that a question goes through, told to whoever wants to know: how long each takes, how far an answer is.

Who watches travels in the context, as the request id of logs does, so no signature between them has to name it.
Without a watch a stage costs one look into the context.
"""

from __future__ import annotations

import contextvars
import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Concatenate, ParamSpec, Protocol, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Service = TypeVar("Service", bound="Watched")

CONVERSATION, SEARCH, EMBED, DENSE, LEXICAL = "conversation", "search", "embed", "dense", "lexical"
FUSE, LOAD, READ, COMPOSE, KEEP, TOTAL = "fuse", "load", "read", "compose", "keep", "total"
# In the order in which a question goes through them: those from ``EMBED`` to ``LOAD`` are the search, its two sides at
# the same time; then all of it.
STAGES = (CONVERSATION, SEARCH, EMBED, DENSE, LEXICAL, FUSE, LOAD, READ, COMPOSE, KEEP, TOTAL)

_NOTHING: AbstractContextManager[object] = nullcontext()


class StageWatch(Protocol):
    """Learns when a stage begins and ends. Called from several threads."""

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Entered when the stage begins, left when it ends, by an error too."""
        ...


_watches: contextvars.ContextVar[tuple[StageWatch, ...]] = contextvars.ContextVar("stage_watches", default=())


def stage(name: str) -> AbstractContextManager[object]:
    """What is done in the block is that stage of the question."""
    watches = _watches.get()
    if not watches:
        return _NOTHING
    return watches[0].stage(name) if len(watches) == 1 else _told_to_all(watches, name)


@contextmanager
def watched_by(watch: StageWatch | None) -> Iterator[None]:
    """Within the block the stages are told to ``watch`` too, after those who watch already; None: to nobody more."""
    watches = _watches.get()
    token = _watches.set(watches if watch is None or watch in watches else (*watches, watch))
    try:
        yield
    finally:
        _watches.reset(token)


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


@contextmanager
def _told_to_all(watches: Sequence[StageWatch], name: str) -> Iterator[None]:
    with ExitStack() as stack:
        for watch in watches:
            stack.enter_context(watch.stage(name))
        yield
