"""Search over several parts against brute force."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.vectors import PartedVectorIndex, Vector
from tests.retrieval.vectors.made import DIM, index_of, made, oracle, part

ROWS = [7, 3, 900, 12, 44, 5_000_000_000]
VECTORS = dict(zip(ROWS, made(len(ROWS)), strict=True))


@pytest.fixture
def index(tmp_path: Path) -> PartedVectorIndex:
    return index_of(tmp_path, [{row: VECTORS[row] for row in ROWS[:2]}, {row: VECTORS[row] for row in ROWS[2:]}])


def test_search_is_exact(index: PartedVectorIndex) -> None:
    for query in VECTORS.values():
        expected = oracle(query, VECTORS)[:4]
        found = index.search(query, 4)
        assert list(found) == [row for row, _ in expected]
        assert list(found.values()) == pytest.approx([score for _, score in expected], abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    cut=st.lists(st.integers(0, 3), min_size=1, max_size=60),
    dead=st.sets(st.integers(0, 70)),
    excluded=st.sets(st.integers(0, 70)),
    limit=st.integers(1, 70),
)
def test_any_cut_into_parts_finds_what_brute_force_finds(
    cut: list[int], dead: set[int], excluded: set[int], limit: int
) -> None:
    vectors = made(len(cut), seed=len(cut))
    pieces: list[dict[int, Vector]] = [{} for _ in range(4)]
    for row, number in enumerate(cut):
        pieces[number][row] = vectors[row]
    with tempfile.TemporaryDirectory() as folder:
        index = index_of(Path(folder), pieces, dead)
        query = made(1, seed=7)[0]
        expected = oracle(query, dict(enumerate(vectors)), dead | excluded)[:limit]
        found = index.search(query, limit, excluded=excluded)
    assert list(found) == [row for row, _ in expected]
    assert list(found.values()) == pytest.approx([score for _, score in expected], abs=1e-6)
    assert index.count == sum(row not in dead for row in range(len(cut)))


def test_excluded_rows_do_not_use_up_the_limit(index: PartedVectorIndex) -> None:
    expected = oracle(VECTORS[7], VECTORS, {7, 44})[:3]
    assert list(index.search(VECTORS[7], 3, excluded={7, 44})) == [row for row, _ in expected]
    assert index.search(VECTORS[7], 3, excluded=set(ROWS)) == {}


def test_scores_of_rows_equal_those_of_a_search(index: PartedVectorIndex) -> None:
    assert index.scores(VECTORS[900], ROWS) == index.search(VECTORS[900], 10)
    assert index.scores(VECTORS[900], [1]) == {}
    assert list(index.scores(VECTORS[900], [44, 1, 3])) == [44, 3]


def test_stored_vectors_come_back_in_the_order_asked_for(index: PartedVectorIndex) -> None:
    np.testing.assert_array_equal(index.vectors([900, 7]), np.stack([VECTORS[900], VECTORS[7]]))
    assert index.vectors([]).shape == (0, DIM)
    with pytest.raises(KeyError, match="1"):
        index.vectors([7, 1])


def test_a_dead_row_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    index = index_of(tmp_path, [VECTORS], dead={900, 1})
    assert index.count == len(ROWS) - 1
    assert 900 not in index.search(VECTORS[900], 10)
    assert index.scores(VECTORS[900], [900, 7]).keys() == {7}
    assert index.holds(np.array([900, 7, 1])).tolist() == [False, True, False]
    with pytest.raises(KeyError, match="900"):
        index.vectors([900])


def test_an_index_without_parts_is_empty() -> None:
    index = PartedVectorIndex([], [], DIM)
    assert (index.count, index.dim) == (0, DIM)
    assert index.search(VECTORS[7], 5) == {}
    assert index.scores(VECTORS[7], [7]) == {}
    assert not index.holds(np.array([7])).any()


def test_a_limit_of_nothing_finds_nothing(index: PartedVectorIndex) -> None:
    assert index.search(VECTORS[7], 0) == {}


def test_equal_vectors_come_in_the_order_of_their_rows(tmp_path: Path) -> None:
    same = VECTORS[7]
    index = index_of(tmp_path, [{5: same, 9: same}, {2: same}, {7: same}])
    assert list(index.search(same, 4)) == [2, 5, 7, 9]


def test_a_part_of_another_width_is_refused(tmp_path: Path) -> None:
    narrow = part(tmp_path / "narrow", [1], made(1, dim=8))
    with pytest.raises(ValueError, match="8 dimensions, expected 16"):
        PartedVectorIndex([narrow], [], DIM)


def test_eight_threads_find_the_same_as_one(tmp_path: Path) -> None:
    vectors = made(4000)
    index = index_of(tmp_path, [dict(enumerate(vectors[:3000])), dict(enumerate(vectors[3000:], 3000))], dead={5, 3500})
    expected = [index.search(query, 10, excluded={1, 2}) for query in vectors[:64]]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda query: index.search(query, 10, excluded={1, 2}), vectors[:64])) == expected
