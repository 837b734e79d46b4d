"""Fits the trained reader's small table from readings that were gathered before; pure arithmetic, no model.

Three fits, each resting on the one before: what ranks a question's passages (listwise), the probability that the best
one answers (logistic, then Platt on predictions out of fold), and from where on to answer and to stop reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from retrieval.trained_reader.calibration import INTERCEPT, Coefficients
from retrieval.trained_reader.features import Rival, among_others

Vector = npt.NDArray[np.float64]
RANKING = ("fused", "relevance", "answerability", "margin")
WITH, WITHOUT, NEAR, IMPOSSIBLE = "with", "without", "near", "impossible"
_RIDGE = 0.02
_STEPS, _STEP = 600, 0.5
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class ReadHit:
    """One passage of a question as the network read it, in the order of the search.

    ``own``: of a document that answers; ``right``: its words do; ``supported``: an answer stands in its evidence.
    """

    values: dict[str, float]
    document: str
    words: tuple[str, ...]
    own: bool
    right: bool
    supported: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """One question over one corpus. ``group`` names the document that it is about, for folds."""

    name: str
    foreign: bool
    kind: str
    group: str
    hits: tuple[ReadHit, ...]

    @property
    def answerable(self) -> bool:
        """Whether its document was there and answers it."""
        return self.kind == WITH

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> Sample:
        hits = tuple(ReadHit(**{**hit, "words": tuple(hit["words"])}) for hit in raw["hits"])
        return cls(raw["name"], raw["foreign"], raw["kind"], raw["group"], hits)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a question would end: the best passage of those that were read, with its features."""

    sample: Sample
    best: ReadHit
    values: dict[str, float]
    read: int


def fit_ranking(samples: Sequence[Sample], names: Sequence[str] = RANKING) -> dict[str, float]:
    """Weights under which the passages that answer rightly come first, by the likelihood of the list."""
    lists = []
    for sample in samples:
        wanted = [hit.right and hit.own for hit in sample.hits]
        wanted = wanted if any(wanted) else [hit.own for hit in sample.hits]
        if sample.answerable and any(wanted) and not all(wanted):
            lists.append((np.array([[hit.values[n] for n in names] for hit in sample.hits]), np.array(wanted)))
    scale = np.concatenate([rows for rows, _ in lists]).std(axis=0) + 1e-9

    weights = np.ones(len(names))
    for _ in range(_STEPS):
        gradient = sum(_surprise(rows / scale, wanted, weights) for rows, wanted in lists) / len(lists)
        weights = weights - _STEP * (gradient + 2 * _RIDGE * weights)
    found = weights / scale
    return {name: round(float(weight), 4) for name, weight in zip(names, found, strict=True)}


def _surprise(rows: Vector, wanted: npt.NDArray[np.bool_], weights: Vector) -> Vector:
    """The gradient of the negative log likelihood that a wanted passage comes first."""
    scores = rows @ weights
    shares = np.exp(scores - scores.max())
    of_wanted = shares * wanted
    gradient: Vector = rows.T @ (shares / shares.sum() - of_wanted / of_wanted.sum())
    return gradient


def ended(sample: Sample, ranking: Mapping[str, float], read: int) -> Ended:
    """How the question ends when its first ``read`` passages are read."""
    hits = sample.hits[:read]
    scores = [sum(weight * hit.values[name] for name, weight in ranking.items()) for hit in hits]
    rivals = [Rival(h.document, h.words, s, bool(h.words)) for h, s in zip(hits, scores, strict=True)]
    best = int(np.argmax(scores))
    return Ended(sample, hits[best], hits[best].values | among_others(rivals, only=best)[0], len(hits))


def fit_answer(ends: Sequence[Ended], names: Sequence[str]) -> tuple[dict[str, float], tuple[float, float]]:
    """Coefficients of the probability by name with an intercept, and Platt's slope and offset.

    Right words count for it, evidence without an answer against it; half-right words, and right ones where the document
    was taken away (another one says so too), are neither.
    """
    used = [end for end in ends if label(end) is not None]
    rows = np.array([[end.values[name] for name in names] for end in used])
    labels = np.array([bool(label(end)) for end in used])
    weights = set_weights([end.sample.name for end in used])
    coefficients, intercept = _logistic(rows, labels, weights)
    logits = np.zeros(len(used))
    groups = [end.sample.group for end in used]
    for training, held_out in GroupKFold(_FOLDS).split(rows, labels, groups):
        fold, constant = _logistic(rows[training], labels[training], weights[training])
        logits[held_out] = rows[held_out] @ fold + constant
    platt = LogisticRegression(C=1e6, max_iter=5000).fit(logits[:, None], labels, sample_weight=weights)
    answer = {INTERCEPT: round(intercept, 4)}
    answer |= {name: round(float(value), 4) for name, value in zip(names, coefficients, strict=True)}
    return answer, (round(float(platt.coef_[0][0]), 4), round(float(platt.intercept_[0]), 4))


def label(end: Ended) -> bool | None:
    """Whether the best passage answers: by its words, or by the sentence round them; None where that is unsure."""
    if end.sample.answerable:
        return end.best.right or end.best.supported
    # Near misses are not answered by the words of the question that they were made from.
    return None if end.best.right and end.sample.kind == WITHOUT else False


def set_weights(names: Sequence[str]) -> Vector:
    """Weights by which every set counts alike, 1 on average."""
    counts = {name: names.count(name) for name in set(names)}
    return np.array([len(names) / (len(counts) * counts[name]) for name in names])


def probability(end: Ended, side: Coefficients) -> float:
    return side.probability(end.values) if end.best.words else 0.0


def ends_rightly(end: Ended, given: bool) -> bool:
    """With a sentence that answers where there is one, refused where there is none.

    Words cut too short or too long beside the right sentence still serve who asks; a refusal does not.
    """
    if end.sample.answerable:
        return given and (end.best.right or end.best.supported)
    return not given or (end.sample.kind == WITHOUT and end.best.right)


def best_threshold(ends: Sequence[Ended], scores: Sequence[float]) -> float:
    """Where most questions end rightly (see ``share_right``); the lowest of equals."""
    return max((round(0.02 * step, 2) for step in range(5, 46)), key=lambda at: share_right(ends, scores, at))


def share_right(ends: Sequence[Ended], scores: Sequence[float], threshold: float) -> float:
    """The share that ends rightly: the mean over sets, and over answerable and unanswerable questions in each."""
    shares = []
    for name in sorted({end.sample.name for end in ends}):
        for answerable in (True, False):
            some = [
                ends_rightly(end, score >= threshold)
                for end, score in zip(ends, scores, strict=True)
                if end.sample.name == name and end.sample.answerable is answerable
            ]
            shares += [float(np.mean(some))] if some else []
    return float(np.mean(shares))


def course(sample: Sample, side: Coefficients, batches: Sequence[int]) -> list[tuple[Ended, float]]:
    """How the question would end, and how probable its answer is, after each batch."""
    found, read = [], 0
    for size in batches:
        read += size
        end = ended(sample, side.ranking, read)
        found.append((end, probability(end, side)))
        if end.read < read:
            break
    return found


def stopped(course: Sequence[tuple[Ended, float]], stop_at: float) -> tuple[Ended, float]:
    """Where reading stops: after the first batch whose best passage is that probable, else after the last."""
    return next((step for step in course if step[1] >= stop_at), course[-1])


def _logistic(rows: Vector, labels: npt.NDArray[np.bool_], weights: Vector) -> tuple[Vector, float]:
    """Coefficients and intercept for rows as they are, fitted on standardised ones so that one ridge fits all."""
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    model = LogisticRegression(C=0.3, max_iter=5000).fit((rows - mean) / scale, labels, sample_weight=weights)
    coefficients = model.coef_[0] / np.where(scale < 1e-5, np.inf, scale)
    return coefficients, float(model.intercept_[0] - coefficients @ mean)
