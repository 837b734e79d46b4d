"""Stands for the service while it is being loaded: refuses with the reason, then passes everything on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.answers import Answer, Outcome
from bot.earlier import Exchange
from bot.errors import NotReadyError
from bot.passage_view import PassageView
from bot.service import QAService
from bot.state.answers import SavedAnswer
from corpus.visibility import PUBLIC_ONLY, Clearance


@dataclass(frozen=True, slots=True)
class Serving:
    """The snapshot that answers now, and the share of its passages that have a vector, 0 to 1."""

    snapshot: str
    embedded: float


class Gate:
    """A service that opens once. Thread-safe."""

    def __init__(self, reason: str) -> None:
        self._reason = reason
        self._lock = threading.Lock()
        self._opened: tuple[QAService, Callable[[], Serving]] | None = None

    def open(self, service: QAService, serving: Callable[[], Serving]) -> None:
        """From now on questions are answered; ``serving`` raises while there is no index that can be used."""
        with self._lock:
            self._opened = (service, serving)

    def ready(self) -> Serving:
        """What serves. Raises: NotReadyError, SnapshotError: why nothing can be answered yet."""
        return self._parts()[1]()

    def ask(
        self,
        question: str,
        *,
        owner: str,
        conversation_id: str | None = None,
        top_k: int = 5,
        follows: str | None = None,
        replaces: str | None = None,
        clearance: Clearance = PUBLIC_ONLY,
        earlier: Sequence[Exchange] | None = None,
    ) -> Answer:
        """As ``QAService.ask``. Raises: NotReadyError."""
        return self._parts()[0].ask(
            question,
            owner=owner,
            conversation_id=conversation_id,
            top_k=top_k,
            follows=follows,
            replaces=replaces,
            clearance=clearance,
            earlier=earlier,
        )

    def preview(self, question: str, *, owner: str | None = None, clearance: Clearance = PUBLIC_ONLY) -> Answer:
        """As ``QAService.preview``. Raises: NotReadyError."""
        return self._parts()[0].preview(question, owner=owner, clearance=clearance)

    def answer(self, answer_id: str, *, owner: str, clearance: Clearance = PUBLIC_ONLY) -> SavedAnswer:
        """As ``QAService.answer``. Raises: NotReadyError."""
        return self._parts()[0].answer(answer_id, owner=owner, clearance=clearance)

    def last_answer(
        self, conversation_id: str, *, owner: str, clearance: Clearance = PUBLIC_ONLY
    ) -> SavedAnswer | None:
        """As ``QAService.last_answer``. Raises: NotReadyError."""
        return self._parts()[0].last_answer(conversation_id, owner=owner, clearance=clearance)

    def passage(self, passage_id: str, *, clearance: Clearance = PUBLIC_ONLY) -> PassageView:
        """As ``QAService.passage``. Raises: NotReadyError."""
        return self._parts()[0].passage(passage_id, clearance=clearance)

    def feedback(
        self, answer_id: str, *, owner: str, rating: str, reason: str | None = None, comment: str | None = None
    ) -> Outcome:
        """As ``QAService.feedback``. Raises: NotReadyError."""
        return self._parts()[0].feedback(answer_id, owner=owner, rating=rating, reason=reason, comment=comment)

    def _parts(self) -> tuple[QAService, Callable[[], Serving]]:
        with self._lock:
            if self._opened is None:
                raise NotReadyError(self._reason)
            return self._opened
