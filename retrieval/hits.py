"""What a search and a reading give, and the protocols of those who give it.

A stage adds a type: a search gives hits, a reader turns hits into readings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus.documents import Document, Passage


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that may hold the answer. ``rank`` counts from 1.

    ``score`` is the fused score that ranks. ``dense`` is the cosine of passage and question, None where the passage is
    not embedded yet; ``lexical`` is its BM25 score, None where it holds no term of the question.
    """

    passage: Passage
    document: Document
    score: float
    rank: int
    dense: float | None = None
    lexical: float | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A run of the document's text in code points: ``document.text[start:end]``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A hit that has been read.

    ``relevance`` ranks readings of one question against each other. ``evidence`` is the sentence (or neighbours) that
    supports; ``answer_spans`` are the answer's own words inside it, several for a list, () where no words answer.
    ``answer_score`` and ``no_answer_score`` are probabilities (0 to 1): the spans answer, the passage does not.
    """

    hit: Hit
    relevance: float
    evidence: Span
    answer_spans: tuple[Span, ...]
    answer_score: float
    no_answer_score: float


class TermStatistics(Protocol):
    """How rare a term is in the corpus that is being searched."""

    def idf(self, term: str) -> float:
        """Inverse document frequency of a folded term: >= 0, highest for a term that does not occur."""
        ...

    def occurs(self, term: str) -> bool:
        """Whether any passage holds the term."""
        ...


class Retriever(Protocol):
    """Finds passages."""

    def search(self, question: str, *, top_k: int) -> list[Hit]:
        """The best ``top_k`` distinct passages, best first; fewer, or none, where the corpus has no more."""
        ...


class Reader(Protocol):
    """Reads passages for an answer."""

    def read(self, question: str, hits: Sequence[Hit], statistics: TermStatistics) -> list[Reading]:
        """One reading a hit, best relevance first. Empty input: []."""
        ...
