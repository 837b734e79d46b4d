"""Finds a printed title that a program cut up from end to end and put, piece by piece, in front of clauses.

``corpus.rings`` wants each piece among new neighbours every time, which a page with twenty of each cannot give. Here
the proof is that the pieces fit together again: each begins in the title where the one before it ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.bigrams import BigramTable
from corpus.rings import Span, gain_without, is_torn

_NOT_LETTER = re.compile(r"[^\u3400-\u9fffA-Za-z0-9]")
# Where a clause begins, so that what stands there can be taken out with nothing missing.
CLAUSE_STARTS = frozenset("，,。、；;：:！!？?\n\x1e“‘「『（(")
_LEAST_LETTERS = 8
_MAX_LETTERS = 80
_MAX_PIECE_CHARS = 8
_LEAST_TIMES = 3
# Of all places of a piece: that many at the start of a clause, and that many before different characters. Words of the
# language stand anywhere, and come back in the same company.
_LEAST_AT_START = 0.6
_LEAST_FOLLOWERS = 0.5
_LEAST_AT_START_ALONE = 0.8
_LEAST_TIMES_AT_START_ALONE = 5
# Pieces that must fit together, and how many of them are no words: a title's own words in a row are four at most now
# and then, torn ones never.
_LEAST_CHAIN = 4
_LEAST_TORN = 2
_LEAST_TIMES_TOGETHER = 14
# A part of the title across whose end its characters hold together so well parts a word.
_PARTED_COHESION = 2.0
# A word that the author may have used as well goes only where its clause reads better without it, inside one much.
_LEAST_GAIN = 0.4
_LEAST_GAIN_INSIDE = 2.5


@dataclass(frozen=True, slots=True)
class _Tile:
    """A piece of the title's letters, [start, end), and where it stands in the text.

    ``torn``: it is no word, or a rare one. ``parts_word``: it cannot be cut out of the title without parting a word.
    ``sure``: it is no name of the author's, so that it goes wherever it stands.
    """

    word: str
    start: int
    end: int
    spans: tuple[Span, ...]
    torn: bool
    parts_word: bool
    sure: bool


def tile_spans(text: str, title: str, table: BigramTable) -> list[Span]:
    """Spans [start, end) of the pieces of the title in the text; [] where they do not prove that it was cut up."""
    letters = _NOT_LETTER.sub("", title)
    if not _LEAST_LETTERS <= len(letters) <= _MAX_LETTERS:
        return []
    chain = _longest_chain(_tiles(text, title, letters, table))
    times = sum(len(tile.spans) for tile in chain)
    torn = sum(tile.torn for tile in chain)
    proven = len(chain) >= _LEAST_CHAIN and torn >= _LEAST_TORN and times >= _LEAST_TIMES_TOGETHER
    if not proven or not any(tile.parts_word for tile in chain):
        return []
    return [span for tile in chain for span in tile.spans if _was_put(text, span, tile, letters, table)]


def _was_put(text: str, span: Span, tile: _Tile, letters: str, table: BigramTable) -> bool:
    """Whether this one was put in: not where the text goes on as the title does, which is then quoted by its author."""
    before, after = letters[tile.start - 1 : tile.start], letters[tile.end : tile.end + 1]
    if (after and text[span[1] : span[1] + 1] == after) or (before and text[span[0] - 1 : span[0]] == before):
        return False
    if tile.sure:
        return True
    return gain_without(text, span, table) >= (_LEAST_GAIN if _starts_clause(text, span) else _LEAST_GAIN_INSIDE)


def _tiles(text: str, title: str, letters: str, table: BigramTable) -> list[_Tile]:
    tiles: list[_Tile] = []
    for start in range(len(letters) - 1):
        for end in range(start + 2, min(len(letters), start + _MAX_PIECE_CHARS) + 1):
            word = letters[start:end]
            spans = tuple(match.span() for match in re.finditer(re.escape(word), text))
            if len(spans) < _LEAST_TIMES:
                # Neither can a longer piece from here come so often.
                break
            if _is_strewn(text, spans):
                parts = _parts_word(word, title, letters, start, table)
                torn = parts or is_torn(word, table)
                tiles.append(_Tile(word, start, end, spans, torn, parts, parts or (torn and _only_starts(text, spans))))
    return tiles


def _is_strewn(text: str, spans: tuple[Span, ...]) -> bool:
    at_start = [span for span in spans if _starts_clause(text, span)]
    followers = {text[end : end + 1] for _, end in at_start}
    return len(at_start) >= max(_LEAST_TIMES, _LEAST_AT_START * len(spans)) and len(followers) >= max(
        _LEAST_TIMES, _LEAST_FOLLOWERS * len(at_start)
    )


def _only_starts(text: str, spans: tuple[Span, ...]) -> bool:
    """Whether the piece comes so often in front of clauses alone that it is no name the author uses."""
    at_start = sum(_starts_clause(text, span) for span in spans)
    return at_start >= _LEAST_TIMES_AT_START_ALONE and at_start >= _LEAST_AT_START_ALONE * len(spans)


def _starts_clause(text: str, span: Span) -> bool:
    return span[0] == 0 or text[span[0] - 1] in CLAUSE_STARTS


def _parts_word(word: str, title: str, letters: str, start: int, table: BigramTable) -> bool:
    """Whether no author writes the piece: it reaches over a gap of the title, or ends inside a word of it."""
    end = start + len(word)
    if word not in title:
        return True
    return len(word) > 2 and end < len(letters) and table.cohesion(letters[end - 1], letters[end]) >= _PARTED_COHESION


def _longest_chain(tiles: list[_Tile]) -> list[_Tile]:
    """The most tiles of which each begins where the one before ends."""
    best: dict[int, list[_Tile]] = {}
    for tile in sorted(tiles, key=lambda tile: tile.end):
        chain = [*best.get(tile.start, []), tile]
        if len(chain) > len(best.get(tile.end, [])):
            best[tile.end] = chain
    return max(best.values(), key=len, default=[])
