"""The audit trail as the rest of the bot writes it: who acts now, and what they did. It never stands in the way.

Who acts is known where a request comes in and needed where it is carried out, threads and layers below: it travels in
the context, as the request id of logs does.
"""

from __future__ import annotations

import functools
import getpass
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import structlog

from bot.answers import Answer
from bot.state.audit import QUESTION, AuditLog, Deed
from corpus.errors import StoreError

Parameters = ParamSpec("Parameters")
Service = TypeVar("Service", bound="Audited")
Ask = Callable[Concatenate[Service, str, Parameters], Answer]

FAILED = "failed"
# By the form of an actor's name, where the context says nothing.
_CHANNELS = {"telegram": "telegram", "key": "http", "cli": "cli"}
_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: ``telegram:ID``, ``key:ID``, ``local`` or ``cli:NAME``, and through which channel."""

    name: str
    channel: str

    @classmethod
    def named(cls, name: str) -> Actor:
        """The actor of that name, through the channel that such names come from."""
        return cls(name, _CHANNELS.get(name.partition(":")[0], "http"))


_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Within the block, whatever is done is done by this actor."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def local_person() -> Actor:
    """Who uses the command line."""
    try:
        return Actor(f"cli:{getpass.getuser()}", "cli")
    except (KeyError, OSError):  # a container's user may have no name
        return Actor("cli", "cli")


class Trail:
    """Writes to the audit. Thread-safe. What cannot be kept is logged, and what was done goes on.

    ``counted`` learns of every question, kept or not.
    """

    def __init__(self, log: AuditLog, *, counted: Callable[[Deed], None] = lambda _: None) -> None:
        self._audit = log
        self._counted = counted

    def record(self, by: str, action: str, detail: str = "") -> None:
        """Keep that ``by`` (an actor's name) did something."""
        actor = Actor.named(by)
        _LOG.info("audit", actor=actor.name, action=action)
        self._keep(Deed(actor.name, actor.channel, action, detail))

    def asked(self, question: str, answer: Answer, *, owner: str) -> None:
        """Keep a question with its outcome; asked by who acts now, else by the owner of the conversation."""
        actor = _actor.get() or Actor.named(owner)
        deed = Deed(
            actor=actor.name,
            channel=actor.channel,
            action=QUESTION,
            detail=question,
            place=owner,
            outcome=str(answer.outcome),
            sources=tuple(dict.fromkeys(citation.document_id for citation in answer.citations)),
            answer_id=answer.answer_id,
            latency_ms=answer.latency_ms,
        )
        self._counted(deed)
        self._keep(deed)

    def asked_in_vain(self, question: str, error: Exception, *, owner: str, latency_ms: float) -> None:
        """Keep a question that ended in an error."""
        actor = _actor.get() or Actor.named(owner)
        outcome = f"{FAILED}: {type(error).__name__}"
        deed = Deed(actor.name, actor.channel, QUESTION, question, owner, outcome, latency_ms=round(latency_ms, 1))
        self._counted(deed)
        self._keep(deed)

    def _keep(self, deed: Deed) -> None:
        try:
            self._audit.add(deed)
        except StoreError as error:
            _LOG.warning("audit_not_kept", action=deed.action, actor=deed.actor, reason=str(error))


class Audited(Protocol):
    """Something that answers questions and has a trail."""

    @property
    def trail(self) -> Trail:
        """Where its questions are kept."""
        ...


def audited(ask: Ask[Service, Parameters]) -> Ask[Service, Parameters]:
    """The same method, with each question and its outcome, an error too, in the audit.

    Nothing is kept where the keyword ``owner`` is None or left out: nobody asks then.
    """

    @functools.wraps(ask)
    def asked(self: Service, question: str, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        started, owner = time.perf_counter(), kwargs.get("owner")
        if not isinstance(owner, str):
            return ask(self, question, *args, **kwargs)
        try:
            answer = ask(self, question, *args, **kwargs)
        except Exception as error:
            latency_ms = (time.perf_counter() - started) * 1000
            self.trail.asked_in_vain(question, error, owner=owner, latency_ms=latency_ms)
            raise
        self.trail.asked(question, answer, owner=owner)
        return answer

    return asked
