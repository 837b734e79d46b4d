"""Decoding against a brute-force count over every span, and the joining of windows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.trained_reader.decoding import MAX_ANSWER_TOKENS, Decoded, Scored, choose, decode
from tests.retrieval.trained_reader.fake_network import FakeRow

FINITE = st.floats(-8, 8, width=32)


def row(start: list[float], end: list[float], relevance: float = 0.0) -> FakeRow:
    return FakeRow(np.array(start, np.float32), np.array(end, np.float32), relevance, relevance)


def by_hand(start: list[float], end: list[float]) -> tuple[tuple[int, int], float]:
    """The best span of all and its logits less those of no answer; token 0 is no answer."""
    spans = [(i, j) for i in range(1, len(start)) for j in range(i, len(start)) if j < i + MAX_ANSWER_TOKENS]
    best = max(spans, key=lambda span: np.float32(start[span[0]]) + np.float32(end[span[1]]))
    return best, start[best[0]] + end[best[1]] - start[0] - end[0]


@given(st.lists(st.tuples(FINITE, FINITE), min_size=2, max_size=9, unique_by=(lambda p: p[0], lambda p: p[1])))
def test_the_best_span_is_the_one_a_full_count_finds(logits: list[tuple[float, float]]) -> None:
    start, end = [a for a, _ in logits], [b for _, b in logits]
    offsets = [(-1, -1), *((i, i + 1) for i in range(len(logits) - 1))]

    decoded = decode([row(start, end)], [offsets])

    _, margin = by_hand(start, end)
    assert decoded.margin == pytest.approx(margin, abs=1e-3)
    best = decoded.spans[0]
    # Token i + 1 is the character i.
    assert start[best.start + 1] + end[best.end] - start[0] - end[0] == pytest.approx(margin, abs=1e-3)
    assert sum(span.probability for span in decoded.spans) <= 1.0 + 1e-6
    assert all(span.start < span.end for span in decoded.spans)


def test_tokens_that_are_not_of_the_passage_never_answer() -> None:
    decoded = decode([row([0, 9, 1, 0], [0, 9, 1, 0])], [[(-1, -1), (-1, -1), (0, 2), (2, 4)]])

    assert (decoded.spans[0].start, decoded.spans[0].end) == (0, 2)


def test_the_window_that_answers_best_is_taken_and_the_highest_relevance_kept() -> None:
    first = row([0, 1, -5], [0, 1, -5], relevance=2.0)
    second = row([0, -5, 4], [0, -5, 4], relevance=1.0)

    decoded = decode([first, second], [[(-1, -1), (0, 1), (1, 2)], [(-1, -1), (1, 2), (2, 3)]])

    assert (decoded.spans[0].start, decoded.spans[0].end) == (2, 3)
    assert decoded.margin == pytest.approx(8.0)
    assert (decoded.relevance, decoded.answerability) == (2.0, 1.0)


def test_a_passage_without_tokens_has_no_spans() -> None:
    decoded = decode([row([0, 3], [0, 3])], [[(-1, -1), (-1, -1)]])

    assert (decoded.spans, decoded.nothing, choose(decoded, "", lambda a, b: (a, b))) == ((), 1.0, None)


def test_marks_and_space_alone_are_no_words() -> None:
    spans = (Scored(0, 2, 0.6), Scored(2, 4, 0.3))
    decoded = Decoded(spans, 1.0, 0.1, 0.0, 0.0)

    assert choose(decoded, "\n。——", lambda a, b: (a, b)) is None
    chosen = choose(decoded, "\n。陈丽", lambda a, b: (a, b))
    assert chosen is not None
    assert (chosen.start, chosen.end) == (2, 4)


def test_an_end_before_every_start_still_gives_a_span() -> None:
    count = 40
    start = [0.0, *(-30.0 - place for place in range(count)), 5.0]
    start[31:41] = [-29.0] * 10
    end = [0.0, *(5.0 - place / 10 for place in range(count)), -9.0]
    offsets = [(-1, -1), *((i, i + 1) for i in range(count + 1))]

    decoded = decode([row(start, end)], [offsets])

    assert (decoded.spans[0].start, decoded.spans[0].end) == (count, count + 1)


def test_the_same_words_in_two_places_add_up() -> None:
    spans = (Scored(3, 4, 0.4), Scored(0, 1, 0.3), Scored(2, 3, 0.2))

    chosen = choose(Decoded(spans, 1.0, 0.1, 0.0, 0.0), "甲乙甲丙", lambda a, b: (a, b))

    assert chosen is not None
    assert (chosen.start, chosen.end) == (0, 1)
    assert chosen.probability == pytest.approx(0.5 / 0.9)


def test_where_words_stand_decides_between_near_rivals_only() -> None:
    def second_is_better(low: int, _: int) -> float:
        return 100.0 if low else 1.0

    near = Decoded((Scored(0, 2, 0.5), Scored(3, 5, 0.3)), 1.0, 0.1, 0.0, 0.0)
    far = Decoded((Scored(0, 2, 0.8), Scored(3, 5, 0.01)), 1.0, 0.1, 0.0, 0.0)

    chosen = [choose(each, "三亩，五亩", lambda a, b: (a, b), lambda _: 1.0, second_is_better) for each in (near, far)]

    assert [one.start for one in chosen if one] == [3, 0]


def test_spans_that_widen_to_the_same_words_add_up() -> None:
    passage = "近1.3亿元"
    start = [-9.0, 1.0, 1.0, -9, -9, -9, -9]
    end = [-9.0, -9, -9, -9, -9, -9, 3.0]
    offsets = [(-1, -1), *((i, i + 1) for i in range(6))]

    chosen = choose(decode([row(start, end)], [offsets]), passage, lambda a, b: (0, 6))

    assert chosen is not None
    assert (chosen.start, chosen.end) == (0, 6)
    assert chosen.probability == pytest.approx(1.0, abs=0.01)
