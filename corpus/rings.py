"""Finds strings that a program strewed over an article: in a ring, each in its turn, or as pieces of the printed title.

What counts as proof is here; what is then done about it is ``corpus.injected``'s.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.bigrams import BigramTable
from corpus.folding import fold_title

Span = tuple[int, int]

_RUN = re.compile(r"[\u3400-\u9fffA-Za-z0-9]+")
_LEAST_TIMES = 3
_SEED_CHARS = 6
_MAX_PIECE_CHARS = 12
# The most characters between one piece of a ring and the next: they are strewn over every sentence.
_LONGEST_PAUSE = 150
# What proves a ring: slips in the turn allowed, least pieces, least occurrences of all together, least of the title.
_PROOFS = ((0, 3, 11, 0), (1, 4, 16, 0), (1, 3, 9, 3))
# Different pieces of a printed title that prove it was cut up, all but one of them torn.
_LEAST_OF_TITLE = 4
# Pairs below this cohesion are no part of a word.
_LEAST_WORD_COHESION = 2.0
# Cohesion (natural logarithm) that the text must gain where a piece is taken out: at every place, and on average. How
# many clean articles these and the proofs touch is measured in docs/corpus.md.
_LEAST_GAIN = 0.4
_LEAST_MEAN_GAIN = 1.5
_MAX_CANDIDATES = 60
# A piece may well follow 的 or a comma each time: programs put pieces where a phrase begins.
_PHRASE_STARTS = frozenset("的是在了和与就也都及将把，,。、；;：:！!？?\n“”‘’（）()《》 ")


@dataclass(frozen=True, slots=True)
class Piece:
    """A string that may have been put in: where, and how much better the text holds together without it."""

    spans: tuple[Span, ...]
    gain: float


def strewn_spans(text: str, title: str, table: BigramTable) -> list[Span]:
    """Spans [start, end) of what a program strewed over the text; [] where nothing proves that one did."""
    pieces = _pieces(text, table)
    proven = _ring(text, pieces, title, table) or _cut_title(text, pieces, title, table)
    return [span for piece in proven for span in piece.spans]


def gain_without(text: str, span: Span, table: BigramTable) -> float:
    """How much better the neighbours of a span hold to each other than to it."""
    start, end = span
    left = text[start - 1] if start else "\n"
    right = text[end] if end < len(text) else "\n"
    return table.cohesion(left, right) - table.cohesion(left, text[start]) - table.cohesion(text[end - 1], right)


def _pieces(text: str, table: BigramTable) -> list[Piece]:
    """Strings that repeat with other neighbours each time and would not be missed, best first."""
    places: dict[str, list[Span]] = defaultdict(list)
    for run in _RUN.finditer(text):
        for start in range(run.start(), run.end() - 1):
            for end in range(start + 2, min(run.end(), start + _SEED_CHARS) + 1):
                places[text[start:end]].append((start, end))
    found: dict[tuple[Span, ...], float] = {}
    for spans in places.values():
        if len(spans) < _LEAST_TIMES:
            continue
        gains = [(gain, span) for span in spans if (gain := gain_without(text, span, table)) >= _LEAST_GAIN]
        if len(gains) < _LEAST_TIMES or sum(gain for gain, _ in gains) < _LEAST_MEAN_GAIN * len(gains):
            continue
        whole = _widened(text, [span for _, span in gains])
        if whole[0][1] - whole[0][0] <= _MAX_PIECE_CHARS and _neighbours_differ(text, whole):
            found[whole] = max(found.get(whole, 0.0), sum(gain for gain, _ in gains) / len(gains))
    pieces = [Piece(spans, gain) for spans, gain in found.items()]
    return sorted(pieces, key=lambda piece: (-piece.gain * len(piece.spans), piece.spans))[:_MAX_CANDIDATES]


def _widened(text: str, spans: list[Span]) -> tuple[Span, ...]:
    """The spans with the characters that stand beside every one of them."""
    while (after := {text[end : end + 1] for _, end in spans}) and len(after) == 1 and _RUN.fullmatch(after.pop()):
        spans = [(start, end + 1) for start, end in spans]
    while (before := {text[max(0, start - 1) : start] for start, _ in spans}) and len(before) == 1:
        character = before.pop()
        if character in _PHRASE_STARTS or not _RUN.fullmatch(character):
            break
        spans = [(start - 1, end) for start, end in spans]
    return tuple(spans)


def _neighbours_differ(text: str, spans: Sequence[Span]) -> bool:
    """Whether no two occurrences have the same neighbour: words of the language come back in the same company."""
    after = [text[end : end + 1] for _, end in spans]
    before = [text[start - 1] for start, _ in spans if start and text[start - 1] not in _PHRASE_STARTS]
    return len(set(after)) == len(after) and len(set(before)) == len(before)


def _ring(text: str, pieces: Sequence[Piece], title: str, table: BigramTable) -> list[Piece]:
    """The pieces of the largest ring that proves itself; [] where none does.

    Three that take turns strictly are proof; where an occurrence may have been missed, four are, or three of the title.
    """
    letters = fold_title(title)
    for slips, least, least_times, least_of_title in _PROOFS:
        ring = _largest_ring(pieces, slips)
        words = [_word(text, piece) for piece in ring]
        torn = sum(is_torn(word, table) for word in words)
        of_title = sum(fold_title(word) in letters for word in words) if letters else 0
        times = sum(len(piece.spans) for piece in ring)
        proven = len(ring) >= least and times >= least_times and of_title >= least_of_title
        if proven and torn >= 2 + slips and _is_dense(ring):
            # A word that stands out of turn even once may be the author's own.
            return [
                piece
                for piece, word in zip(ring, words, strict=True)
                if is_torn(word, table) or all(_take_turns(piece, other, 0) for other in ring if other is not piece)
            ]
    return []


def _cut_title(text: str, pieces: Sequence[Piece], title: str, table: BigramTable) -> list[Piece]:
    """Pieces of the printed title, in no order: four different ones, of which three are torn; [] where there are fewer.

    Words of the title come back in any article, but as words; torn, they do so only where a program cut it up. Of those
    it cut, only what tears a word of the title is returned: a name in it may be the author's own.
    """
    words: list[str] = []
    torn: list[Piece] = []
    letters = fold_title(title)
    for piece in pieces:
        word = _word(text, piece)
        if fold_title(word) in letters and not any(word in other or other in word for other in words):
            words.append(word)
            torn += [piece] if is_torn(word, table) else []
    if len(words) < _LEAST_OF_TITLE or len(torn) < _LEAST_OF_TITLE - 1 or not _is_dense(torn):
        return []
    return [piece for piece in torn if _tears_title(_word(text, piece), title, table)]


def _tears_title(word: str, title: str, table: BigramTable) -> bool:
    """Whether the word cannot be cut out of the title without parting a word, or reaches over a gap of it."""
    start = title.find(word)
    if start < 0:
        # Only with the title's spaces and marks taken out does it occur: it reaches over one of them.
        return True
    end = start + len(word)
    before = start > 0 and table.cohesion(title[start - 1], word[0]) >= _LEAST_WORD_COHESION
    return before or (end < len(title) and table.cohesion(word[-1], title[end]) >= _LEAST_WORD_COHESION)


def _word(text: str, piece: Piece) -> str:
    start, end = piece.spans[0]
    return text[start:end]


def is_torn(word: str, table: BigramTable) -> bool:
    """Whether somewhere inside the string no word of the language holds its characters together: 兴绘, 得民党走."""
    return min(table.cohesion(left, right) for left, right in pairwise(word)) < _LEAST_WORD_COHESION


def _is_dense(ring: Sequence[Piece]) -> bool:
    order = sorted(span for piece in ring for span in piece.spans)
    return all(following[0] - span[1] <= _LONGEST_PAUSE for span, following in pairwise(order))


def _largest_ring(pieces: Sequence[Piece], slips: int) -> list[Piece]:
    turns = {
        piece: {other for other in pieces if other is not piece and _take_turns(piece, other, slips)}
        for piece in pieces
    }
    best: list[Piece] = []
    for piece in pieces:
        ring = [piece]
        for other in pieces:
            if all(other in turns[member] for member in ring):
                ring.append(other)
        best = ring if len(ring) > len(best) else best
    return best


def _take_turns(one: Piece, other: Piece, slips: int) -> bool:
    """Whether the two alternate through the text, but for so many slips, and never touch."""
    if abs(len(one.spans) - len(other.spans)) > 1:
        return False
    order = sorted([(span, 0) for span in one.spans] + [(span, 1) for span in other.spans])
    if any(following[0] <= span[1] for (span, _), (following, _) in pairwise(order)):
        return False
    return sum(whose == next_whose for (_, whose), (_, next_whose) in pairwise(order)) <= slips
