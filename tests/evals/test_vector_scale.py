"""The comparison of kinds of vector index, in small."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from embeddings.cache import VectorCache
from evals.neighbour_figures import Vectors
from evals.vector_kinds import KINDS
from evals.vector_scale import cached_vectors, compare, drawn, exact
from evals.vector_scale_plot import kinds_svg

DIM = 96


def unit(count: int, seed: int) -> Vectors:
    matrix = np.random.default_rng(seed).normal(size=(count, DIM)) + 0.5
    vectors: Vectors = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)
    return vectors


def test_the_exact_products_are_those_of_brute_force() -> None:
    vectors, questions = unit(300, 1), unit(3, 2)
    expected = -np.sort(-(questions @ vectors.T), axis=1)[:, :100]
    np.testing.assert_allclose(exact(vectors, questions), expected, atol=1e-6)


def test_every_kind_is_measured_and_drawn(tmp_path: Path) -> None:
    vectors, questions = unit(3000, 1), unit(5, 2)
    figures = list(compare(vectors, questions, list(KINDS), tmp_path / "raw.f16", lambda _: None))
    assert [found["kind"] for found in figures] == list(KINDS)
    by_kind = {found["kind"]: found["settings"] for found in figures}
    assert by_kind["flat float32"][0]["recall@10"] == 1
    assert by_kind["flat float16"][0]["recall@10"] >= 0.98
    for settings in by_kind.values():
        recalls = [setting["recall@10"] for setting in settings]
        assert recalls[-1] >= 0.9
        assert recalls[-1] >= recalls[0]
    plot = kinds_svg([{"vectors": 3000, "real_vectors": 0, "kinds": figures}])
    assert len(ElementTree.fromstring(plot).findall("{*}text")) > len(KINDS)


def test_vectors_of_a_cache_are_read_by_what_they_are_of(tmp_path: Path) -> None:
    path = tmp_path / "vectors.db"
    vectors = unit(4, 3)
    cache = VectorCache(path)
    cache.store("e5", [b"b" * 32, b"a" * 32], vectors[:2])
    cache.store("e5#queries", [b"c" * 32, b"d" * 32], vectors[2:])
    np.testing.assert_array_equal(cached_vectors(path, questions=False), vectors[[1, 0]])
    np.testing.assert_array_equal(cached_vectors(path, questions=True), vectors[2:])
    twice = drawn([path, path, tmp_path / "none.db"], questions=False)
    assert sorted(map(tuple, twice.tolist())) == sorted(map(tuple, vectors[:2].tolist()))


def test_a_cache_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        cached_vectors(tmp_path / "none.db", questions=False)
