"""From a question that is complete to an answer with its evidence: searched, read, composed.

Knows no conversation and keeps nothing; the service answers people with it, the gate of a switch compares snapshots.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.answering.composing import Composed, compose
from bot.answering.evidence import beside
from bot.answering.followups import completed
from bot.answering.language import question_language
from bot.answers import Citation
from retrieval.hits import Hit, Reader, Reading, TermStatistics
from retrieval.stages import COMPOSE, READ, SEARCH, stage

MAX_QUESTION_CHARS = 2000
_MOST_FURTHER = 4
_log = logging.getLogger(__name__)


class Session(Protocol):
    """One snapshot held for one question."""

    @property
    def snapshot_id(self) -> str:
        """Names the snapshot."""
        ...

    @property
    def embedded(self) -> float:
        """The share of its passages that have a vector, 0 to 1."""
        ...

    @property
    def statistics(self) -> TermStatistics:
        """How rare terms are in it."""
        ...

    def search(self, question: str, *, top_k: int) -> list[Hit]:
        """The best passages, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """How many passages are read for an answer, and from which probability on a reading is an answer."""

    passages_read: int = 8
    threshold: float = 0.5


@dataclass(frozen=True, slots=True)
class Response:
    """An answer without ids and times; ``ranking``: (document id, passage id) of distinct passages, best first.

    ``further``: other passages of the cited documents, for whoever puts the answer into more words.
    """

    composed: Composed
    ranking: tuple[tuple[str, str], ...]
    further: tuple[Citation, ...] = ()


class Responder:
    """Searches, reads and composes. Thread-safe as its reader is."""

    def __init__(self, reader: Reader, policy: Policy) -> None:
        self._reader = reader
        self._policy = policy

    def search(self, session: Session, resolved: str, *, top_k: int = 0) -> list[Hit]:
        """The passages for a question, at least as many as are read for its answer."""
        with stage(SEARCH):
            return session.search(resolved, top_k=max(top_k, self._policy.passages_read))

    def respond(self, question: str, resolved: str, hits: Sequence[Hit], statistics: TermStatistics) -> Response:
        """Read the passages and put an answer together; ``question`` as it was typed says its language."""
        with stage(READ):
            read = self._reader.read(resolved, hits[: self._policy.passages_read], statistics)
        language, threshold = question_language(question), self._policy.threshold
        with stage(COMPOSE):
            composed = compose(resolved, read, hits, threshold=threshold, language=language)
        if composed.blocked_numbers:
            _log.error("an answer was held back: %d numbers without evidence", len(composed.blocked_numbers))
        further = beside(read, composed.citations, _MOST_FURTHER) if composed.citations else ()
        return Response(composed, _ranking(read, hits), tuple(further))


def resolved_question(question: str, before: tuple[str, str | None] | None) -> str:
    """The question completed from the last one about the documents (resolved, and its short answer), if any.

    As asked where that would be too long: else a chain of follow-ups, each completed from the one before, would grow
    without end.
    """
    if before is None:
        return question
    resolved = completed(question, *before)
    return resolved if len(resolved) <= MAX_QUESTION_CHARS else question


def _ranking(read: Sequence[Reading], hits: Sequence[Hit]) -> tuple[tuple[str, str], ...]:
    """Distinct passages as the reader ranks them, then those it did not read as they were found."""
    ranked = [reading.hit for reading in read] + list(hits)
    return tuple(dict.fromkeys((hit.document.id, hit.passage.id) for hit in ranked))
