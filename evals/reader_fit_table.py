"""The trained reader's table from gathered readings, and what it does on them: refusal, reliability, passages read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from evals.reader_fitting import (
    Ended,
    Sample,
    best_threshold,
    course,
    ended,
    ends_rightly,
    fit_answer,
    fit_ranking,
    label,
    probability,
    share_right,
    stopped,
)
from retrieval.trained_reader.calibration import Coefficients, ReaderCalibration
from retrieval.trained_reader.features import FEATURES, FOREIGN_FEATURES

Course = Sequence[tuple[Ended, float]]
# Two passages at a time keep two cores busy; finer steps save nothing.
_BATCH = 2
_DEAREST_STOP = 0.005
_NEVER = 1.01
_STOPS = (*(round(0.5 + 0.02 * step, 2) for step in range(24)), 0.98, 0.99, _NEVER)
_BINS = 10


def fitted_table(samples: Sequence[Sample]) -> tuple[ReaderCalibration, dict[str, Any]]:
    """The table, and figures on the readings that it was fitted on."""
    sides = {}
    for foreign, names in ((False, FEATURES), (True, FOREIGN_FEATURES)):
        own = [sample for sample in samples if sample.foreign is foreign]
        ranking = fit_ranking(own)
        ends = [ended(sample, ranking, len(sample.hits)) for sample in own]
        answer, platt = fit_answer(ends, names)
        sides[foreign] = Coefficients(ranking, answer, platt)
    most = max(len(sample.hits) for sample in samples)
    ends = [ended(sample, sides[sample.foreign].ranking, most) for sample in samples]
    scores = [probability(end, sides[end.sample.foreign]) for end in ends]
    threshold = best_threshold(ends, scores)
    batches = (_BATCH,) * (most // _BATCH)
    courses = [course(sample, sides[sample.foreign], batches) for sample in samples]
    amounts = {read: _amount(courses, read // _BATCH, threshold) for read in range(_BATCH, most + 1, _BATCH)}
    stops = {stop: _stop(courses, stop, threshold) for stop in _STOPS}
    stop_at = chosen_stop(stops)
    table = ReaderCalibration(
        sides[False],
        sides[True],
        threshold,
        stop_at,
        batches,
        {"readings": len(samples), "questions": _groups(samples)},
    )
    figures = {
        "threshold": threshold,
        "stop_at": stop_at,
        "by_passages_read": amounts,
        "by_stop": stops,
        "thresholds": {at: round(share_right(ends, scores, at), 4) for at in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)},
        "sets": {name: refusal(ends, scores, name, threshold) for name in sorted({s.name for s in samples})},
        "reliability": reliability(ends, scores),
    }
    return table, figures


def chosen_stop(stops: dict[float, dict[str, float]]) -> float:
    """The lowest stop from which on every one costs half a point at most, of right answers and of right ends."""
    whole = stops[_NEVER]
    chosen = _NEVER
    for stop in sorted(stops, reverse=True):
        found = stops[stop]
        if any(whole[key] - found[key] > _DEAREST_STOP for key in ("answered_rightly", "ends_rightly")):
            break
        chosen = stop
    return chosen


def _amount(courses: Sequence[Course], batches: int, threshold: float) -> dict[str, float]:
    found = [each[min(batches, len(each)) - 1] for each in courses]
    return _shares([end for end, _ in found], [score for _, score in found], threshold)


def _stop(courses: Sequence[Course], stop_at: float, threshold: float) -> dict[str, float]:
    found = [stopped(each, stop_at) for each in courses]
    shares = _shares([end for end, _ in found], [score for _, score in found], threshold)
    answerable = [end.read for end, _ in found if end.sample.answerable]
    return {
        **shares,
        "passages_read": round(float(np.mean([end.read for end, _ in found])), 2),
        "passages_read_answerable": round(float(np.mean(answerable)), 2),
    }


def _shares(ends: Sequence[Ended], scores: Sequence[float], threshold: float) -> dict[str, float]:
    asked = [
        ends_rightly(end, score >= threshold) for end, score in zip(ends, scores, strict=True) if end.sample.answerable
    ]
    return {
        "answered_rightly": round(float(np.mean(asked)), 4),
        "ends_rightly": round(share_right(ends, scores, threshold), 4),
    }


def refusal(ends: Sequence[Ended], scores: Sequence[float], name: str, threshold: float) -> dict[str, Any]:
    """A set's figures, each kind of unanswerable question against the answerable ones."""
    own = [(end, score) for end, score in zip(ends, scores, strict=True) if end.sample.name == name]
    asked = [(end, score) for end, score in own if end.sample.answerable]
    rest = [(end, score) for end, score in own if not end.sample.answerable]
    refused = [end for end, score in own if score < threshold]
    figures: dict[str, Any] = {
        "answerable": len(asked),
        "unanswerable": len(rest),
        "words_right": _share([end.best.right for end, _ in asked]),
        "own_document_first": _share([end.best.own for end, _ in asked]),
        "answered_rightly": _share([end.best.right and score >= threshold for end, score in asked]),
        "refusal_precision": _share([not end.sample.answerable for end in refused]),
        "refusal_recall": _share([score < threshold for _, score in rest]),
    }
    for kind in sorted({end.sample.kind for end, _ in rest}):
        against = [score for end, score in rest if end.sample.kind == kind]
        if asked and against:
            truth = [1] * len(asked) + [0] * len(against)
            area = roc_auc_score(truth, [score for _, score in asked] + against)
            figures[f"auroc_{kind}"] = round(float(area), 4)
    return figures


def reliability(ends: Sequence[Ended], scores: Sequence[float]) -> dict[str, Any]:
    """How often answers are right by their probability, in ten bins, and the expected calibration error."""
    judged = [(score, bool(label(end))) for end, score in zip(ends, scores, strict=True) if label(end) is not None]
    bins = []
    for low in range(_BINS):
        held = [(score, right) for score, right in judged if low <= min(score * _BINS, _BINS - 1e-9) < low + 1]
        if held:
            bins.append(
                {
                    "from": low / _BINS,
                    "count": len(held),
                    "probability": round(float(np.mean([score for score, _ in held])), 4),
                    "right": round(float(np.mean([right for _, right in held])), 4),
                }
            )
    error = sum(each["count"] * abs(each["probability"] - each["right"]) for each in bins) / max(len(judged), 1)
    return {"bins": bins, "expected_calibration_error": round(float(error), 4)}


def _share(values: Sequence[bool]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None


def _groups(samples: Sequence[Sample]) -> int:
    return len({(sample.name, sample.group) for sample in samples})
