"""A document's text as paragraphs of pieces, each with what it is: of the cited passage, the quote, the answer.

Ranges count code points of the whole text, as citations do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Range:
    """``text[start:end]`` is of that kind."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that is of the same kinds throughout, in the order in which the ranges were given."""

    text: str
    kinds: tuple[str, ...]


def marked_paragraphs(text: str, ranges: Sequence[Range]) -> list[list[Piece]]:
    """The paragraphs of a text; lines without text are left out. Ranges may overlap and reach beyond the text."""
    paragraphs = []
    start = 0
    for line in text.split("\n"):
        if line.strip():
            paragraphs.append(_pieces(line, start, ranges))
        start += len(line) + 1
    return paragraphs


def _pieces(line: str, offset: int, ranges: Sequence[Range]) -> list[Piece]:
    end = offset + len(line)
    here = [each for each in ranges if each.start < end and each.end > offset and each.start < each.end]
    cuts = sorted({0, len(line), *(min(max(at - offset, 0), len(line)) for r in here for at in (r.start, r.end))})
    return [
        Piece(line[a:b], tuple(each.kind for each in here if each.start <= offset + a and offset + b <= each.end))
        for a, b in pairwise(cuts)
    ]
