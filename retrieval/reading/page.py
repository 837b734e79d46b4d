"""A hit opened for reading: its sentences and clauses in folded text, with the way back to the document's offsets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.folding import fold, fold_with_offsets
from corpus.sentences import sentence_spans
from retrieval.hits import Hit, Span

_WORDS = r"[^,，。;；:：!！?？\n]+"
# A comma or colon between digits belongs to its number: 1,300亩, 10:30.
_CLAUSE = re.compile(rf"{_WORDS}(?:(?<=[0-9])[,:](?=[0-9]){_WORDS})*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """``folded`` is the sentence as it is matched, ``offsets`` lead back from it; clauses are offsets in ``folded``."""

    start: int
    end: int
    folded: str
    offsets: tuple[int, ...]
    clauses: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> Span:
        """A run of the folded sentence as a run of the document."""
        return Span(self.start + self.offsets[start], self.start + self.offsets[end])

    def clause_of(self, position: int) -> int:
        """The index of the clause that holds a position of the folded sentence, the last one before it in doubt."""
        held = [i for i, (start, _) in enumerate(self.clauses) if start <= position]
        return held[-1] if held else 0


@dataclass(frozen=True, slots=True)
class Page:
    """One hit with its context, folded: ``head`` is title, heading and publisher, ``folded`` the passage.

    The publisher counts since a district's own account seldom repeats whose figures it gives.
    """

    hit: Hit
    head: str
    folded: str
    sentences: tuple[Sentence, ...]


def open_page(hit: Hit) -> Page:
    """The passage's sentences in order, ready for matching."""
    document = hit.document
    head = fold("\n".join((document.title, hit.passage.heading or "", document.publisher or "")))
    sentences = tuple(_sentences(hit.passage.text, hit.passage.start))
    return Page(hit, head, "\n".join(sentence.folded for sentence in sentences), sentences)


def stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """The run without white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


@lru_cache(maxsize=16)
def folded_document(text: str) -> str:
    """A whole document folded: dear for a long one, and asked for by every candidate of its passages."""
    return fold(text)


@lru_cache(maxsize=512)
def _sentences(text: str, start: int) -> Sequence[Sentence]:
    sentences = []
    for begin, end in sentence_spans(text):
        folded, offsets = fold_with_offsets(text[begin:end])
        clauses = tuple(match.span() for match in _CLAUSE.finditer(folded)) or ((0, len(folded)),)
        sentences.append(Sentence(start + begin, start + end, folded, tuple(offsets), clauses))
    return tuple(sentences)
