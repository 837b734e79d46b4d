"""Texts with entities into lines that fit a width, without asking any font.

Widths are in ems and on the wide side, so that a line fits in most fonts. Chinese breaks anywhere but before a closing
mark and after an opening one; Latin words and numbers stay whole while they fit on a line.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from evals.telegram_pictures.transcript import Entity

_CLOSING = set("，。、；：？！）》”’】」』〉…·％%,.;:?!)]}")
_OPENING = set("《（“‘【「『〈([{")
_NARROW = set("iljtfrI.,:;'|!()[]{}/\\`-")
_BROAD = set("mwMW@%&—…")
_BOLD_FACTOR = 1.05
# A block quotation is moved in by as much.
QUOTE_INDENT = 0.8


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a line in one style: names of entities, such as ``bold`` and ``text_link``."""

    text: str
    styles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text. ``quoted``: it stands in a block quotation."""

    spans: tuple[Span, ...] = ()
    quoted: bool = False

    @property
    def text(self) -> str:
        """Its words."""
        return "".join(span.text for span in self.spans)

    @property
    def width(self) -> float:
        """In ems."""
        return sum(width(span.text, bold="bold" in span.styles) for span in self.spans)


def width(text: str, *, bold: bool = False) -> float:
    """How wide a text is at most, in ems."""
    return sum(map(_width, text)) * (_BOLD_FACTOR if bold else 1.0)


def lines(text: str, entities: Sequence[Entity], *, max_width: float) -> list[Line]:
    """The lines of a text, none wider than ``max_width`` ems unless a single character is."""
    styled = _styled(text, entities)
    found, paragraph = list[Line](), list[tuple[str, frozenset[str]]]()
    for char, styles in [*styled, ("\n", frozenset[str]())]:
        if char != "\n":
            paragraph.append((char, styles))
            continue
        quoted = bool(paragraph) and "blockquote" in paragraph[0][1]
        found += [
            _line(part, quoted=quoted) for part in _broken(paragraph, max_width - (QUOTE_INDENT if quoted else 0.0))
        ]
        paragraph = []
    return found


def shortened(text: str, *, max_width: float) -> str:
    """The text's first line, cut with an ellipsis where it is wider."""
    first = text.partition("\n")[0]
    if width(first) <= max_width:
        return first
    while first and width(first) > max_width - 1:
        first = first[:-1]
    return f"{first}…"


_Chars = list[tuple[str, frozenset[str]]]


def _width(char: str) -> float:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0.0
    if char >= "\U0001f000" or unicodedata.category(char) == "So":
        return 1.3
    if unicodedata.east_asian_width(char) in "WFA":
        return 1.0
    if char == " " or char in _NARROW:
        return 0.42
    if char in _BROAD or char.isupper():
        return 0.95 if char in _BROAD else 0.75
    return 0.64


def _styled(text: str, entities: Sequence[Entity]) -> _Chars:
    styled, position = [], 0
    for char in text:
        names = (entity.kind for entity in entities if entity.offset <= position < entity.offset + entity.length)
        styled.append((char, frozenset("blockquote" if "blockquote" in name else name for name in names)))
        position += 2 if char > "\uffff" else 1
    return styled


def _broken(paragraph: _Chars, max_width: float) -> Iterator[_Chars]:
    current, used = _Chars(), 0.0
    for piece in _pieces(paragraph, max_width):
        wide = _wide(piece)
        if current and used + wide > max_width:
            yield current
            current, used = [], 0.0
            # A space that ends a line is not seen.
            piece = piece if piece[0][0] != " " or len(piece) > 1 else []  # noqa: PLW2901
            wide = _wide(piece)
        current += piece
        used += wide
    yield current


def _pieces(paragraph: _Chars, max_width: float) -> Iterator[_Chars]:
    """What must not be broken; words wider than a line are broken all the same."""
    piece = _Chars()
    for char, styles in paragraph:
        if piece and _may_break(piece[-1][0], char):
            yield from _cut(piece, max_width)
            piece = []
        piece.append((char, styles))
    if piece:
        yield from _cut(piece, max_width)


def _cut(piece: _Chars, max_width: float) -> Iterator[_Chars]:
    part = _Chars()
    for each in piece:
        if part and _wide([*part, each]) > max_width:
            yield part
            part = []
        part.append(each)
    yield part


def _may_break(before: str, after: str) -> bool:
    if " " in {before, after}:
        return True
    if after in _CLOSING or before in _OPENING:
        return False
    return _wide_script(before) or _wide_script(after)


def _wide_script(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WFA" or unicodedata.category(char) == "So"


def _wide(piece: _Chars) -> float:
    return sum(_width(char) * (_BOLD_FACTOR if "bold" in styles else 1.0) for char, styles in piece)


def _line(part: _Chars, *, quoted: bool) -> Line:
    grouped = groupby(part, key=lambda each: each[1])
    return Line(tuple(Span("".join(char for char, _ in chars), styles) for styles, chars in grouped), quoted)
