"""A network that can be worked out by hand: it knows some words as answers and finds them, character by character."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from retrieval.trained_reader.decoding import Scores
from retrieval.trained_reader.pairs import Pair

NOTHING = -8.0


@dataclass(frozen=True, slots=True)
class FakeRow:
    """Scores of one row."""

    starts: Scores
    ends: Scores
    relevance: float
    answerability: float


class CharacterEncoder:
    """Rows of one token a character, in windows of ``window`` characters that overlap by half."""

    def __init__(self, window: int = 10_000) -> None:
        self._window = window
        self.asked: list[tuple[str, str]] = []

    def encode(self, question: str, prefix: str, passage: str) -> list[Pair]:
        self.asked.append((question, prefix))
        head = [0, *map(ord, question), 2, 2, *map(ord, prefix), 2]
        starts = range(0, max(1, len(passage) - self._window // 2), max(1, self._window // 2))
        return [self._pair(head, passage, start) for start in starts]

    def _pair(self, head: list[int], passage: str, start: int) -> Pair:
        places = range(start, min(len(passage), start + self._window))
        nowhere = [(-1, -1)] * len(head)
        return Pair(
            ids=(*head, *(ord(passage[place]) for place in places), 2),
            kinds=(0,) * (len(head) + len(places) + 1),
            offsets=(*nowhere, *((place, place + 1) for place in places), (-1, -1)),
            first=len(head),
        )


@dataclass
class KnowingSession:
    """Gives ``answers``' words their strength wherever they stand, and remembers how many rows each run had."""

    answers: Mapping[str, float]
    runs: list[int] = field(default_factory=list)

    def run(self, pairs: Sequence[Pair]) -> list[FakeRow]:
        self.runs.append(len(pairs))
        return [self._row(pair) for pair in pairs]

    def _row(self, pair: Pair) -> FakeRow:
        text = "".join(map(chr, pair.ids))
        start = np.full(len(pair.ids), NOTHING, dtype=np.float32)
        end = np.full(len(pair.ids), NOTHING, dtype=np.float32)
        start[0] = end[0] = 0.0
        strength = 0.0
        for words, value in self.answers.items():
            found = text.find(words, pair.first)
            if found >= 0:
                start[found] = max(start[found], value)
                end[found + len(words) - 1] = max(end[found + len(words) - 1], value)
                strength = max(strength, value)
        return FakeRow(start, end, strength - 3.0, strength - 3.0)
