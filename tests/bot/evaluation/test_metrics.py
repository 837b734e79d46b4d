from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Outcome
from bot.evaluation.judging import Judgement
from bot.evaluation.metrics import area_under_roc, mean, measure, measure_by_type, percentile

RIGHT = Judgement(
    type="figure",
    in_dialogue=False,
    answerable=True,
    outcome=Outcome.ANSWERED,
    confidence=0.9,
    latency_ms=10.0,
    citations=2,
    right=True,
    ranked=True,
    hit_rank=1,
    exact_match=True,
    f1=1.0,
    citation_right=True,
)
WRONG = replace(RIGHT, right=False, hit_rank=4, exact_match=False, f1=0.25, citation_right=False, confidence=0.6)
REFUSED = replace(
    RIGHT,
    outcome=Outcome.NOT_FOUND,
    right=False,
    hit_rank=None,
    exact_match=False,
    f1=0.0,
    citation_right=False,
    citations=0,
    confidence=0.1,
)
UNANSWERABLE_REFUSED = replace(
    REFUSED,
    type="unanswerable",
    answerable=False,
    right=True,
    ranked=False,
    exact_match=None,
    f1=None,
    citation_right=None,
    confidence=0.1,
)
UNANSWERABLE_ANSWERED = replace(
    UNANSWERABLE_REFUSED, outcome=Outcome.ANSWERED, right=False, citations=5, confidence=0.7
)

scores = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]), max_size=25)


def test_nothing_asked_gives_counts_of_zero_and_no_figures() -> None:
    metrics = measure([])
    assert (metrics.questions, metrics.answerable, metrics.unanswerable) == (0, 0, 0)
    for name in metrics.__slots__[3:]:
        assert getattr(metrics, name) is None, name


def test_every_figure_counts_its_own_questions() -> None:
    metrics = measure([RIGHT, WRONG, REFUSED, UNANSWERABLE_REFUSED, UNANSWERABLE_ANSWERED])
    assert (metrics.questions, metrics.answerable, metrics.unanswerable) == (5, 3, 2)
    assert metrics.hit_at_1 == pytest.approx(1 / 3)
    assert metrics.hit_at_5 == pytest.approx(2 / 3)
    assert metrics.mrr_at_10 == pytest.approx((1 + 1 / 4 + 0) / 3)
    assert metrics.exact_match == pytest.approx(1 / 3)
    assert metrics.f1 == pytest.approx(1.25 / 3)
    assert metrics.answer_accuracy == pytest.approx(1 / 3)
    assert metrics.citation_accuracy == pytest.approx(1 / 3)
    assert metrics.citations_mean == pytest.approx((2 + 2 + 5) / 3)
    assert metrics.refusal_precision == pytest.approx(1 / 2)
    assert metrics.refusal_recall == pytest.approx(1 / 2)
    # pairs of answerable and unanswerable: .9, .6, .1 against .1, .7 win 2, 1, 0.5 (a tie)
    assert metrics.refusal_auroc == pytest.approx(3.5 / 6)
    assert metrics.turn_accuracy is None


def test_chat_is_no_refusal() -> None:
    chatted = replace(UNANSWERABLE_REFUSED, outcome=Outcome.CHAT, right=False)
    metrics = measure([chatted])
    assert metrics.refusal_recall == 0
    assert metrics.refusal_precision is None
    assert metrics.citations_mean is None


def test_hit_at_five_ends_with_the_fifth() -> None:
    metrics = measure([replace(WRONG, hit_rank=5), replace(WRONG, hit_rank=6)])
    assert metrics.hit_at_5 == 0.5
    assert metrics.mrr_at_10 == pytest.approx((1 / 5 + 1 / 6) / 2)


def test_turns_count_as_questions_and_refusals_as_right_turns() -> None:
    turns = [replace(RIGHT, in_dialogue=True), replace(UNANSWERABLE_REFUSED, in_dialogue=True)]
    metrics = measure([*turns, replace(WRONG, in_dialogue=True), WRONG])
    assert metrics.questions == 4
    assert metrics.turn_accuracy == pytest.approx(2 / 3)
    assert metrics.answer_accuracy == pytest.approx(1 / 3)


def test_by_type_holds_each_type_and_leaves_out_questions_without_one() -> None:
    by_type = measure_by_type([RIGHT, UNANSWERABLE_REFUSED, replace(WRONG, type=None), WRONG])
    assert list(by_type) == ["figure", "unanswerable"]
    assert by_type["figure"].questions == 2
    assert by_type["unanswerable"].answer_accuracy is None
    assert by_type["unanswerable"].refusal_recall == 1


@given(scores, scores)
def test_area_under_roc_agrees_with_comparing_every_pair(positives: list[float], negatives: list[float]) -> None:
    pairs = [(positive > negative) + (positive == negative) / 2 for positive in positives for negative in negatives]
    assert area_under_roc(positives, negatives) == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)


@given(st.lists(st.floats(0, 1e4), max_size=30), st.sampled_from([0, 50, 95, 100]))
def test_percentile_agrees_with_numpy(values: list[float], percent: int) -> None:
    expected = pytest.approx(float(np.percentile(values, percent))) if values else None
    assert percentile(values, percent) == expected


def test_mean_of_nothing_is_none() -> None:
    assert mean([]) is None
    assert mean([True, False]) == 0.5
