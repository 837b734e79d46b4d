"""Answers have a shape: a name is short, an explanation may be long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading.questions import analyse
from retrieval.trained_reader.decoding import Decoded, Scored, choose
from retrieval.trained_reader.shape import FOREIGN, NARROW, WIDE, shape_for


@pytest.mark.parametrize(
    ("question", "shape"),
    [
        ("镇长是谁?", NARROW),
        ("产值是多少?", NARROW),
        ("属于哪一种气候?", NARROW),
        ("为什么缓建?", WIDE),
        ("有哪些活动?", WIDE),
        ("who is it?", NARROW),
        ("what does it protect?", FOREIGN),
    ],
)
def test_narrow_questions_have_narrow_answers(question: str, shape: object) -> None:
    assert shape_for(analyse(question)) is shape


def test_a_run_over_a_sentence_end_loses_to_a_shorter_one() -> None:
    passage = "镇长陈丽到会。书记没有来。"
    spans = (Scored(2, 11, 0.5), Scored(2, 4, 0.3))

    chosen = choose(Decoded(spans, 1.0, 0.1, 0.0, 0.0), passage, lambda a, b: (a, b), NARROW.likelihood)

    assert chosen is not None
    assert passage[chosen.start : chosen.end] == "陈丽"
    assert chosen.probability == pytest.approx(0.3 / 0.9)


@given(st.text(max_size=30), st.sampled_from([NARROW, WIDE]))
def test_a_likelihood_is_above_zero_and_never_above_one(words: str, shape: object) -> None:
    assert isinstance(shape, type(NARROW))
    assert 0.0 < shape.likelihood(words) <= 1.0


def test_what_most_guesses_hold_answers_a_wide_question() -> None:
    passage = "为推动乡村产业发展壮大而设立"
    spans = (Scored(1, 9, 0.34), Scored(3, 9, 0.33), Scored(1, 11, 0.33))
    decoded = Decoded(spans, 1.0, 0.0, 0.0, 0.0)

    chosen = [choose(decoded, passage, lambda a, b: (a, b), worth=shape.worth) for shape in (NARROW, WIDE)]

    assert [(each.start, each.end) for each in chosen if each] == [(1, 9), (1, 11)]


@given(*[st.tuples(st.integers(0, 60), st.integers(1, 60)) for _ in range(2)])
def test_nothing_is_worth_more_than_the_right_words(one: tuple[int, int], other: tuple[int, int]) -> None:
    given_run, right = ((start, start + length) for start, length in (one, other))
    for shape in (NARROW, WIDE, FOREIGN):
        assert 0.0 <= shape.worth(given_run, right) <= shape.worth(right, right)
    assert NARROW.worth(given_run, right) == (given_run == right)


def test_words_that_hold_the_answer_and_little_more_still_answer() -> None:
    assert WIDE.worth((0, 20), (4, 8)) > WIDE.worth((0, 21), (4, 8)) > WIDE.worth((8, 20), (4, 8)) == 0.0
