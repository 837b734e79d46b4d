"""BM25 by numpy against a plain loop over the formula."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.bm25_numpy import K1, B, NumpyBM25, Postings, best, postings_of

TERMS = ["苦瓜", "瓜产", "产值", "杜阮", "阮镇", "2023"]
TEXTS = [
    ["杜阮", "阮镇", "苦瓜", "瓜产", "产值", "产值"],
    ["苦瓜", "苦瓜", "苦瓜"],
    [],
    ["产值", "2023"],
]
some_texts = st.lists(st.lists(st.sampled_from(TERMS), max_size=12), min_size=1, max_size=20)


def by_a_loop(texts: list[list[str]], query: list[str]) -> list[float]:
    average = max(sum(map(len, texts)) / len(texts), 1e-9)
    scores = [0.0] * len(texts)
    for term in dict.fromkeys(query):
        held = sum(term in text for text in texts)
        idf = math.log(1 + (len(texts) - held + 0.5) / (held + 0.5))
        for number, text in enumerate(texts):
            count = text.count(term)
            if count:
                scores[number] += idf * count * (K1 + 1) / (count + K1 * (1 - B + B * len(text) / average))
    return scores


@given(some_texts, st.lists(st.sampled_from([*TERMS, "无此"]), max_size=6))
def test_scores_are_those_of_the_formula(texts: list[list[str]], query: list[str]) -> None:
    scores = NumpyBM25(postings_of(texts)).scores(query)

    assert scores.tolist() == pytest.approx(by_a_loop(texts, query), rel=1e-5, abs=1e-6)


@given(some_texts, st.integers(1, 20))
def test_the_first_texts_alone_score_as_if_there_were_no_others(texts: list[list[str]], count: int) -> None:
    alone = NumpyBM25(postings_of(texts[:count])).scores(TERMS)

    assert NumpyBM25(postings_of(texts).first(count)).scores(TERMS).tolist() == pytest.approx(alone.tolist(), rel=1e-5)


def test_postings_are_read_as_they_were_written(tmp_path: Path) -> None:
    postings_of(TEXTS).write(tmp_path / "postings")

    read = Postings.read(tmp_path / "postings")

    assert NumpyBM25(read).scores(TERMS).tolist() == NumpyBM25(postings_of(TEXTS)).scores(TERMS).tolist()


def test_texts_are_numbered_on_over_the_blocks_they_are_counted_in(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = NumpyBM25(postings_of(TEXTS)).scores(TERMS)
    monkeypatch.setattr("evals.bm25_numpy._BLOCK", 2)

    assert NumpyBM25(postings_of(TEXTS)).scores(TERMS).tolist() == whole.tolist()


def test_a_question_of_unknown_terms_finds_nothing() -> None:
    assert best(NumpyBM25(postings_of(TEXTS)).scores(["无此"]), 3) == {}


def test_the_best_come_in_their_order_and_equal_ones_by_place() -> None:
    scores = np.array([0.5, 2.0, 0.0, 2.0, 1.0], dtype=np.float32)

    assert list(best(scores, 3).items()) == [(1, 2.0), (3, 2.0), (4, 1.0)]


@pytest.mark.parametrize("limit", [0, 100])
def test_no_more_are_given_than_asked_for_or_there(limit: int) -> None:
    scores = np.array([0.5, 2.0], dtype=np.float32)

    assert list(best(scores, limit)) == [1, 0][:limit]
