"""The answer object of the contract as plain data. The wire models and the renderers are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Outcome(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    NOT_FOUND = "not_found"
    CHAT = "chat"


class SuggestionKind(StrEnum):
    """What a suggestion leads to."""

    QUESTION = "question"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """The answer's own words: ``text`` is the document's ``[start:end]`` (code points)."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that an answer rests on. All offsets count code points of the document's stored text."""

    number: int
    document_id: str
    document_title: str
    publisher: str | None
    published_at: date | None
    url: str | None
    source_path: str
    passage_id: str
    heading: str | None
    passage: str
    passage_start: int
    quote: str
    start: int
    end: int
    answer_spans: tuple[AnswerSpan, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another answer that another document gives to the same question, with the sentence that says so."""

    short_answer: str
    document_id: str
    document_title: str
    published_at: date | None
    passage_id: str
    quote: str
    start: int
    end: int
    publisher: str | None = None
    url: str | None = None
    source_path: str = ""
    passage_start: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to do next when, or after, an answer was (not) found."""

    kind: SuggestionKind
    text: str
    document_id: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question got. Not finding is a value, never an exception.

    ``ranking`` holds ``(document_id, passage_id)`` of the final ranking of distinct passages, best first, whatever the
    outcome; it is not on the wire, evaluation reads it. ``sources`` counts the documents that give the answer, those
    beyond the citations too; ``alternatives`` are the different answers of other documents, each once. ``embedded`` is
    the share (0 to 1) of the snapshot's passages that had a vector; None where nothing was searched. ``composed_by``
    names the language model that put ``text`` together; None where it is the documents' own words. ``labels``:
    those but ``public`` of the documents that it shows anything of; not on the wire, it says who may see it again.
    """

    answer_id: str
    conversation_id: str
    outcome: Outcome
    text: str
    short_answer: str | None
    confidence: float
    citations: tuple[Citation, ...]
    suggestions: tuple[Suggestion, ...]
    snapshot: str | None
    latency_ms: float
    ranking: tuple[tuple[str, str], ...] = ()
    sources: int = 0
    alternatives: tuple[Alternative, ...] = ()
    embedded: float | None = None
    composed_by: str | None = None
    labels: tuple[str, ...] = ()

    @property
    def document_ids(self) -> frozenset[str]:
        """The documents that it shows anything of."""
        cited = (citation.document_id for citation in self.citations)
        others = (alternative.document_id for alternative in self.alternatives)
        named = (suggestion.document_id for suggestion in self.suggestions if suggestion.document_id is not None)
        return frozenset((*cited, *others, *named))
