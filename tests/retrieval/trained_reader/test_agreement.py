"""Whether an int8 graph may serve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from retrieval.trained_reader.agreement import Agreement, compare
from retrieval.trained_reader.pairs import Pair
from retrieval.trained_reader.session import Output

ROW = Pair(ids=(0, 5, 2, 2, 2, 6, 7, 8, 2), kinds=(0,) * 9, offsets=((-1, -1),) * 9, first=5)
STARTS = np.array([0.5, 9, 9, 9, 9, 1, 3, 2, 9], np.float32)  # 9: never an answer
OUTPUT = Output(STARTS, STARTS[::-1].copy(), 1.0, -1.0)


def test_a_graph_agrees_with_itself() -> None:
    found = compare([ROW], [OUTPUT], [OUTPUT])
    assert found == Agreement(correlation=1.0, same_spans=1.0, scores_apart=0.0)
    assert found.accepted


def test_question_tokens_do_not_count() -> None:
    other = STARTS.copy()
    other[1:5] = -50
    assert compare([ROW], [OUTPUT], [replace(OUTPUT, starts=other)]).correlation == 1.0


def test_another_best_token_and_score_are_seen() -> None:
    other = STARTS.copy()
    other[5] = 4
    found = compare([ROW], [OUTPUT], [replace(OUTPUT, starts=other, answerability=-0.25)])
    assert (found.same_spans, found.scores_apart) == (0.5, 0.75)
    assert found.correlation < 0.9
    assert not found.accepted


def test_what_is_not_finite_agrees_not_at_all() -> None:
    broken = replace(OUTPUT, starts=np.full(9, np.nan, np.float32))
    constant = replace(OUTPUT, starts=np.zeros(9, np.float32))
    assert not compare([ROW], [OUTPUT], [broken]).accepted
    assert not compare([ROW], [OUTPUT], [constant]).accepted
    assert not compare([ROW], [OUTPUT], [replace(OUTPUT, relevance=float("inf"))]).accepted
