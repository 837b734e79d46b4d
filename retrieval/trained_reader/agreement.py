"""How far the int8 graph of the trained reader agrees with the float32 one, on fixed sentences, before it is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.agreement import SENTENCES
from retrieval.trained_reader.pairs import Pair, PairEncoder
from retrieval.trained_reader.session import Logits, Output

LEAST_CORRELATION = 0.9

_QUESTIONS = (
    "镇水利所一共发现多少处隐患？",
    "圖書館新館藏書多少冊？",
    "哪年创办的？",
    "办理时限是几个工作日？",
    "How many people visited the new library on its first day?",
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of the two graphs over the same rows.

    ``correlation`` is the least between the span logits of a row, ``same_spans`` the share of rows and sides whose best
    token is the same, ``scores_apart`` the largest difference of a score.
    """

    correlation: float
    same_spans: float
    scores_apart: float

    @property
    def accepted(self) -> bool:
        """Whether the int8 graph may serve."""
        return self.correlation >= LEAST_CORRELATION


def rows_to_compare(encoder: PairEncoder) -> list[Pair]:
    """Every question with passages of all lengths, one of them so long that it is cut into windows."""
    long = "".join(SENTENCES[:-1])
    passages = [*SENTENCES[-3:-1], *SENTENCES[:6], long]
    return [row for question in _QUESTIONS for passage in passages for row in encoder.encode(question, "", passage)]


def compare(rows: Sequence[Pair], exact: Sequence[Output], narrow: Sequence[Output]) -> Agreement:
    """How far the outputs of two graphs agree. Those that are not finite agree not at all."""
    correlations, same, apart = [], [], []
    for row, one, other in zip(rows, exact, narrow, strict=True):
        for first, second in ((one.starts, other.starts), (one.ends, other.ends)):
            correlations.append(_correlation(_eligible(row, first), _eligible(row, second)))
            same.append(_eligible(row, first).argmax() == _eligible(row, second).argmax())
        apart += [abs(one.relevance - other.relevance), abs(one.answerability - other.answerability)]
    if not (np.isfinite(correlations).all() and np.isfinite(apart).all()):
        return Agreement(correlation=-1.0, same_spans=0.0, scores_apart=float("inf"))
    return Agreement(float(min(correlations)), float(np.mean(same)), float(max(apart)))


def _eligible(row: Pair, logits: Logits) -> Logits:
    """The logits of no answer and of the passage's tokens."""
    return np.concatenate([logits[:1], logits[row.first : -1]])


def _correlation(first: Logits, second: Logits) -> float:
    if np.array_equal(first, second):
        return 1.0
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.corrcoef(first, second)[0, 1])
