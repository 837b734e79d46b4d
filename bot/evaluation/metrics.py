"""Judgements added up to the figures of the contract. None wherever nothing can be counted."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.answers import Outcome
from bot.evaluation.judging import Judgement


@dataclass(frozen=True, slots=True)
class Metrics:
    """The figures over some questions; shares and means are 0 to 1, latencies milliseconds."""

    questions: int
    answerable: int
    unanswerable: int
    hit_at_1: float | None
    hit_at_5: float | None
    mrr_at_10: float | None
    exact_match: float | None
    f1: float | None
    answer_accuracy: float | None
    citation_accuracy: float | None
    citations_mean: float | None
    refusal_precision: float | None
    refusal_recall: float | None
    refusal_auroc: float | None
    turn_accuracy: float | None
    latency_ms_p50: float | None
    latency_ms_p95: float | None


def measure(judgements: Sequence[Judgement]) -> Metrics:
    """Add up. A turn of a dialogue is a question like any other, and counts in ``turn_accuracy`` besides."""
    answerable = [one for one in judgements if one.answerable]
    unanswerable = [one for one in judgements if not one.answerable]
    refused = [one for one in judgements if one.outcome is Outcome.NOT_FOUND]
    ranks = [one.hit_rank for one in answerable if one.ranked]
    latencies = [one.latency_ms for one in judgements]
    return Metrics(
        questions=len(judgements),
        answerable=len(answerable),
        unanswerable=len(unanswerable),
        hit_at_1=mean(rank == 1 for rank in ranks),
        hit_at_5=mean(rank is not None and rank <= 5 for rank in ranks),
        mrr_at_10=mean(0.0 if rank is None else 1 / rank for rank in ranks),
        exact_match=mean(one.exact_match for one in answerable if one.exact_match is not None),
        f1=mean(one.f1 for one in answerable if one.f1 is not None),
        answer_accuracy=mean(one.right for one in answerable),
        citation_accuracy=mean(one.citation_right for one in answerable if one.citation_right is not None),
        citations_mean=mean(one.citations for one in judgements if one.outcome is Outcome.ANSWERED),
        refusal_precision=mean(not one.answerable for one in refused),
        refusal_recall=mean(one.outcome is Outcome.NOT_FOUND for one in unanswerable),
        refusal_auroc=area_under_roc([one.confidence for one in answerable], [one.confidence for one in unanswerable]),
        turn_accuracy=mean(one.right for one in judgements if one.in_dialogue),
        latency_ms_p50=percentile(latencies, 50),
        latency_ms_p95=percentile(latencies, 95),
    )


def measure_by_type(judgements: Sequence[Judgement]) -> dict[str, Metrics]:
    """The same figures for each type of question, types in order; questions without a type are in none."""
    types = sorted({one.type for one in judgements if one.type is not None})
    return {name: measure([one for one in judgements if one.type == name]) for name in types}


def mean(values: Iterable[float]) -> float | None:
    """The arithmetic mean (booleans count as 0 and 1); None of nothing."""
    counted = list(values)
    return math.fsum(counted) / len(counted) if counted else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The percentile, linear between the two nearest ranks as numpy's default; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    position = (len(ordered) - 1) * percent / 100
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def area_under_roc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """The chance that a positive scores above a negative, a tie counted half; None where either side is empty."""
    if not positives or not negatives:
        return None
    ordered = sorted(negatives)
    wins = sum((bisect_left(ordered, score) + bisect_right(ordered, score)) / 2 for score in positives)
    return wins / (len(positives) * len(negatives))
