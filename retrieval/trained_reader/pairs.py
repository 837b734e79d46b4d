"""Question and passage as the trained reader sees them: token ids, kinds of tokens, and the way back to the passage.

A row is ``<s> question </s></s> prefix </s> passage </s>``. Everything is Simplified and NFKC, capitals kept; offsets
count code points of the passage as it was given. Used alike in training and in service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from tokenizers import Encoding, Tokenizer

from corpus.folding import simplify_with_offsets

PAD = 1
_START, _END = 0, 2
MAX_TOKENS = 320
_QUESTION_TOKENS, _PREFIX_TOKENS = 80, 40
# A long passage's windows share this many tokens, so that an answer at an edge is whole in one of them.
_OVERLAP = 64
# Some 30 KB each. What is asked about today is asked about again; the whole corpus is not.
_KEPT_PASSAGES = 1024

PASSAGE, QUESTION_FOUND, PASSAGE_SHARED, QUESTION_MISSING = range(4)
KINDS = 4

_NOWHERE = (-1, -1)
_RUN = re.compile(r"[0-9]+(?:\.[0-9]+)?|[a-z]+|[^\W\da-z_]+")


@dataclass(frozen=True, slots=True)
class Pair:
    """One row. ``offsets[i]`` is token ``i`` in the passage, (-1, -1) where a token is not of the passage.

    ``first`` is the first passage token; ``kinds`` says of each token whether the other side has its words too.
    """

    ids: tuple[int, ...]
    kinds: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]
    first: int

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A text's tokens with their places in the original text, and which words each of them is made of."""

    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]
    folded: tuple[tuple[int, int], ...]
    text: str


class PairEncoder:
    """Makes rows. Thread-safe."""

    def __init__(self, tokenizer_json: Path, *, max_tokens: int = MAX_TOKENS) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer_json))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._blank = self._tokenizer.token_to_id("▁")
        self._max_tokens = max_tokens
        self._passage_tokens = lru_cache(maxsize=_KEPT_PASSAGES)(self._tokens)

    def encode(self, question: str, prefix: str, passage: str) -> list[Pair]:
        """The rows of a passage: one, or several overlapping windows where it is long.

        ``prefix`` (date, title, heading) helps to understand the passage; nothing is answered from it.
        """
        asked = _cut(self._tokens(question), _QUESTION_TOKENS)
        before = _cut(self._passage_tokens(prefix), _PREFIX_TOKENS)
        read = self._passage_tokens(passage)
        said = words_of(before.text) | words_of(read.text)
        wanted = words_of(asked.text)
        asked_kinds = [QUESTION_FOUND if known else QUESTION_MISSING for known in _shared(asked, said)]
        kinds = [PASSAGE_SHARED if known else PASSAGE for known in _shared(read, wanted)]
        before_kinds = [PASSAGE_SHARED if known else PASSAGE for known in _shared(before, wanted)]
        head_ids = (_START, *asked.ids, _END, _END, *before.ids, _END)
        head_kinds = (PASSAGE, *asked_kinds, PASSAGE, PASSAGE, *before_kinds, PASSAGE)
        return [
            Pair(
                ids=(*head_ids, *read.ids[low:high], _END),
                kinds=(*head_kinds, *kinds[low:high], PASSAGE),
                offsets=(*((_NOWHERE,) * len(head_ids)), *read.offsets[low:high], _NOWHERE),
                first=len(head_ids),
            )
            for low, high in _windows(len(read.ids), self._max_tokens - len(head_ids) - 1)
        ]

    def _tokens(self, text: str) -> _Tokens:
        simplified, offsets = simplify_with_offsets(text)
        encoded: Encoding = self._tokenizer.encode(simplified, add_special_tokens=False)
        ids, folded = tuple(encoded.ids), tuple(encoded.offsets)
        # The mark of a word's beginning, alone, claims the character after it, which has a token of its own.
        places = tuple(
            _original(run, offsets) if run[0] < run[1] and token != self._blank else _NOWHERE
            for token, run in zip(ids, folded, strict=True)
        )
        return _Tokens(ids, places, folded, simplified)


def prefix_of(title: str, heading: str | None, published_at: date | None) -> str:
    """What stands above a passage: date, title and heading."""
    parts = (published_at.isoformat() if published_at else "", title.replace("_", " "), heading or "")
    return " ".join(part for part in parts if part)


def words_of(text: str) -> frozenset[str]:
    """What two texts are compared by: pairs of neighbouring characters, and numbers and Latin words whole."""
    return frozenset(word for _, _, word in _words(text))


def _words(text: str) -> Iterator[tuple[int, int, str]]:
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text
    for match in _RUN.finditer(lowered):
        start, end = match.span()
        if lowered[start] < "\u0100" or end - start == 1:
            yield start, end, match.group()
            continue
        for index in range(start, end - 1):
            yield index, index + 2, lowered[index : index + 2]


def _original(run: tuple[int, int], offsets: Sequence[int]) -> tuple[int, int]:
    """The run in the text as it was given: the same object where nothing moved, since many are kept."""
    start, end = offsets[run[0]], offsets[run[1]]
    return run if run == (start, end) else (start, end)


def _shared(tokens: _Tokens, other: frozenset[str]) -> list[bool]:
    """Of each token whether the other text has the words it is of; never of one without letters or digits."""
    known = bytearray(len(tokens.text))
    letters = bytearray(len(tokens.text))
    for start, end, word in _words(tokens.text):
        letters[start:end] = b"\x01" * (end - start)
        if word in other:
            known[start:end] = b"\x01" * (end - start)
    return [
        sum(known[low:high]) * 2 >= sum(letters[low:high]) and (high > low) and any(letters[low:high])
        for low, high in tokens.folded
    ]


def _cut(tokens: _Tokens, most: int) -> _Tokens:
    if len(tokens.ids) <= most:
        return tokens
    end = tokens.folded[most - 1][1]
    return _Tokens(tokens.ids[:most], tokens.offsets[:most], tokens.folded[:most], tokens.text[:end])


def _windows(count: int, room: int) -> Sequence[tuple[int, int]]:
    """Ranges of at most ``room`` tokens that cover all, the last one full too."""
    if count <= room:
        return [(0, count)]
    starts = [*list(range(0, count - room, room - _OVERLAP)), count - room]
    return [(start, start + room) for start in starts]
