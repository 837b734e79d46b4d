"""The fit of the reader's table on readings of our own, where what is right can be seen in two features."""

from __future__ import annotations

import json
import random
from functools import lru_cache

import pytest

from evals.datasets import Question
from evals.fit_reader import is_right
from evals.reader_fit_table import chosen_stop, fitted_table, reliability
from evals.reader_fitting import (
    NEAR,
    WITH,
    WITHOUT,
    ReadHit,
    Sample,
    best_threshold,
    course,
    ended,
    fit_ranking,
    label,
    stopped,
)
from retrieval.trained_reader.calibration import Coefficients, ReaderCalibration
from retrieval.trained_reader.features import AMONG_OTHERS, FEATURES, FOREIGN_FEATURES


def hit(chance: random.Random, *, own: bool, answers: bool, foreign: bool, place: int) -> ReadHit:
    """Where it answers, relevance and margin are high, with noise; other features say nothing."""
    names = [name for name in (FOREIGN_FEATURES if foreign else FEATURES) if name not in AMONG_OTHERS]
    values = dict.fromkeys(names, 0.0) | {
        "relevance": (3.0 if answers else -3.0) + chance.gauss(0, 1),
        "margin": (4.0 if answers else -4.0) + chance.gauss(0, 2),
        "fused": 2.0 - 0.2 * place,
    }
    return ReadHit(values, f"d{place}", (f"第{place}处",), own, answers and own, answers and own)


def sample(chance: random.Random, kind: str, *, foreign: bool = False, name: str = "ours") -> Sample:
    where = chance.randrange(4)
    hits = tuple(
        hit(chance, own=place == where, answers=kind == WITH and place == where, foreign=foreign, place=place)
        for place in range(4)
    )
    return Sample(name, foreign, kind, f"g{chance.randrange(40)}", hits)


@lru_cache(maxsize=1)
def samples(count: int = 240) -> list[Sample]:
    chance = random.Random(1)
    kinds = (WITH, WITHOUT, NEAR)
    return [sample(chance, kinds[i % 3], foreign=i % 4 == 0, name=f"set{i % 2}") for i in range(count)]


def test_ranking_prefers_what_answers() -> None:
    weights = fit_ranking(samples())

    assert weights["relevance"] > 0
    assert weights["margin"] > 0
    ends = [ended(one, weights, 4) for one in samples() if one.answerable]
    assert sum(end.best.own for end in ends) / len(ends) > 0.95


def test_the_table_separates_and_survives_its_json() -> None:
    table, figures = fitted_table(samples())

    assert ReaderCalibration.of_json(json.loads(json.dumps(table.as_json()))) == table
    assert figures["sets"]["set0"]["auroc_near"] > 0.95
    assert figures["reliability"]["expected_calibration_error"] < 0.1
    assert table.passages_read == 4
    assert figures["by_stop"][table.stop_at]["passages_read_answerable"] <= 4


def test_reading_stops_at_the_batch_that_is_sure() -> None:
    chance = random.Random(3)
    hits = tuple(hit(chance, own=place == 0, answers=place == 0, foreign=False, place=place) for place in range(4))
    one = Sample("ours", False, WITH, "g", hits)
    side = Coefficients({"relevance": 1.0}, {"intercept": 0.0, "margin": 1.0})

    steps = course(one, side, (2, 2, 2))
    assert [end.read for end, _ in steps] == [2, 4, 4]
    assert stopped(steps, 0.5)[0].read == 2
    assert stopped(steps, 1.01)[0].read == 4


def test_the_lowest_stop_that_costs_half_a_point_at_most_is_chosen() -> None:
    stops = {
        stop: {"answered_rightly": share, "ends_rightly": share}
        for stop, share in ((0.5, 0.7), (0.7, 0.796), (0.9, 0.8), (1.01, 0.8))
    }

    assert chosen_stop(stops) == 0.7


def test_right_words_of_another_document_are_neither_right_nor_wrong() -> None:
    chance = random.Random(4)
    right = hit(chance, own=True, answers=True, foreign=False, place=0)

    found = {
        kind: label(ended(Sample("ours", False, kind, "g", (right,)), {"fused": 1.0}, 1))
        for kind in (WITH, WITHOUT, NEAR)
    }

    assert found == {WITH: True, WITHOUT: None, NEAR: False}


def test_the_threshold_lies_between_right_and_wrong() -> None:
    ends = [ended(one, {"relevance": 1.0}, 4) for one in samples()]
    scores = [0.8 if end.best.right else 0.2 for end in ends]

    # The lowest of all that do as well.
    assert 0.2 < best_threshold(ends, scores) <= 0.22


def test_reliability_counts_every_judged_answer() -> None:
    ends = [ended(one, {"relevance": 1.0}, 4) for one in samples() if one.kind == NEAR]

    found = reliability(ends, [1.0] * len(ends))

    assert found["bins"] == [{"from": 0.9, "count": len(ends), "probability": 1.0, "right": 0.0}]
    assert found["expected_calibration_error"] == 1.0


@pytest.mark.parametrize(
    ("words", "answers", "expected"),
    [
        (["8600万元"], ["8600万元"], True),
        (["花茶产值达8600万元"], ["8600万元"], True),
        (["1300亩"], ["1200亩"], False),
        (["荷塘镇人民政府办"], ["荷塘镇人民政府"], True),
        (["甲村", "乙村"], ["乙村"], True),
        ([], ["乙村"], False),
    ],
)
def test_words_are_right_that_hold_the_answer_and_not_much_else(
    words: list[str], answers: list[str], expected: bool
) -> None:
    assert is_right(words, answers) is expected


def test_development_documents_are_a_fifth_of_the_training_half() -> None:
    questions = [Question(f"q{n}", "？", ("答",), (f"d{n}",)) for n in range(2000)]
    training = [question for question in questions if not question.for_checking]
    development = [question for question in questions if question.for_development]

    assert not any(question.for_checking for question in development)
    assert 0.15 < len(development) / len(training) < 0.25
