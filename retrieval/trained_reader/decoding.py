"""From the network's start and end scores to the runs of a passage that may answer, with their probabilities.

Position 0 of a row stands for “no answer here”. Nothing here knows words; ``whole`` does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
Offsets = Sequence[tuple[int, int]]
Widen = Callable[[int, int], tuple[int, int]]
Likelihood = Callable[[str], float]
Fitness = Callable[[int, int], float]
# What words at one run are worth where those at another are right: 1 for the same run.
Worth = Callable[[tuple[int, int], tuple[int, int]], float]

# More starts and ends than this hold next to no probability.
_BEST_ENDS = 10
_MOST_SPANS = 16
MAX_ANSWER_TOKENS = 100
_LEAST = 1e-4
# Words less than this share as likely as the best are no rivals to them.
_RIVAL_SHARE = 0.03


class Row(Protocol):
    """What the network says of one row: ``starts`` and ``ends`` are logits by token, the row's own length."""

    @property
    def starts(self) -> Scores: ...  # noqa: D102

    @property
    def ends(self) -> Scores: ...  # noqa: D102

    @property
    def relevance(self) -> float: ...  # noqa: D102

    @property
    def answerability(self) -> float: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Scored:
    """A run of the passage (code points) with its probability, which it shares with “no answer here”."""

    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the network says of a passage: of several windows, of the one that answers best.

    ``spans`` come best first. ``margin`` is the best span's logits less those of no answer, ``nothing`` the probability
    of no answer. ``relevance`` is the highest of all windows.
    """

    spans: tuple[Scored, ...]
    margin: float
    nothing: float
    relevance: float
    answerability: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """The words that answer best, wherever they stand; ``probability`` is among all answers of the passage."""

    start: int
    end: int
    probability: float


def decode(rows: Sequence[Row], offsets: Sequence[Offsets]) -> Decoded:
    """Join the windows of one passage. ``offsets`` are each row's, (-1, -1) where a token is not of the passage."""
    windows = [_window(row, places) for row, places in zip(rows, offsets, strict=True)]
    best = max(windows, key=lambda window: window.margin)
    relevance = max(float(row.relevance) for row in rows)
    return Decoded(best.spans, best.margin, best.nothing, relevance, best.answerability)


def choose(
    decoded: Decoded,
    passage: str,
    widen: Widen,
    likelihood: Likelihood = lambda _: 1.0,
    fitness: Fitness = lambda *_: 1.0,
    worth: Worth = lambda given, right: float(given == right),
) -> Chosen | None:
    """The best words after ``widen``, also by how likely words are by themselves; None where all runs are only marks.

    ``fitness`` weighs the place where they stand; it is asked only of words that are not far behind the best. Of these
    the words of the greatest expected ``worth`` are chosen: the likeliest, where nothing but being right is worth
    anything.

    Runs that are the same once widened, or the same words in several places, add up: training did not tell them apart.
    """
    totals: dict[str, float] = {}
    places: dict[str, tuple[int, int]] = {}
    for span in decoded.spans:
        start, end = widen(span.start, span.end)
        words = passage[start:end]
        if any(character.isalnum() for character in words):
            totals[words] = totals.get(words, 0.0) + span.probability
            places.setdefault(words, (start, end))
    if not totals:
        return None
    weights = {words: total * likelihood(words) for words, total in totals.items()}
    least = _RIVAL_SHARE * max(weights.values())
    rivals = [words for words, weight in weights.items() if weight >= least]
    if len(rivals) > 1:
        weights = {words: weights[words] * fitness(*places[words]) for words in rivals}
    best = max(rivals, key=lambda words: _expected(places[words], weights, places, worth))
    return Chosen(*places[best], min(1.0, totals[best] / max(1.0 - decoded.nothing, totals[best], _LEAST)))


def _expected(
    given: tuple[int, int], weights: dict[str, float], places: dict[str, tuple[int, int]], worth: Worth
) -> float:
    return sum(weight * worth(given, places[words]) for words, weight in weights.items())


def _window(row: Row, places: Offsets) -> Decoded:
    tokens = np.array([i for i, (low, high) in enumerate(places) if 0 <= low < high], dtype=np.int64)
    scores = float(row.relevance), float(row.answerability)
    if not len(tokens):
        return Decoded((), -np.inf, 1.0, *scores)
    starts, no_start = _log_shares(row.starts, tokens)
    ends, no_end = _log_shares(row.ends, tokens)
    pairs = _pairs(starts, ends)
    best = max(value for _, _, value in pairs)
    spans = [
        Scored(places[tokens[i]][0], places[tokens[j]][1], float(np.exp(value)))
        for i, j, value in sorted(pairs, key=lambda pair: -pair[2])[:_MOST_SPANS]
        if value == best or np.exp(value) >= _LEAST
    ]
    return Decoded(tuple(spans), float(best - no_start - no_end), float(np.exp(no_start + no_end)), *scores)


def _log_shares(logits: Scores, tokens: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], float]:
    """Log probabilities of the passage's tokens, and of position 0, which all share one."""
    chosen = np.concatenate(([logits[0]], logits[tokens])).astype(np.float64)
    chosen -= chosen.max()
    chosen -= np.log(np.exp(chosen).sum())
    return chosen[1:], float(chosen[0])


def _pairs(starts: npt.NDArray[np.float64], ends: npt.NDArray[np.float64]) -> list[tuple[int, int, float]]:
    """Starts and ends that fit, of the best of each; the best start with its best end where none of those do."""
    best_starts, best_ends = (np.argsort(-values)[:_BEST_ENDS] for values in (starts, ends))
    pairs = [
        (int(i), int(j), float(starts[i] + ends[j]))
        for i in best_starts
        for j in best_ends
        if i <= j < i + MAX_ANSWER_TOKENS
    ]
    if pairs:
        return pairs
    first = int(best_starts[0])
    last = first + int(np.argmax(ends[first : first + MAX_ANSWER_TOKENS]))
    return [(first, last, float(starts[first] + ends[last]))]
