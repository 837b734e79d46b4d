"""FAISS against a brute-force oracle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.vector_index import FaissVectorIndex, Vector

ROWS = [7, 3, 900, 12, 44, 5_000_000_000]


@pytest.fixture
def vectors() -> Vector:
    matrix = np.random.default_rng(1923).normal(size=(len(ROWS), 16)).astype(np.float32)
    unit: Vector = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    return unit


@pytest.fixture
def index(vectors: Vector, tmp_path: Path) -> FaissVectorIndex:
    built = FaissVectorIndex.empty(16)
    built.add(ROWS[:2], vectors[:2])
    built.add(ROWS[2:], vectors[2:])
    built.write(tmp_path / "vectors.faiss")
    return FaissVectorIndex.open(tmp_path / "vectors.faiss")


def oracle(query: Vector, vectors: Vector, excluded: set[int] = frozenset()) -> list[tuple[int, float]]:  # type: ignore[assignment]
    pairs = [(row, float(query @ vector)) for row, vector in zip(ROWS, vectors, strict=True) if row not in excluded]
    return sorted(pairs, key=lambda pair: -pair[1])


def test_search_is_exact(index: FaissVectorIndex, vectors: Vector) -> None:
    for query in vectors:
        expected = oracle(query, vectors)[:4]
        found = index.search(query, 4)
        assert list(found) == [row for row, _ in expected]
        assert list(found.values()) == pytest.approx([score for _, score in expected], abs=1e-5)


def test_excluded_rows_do_not_use_up_the_limit(index: FaissVectorIndex, vectors: Vector) -> None:
    expected = oracle(vectors[0], vectors, {7, 44})[:3]
    assert list(index.search(vectors[0], 3, excluded={7, 44})) == [row for row, _ in expected]


def test_all_rows_excluded_gives_nothing(index: FaissVectorIndex, vectors: Vector) -> None:
    assert index.search(vectors[0], 3, excluded=set(ROWS)) == {}


def test_scores_of_rows_equal_those_of_a_search(index: FaissVectorIndex, vectors: Vector) -> None:
    assert index.scores(vectors[2], ROWS) == pytest.approx(dict(oracle(vectors[2], vectors)), abs=1e-5)
    assert index.scores(vectors[2], [1]) == {}


def test_stored_vectors_come_back(index: FaissVectorIndex, vectors: Vector) -> None:
    np.testing.assert_array_equal(index.vectors([900, 7]), vectors[[2, 0]])
    assert index.vectors([]).shape == (0, 16)
    with pytest.raises(KeyError):
        index.vectors([1])


def test_a_limit_above_the_count_gives_all(index: FaissVectorIndex, vectors: Vector) -> None:
    assert len(index.search(vectors[0], 100)) == len(ROWS)


def test_an_empty_index_is_written_and_searched(tmp_path: Path) -> None:
    FaissVectorIndex.empty(16).write(tmp_path / "empty.faiss")
    index = FaissVectorIndex.open(tmp_path / "empty.faiss")
    assert (index.count, index.dim) == (0, 16)
    assert index.search(np.ones(16, dtype=np.float32), 5) == {}


def test_a_file_cut_short_is_refused(tmp_path: Path, index: FaissVectorIndex) -> None:
    path = tmp_path / "vectors.faiss"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match="vectors"):
        FaissVectorIndex.open(path)


def test_a_folder_that_is_not_there_cannot_be_written(tmp_path: Path, index: FaissVectorIndex) -> None:
    with pytest.raises(OSError, match="none"):
        index.write(tmp_path / "none" / "vectors.faiss")
