"""Made vectors: what they must keep of the real ones, and the figures that say whether they do."""

import numpy as np
import numpy.typing as npt
import pytest

from evals.made_vectors import made_vectors, neighbourhoods
from evals.neighbour_figures import intrinsic_dimension, nearest, neighbour_figures

Vectors = npt.NDArray[np.float32]


def unit(vectors: npt.NDArray[np.float64]) -> Vectors:
    rows: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return rows


def texts_like(count: int, seed: int = 3, *, directions: int = 12, dim: int = 64) -> Vectors:
    """Vectors in a narrow cone close to a surface of few dimensions, in groups, as vectors of texts are."""
    draw = np.random.default_rng(seed)
    basis = np.random.default_rng(0).standard_normal((directions, dim))
    centres = np.random.default_rng(1).standard_normal((40, directions)) * 0.5
    inner = centres[draw.integers(0, 40, count)] + draw.standard_normal((count, directions)) * 0.3
    cone = np.zeros(dim)
    cone[0] = 20.0
    return unit(cone + inner @ basis + draw.standard_normal((count, dim)) * 0.05)


def made(real: Vectors, count: int, *, seed: int = 5) -> Vectors:
    return np.concatenate(list(made_vectors(real, neighbourhoods(real), count, seed=seed)))


def test_made_vectors_have_length_one_and_are_as_many_as_asked_for() -> None:
    vectors = made(texts_like(300), 5000)

    assert vectors.shape == (5000, 64)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(5000), abs=1e-5)


def test_none_are_made_where_none_are_asked_for() -> None:
    assert list(made_vectors(texts_like(300), neighbourhoods(texts_like(300)), 0, seed=1)) == []


def test_the_same_seed_makes_the_same_and_another_makes_others() -> None:
    real = texts_like(300)

    assert np.array_equal(made(real, 600, seed=1), made(real, 600, seed=1))
    assert not np.allclose(made(real, 600, seed=1), made(real, 600, seed=2))


def test_made_vectors_are_no_copies_of_real_ones() -> None:
    real = texts_like(500)

    _, products = nearest(made(real, 500), real, 1)

    assert float(np.median(products)) < 0.9999


def test_mean_and_spread_of_the_whole_stay() -> None:
    real = texts_like(2000)
    vectors = made(real, 6000)

    assert vectors.mean(axis=0) == pytest.approx(real.mean(axis=0), abs=0.01)
    assert vectors.std(axis=0).sum() == pytest.approx(real.std(axis=0).sum(), rel=0.1)


def test_neighbourhoods_of_made_vectors_are_like_those_of_real_ones() -> None:
    real = texts_like(3000)
    figures = [neighbour_figures(nearest(vectors, vectors, 100, own=True)[1]) for vectors in (real, made(real, 3000))]

    for rank in (1, 10, 100):
        for quantile in ("p10", "p50", "p90"):
            mine, theirs = (each[f"neighbour_{rank}"][quantile] for each in figures)
            assert mine == pytest.approx(theirs, abs=0.03)
    assert figures[1]["local_dimension_p50"] == pytest.approx(figures[0]["local_dimension_p50"], rel=0.3)


def test_many_children_of_few_parents_are_spread_like_as_many_real_ones() -> None:
    real = texts_like(6000)
    of_few = made(real[:400], 6000)
    figures = [neighbour_figures(nearest(each[:1000], each, 100, own=True)[1]) for each in (real, of_few)]

    assert figures[1]["neighbour_100"]["p50"] == pytest.approx(figures[0]["neighbour_100"]["p50"], abs=0.03)


def test_each_is_the_first_of_its_neighbourhood() -> None:
    real = texts_like(200)

    assert neighbourhoods(real, 5)[:, 0].tolist() == list(range(200))


def test_nearest_agrees_with_sorting_all_products() -> None:
    vectors = texts_like(700)
    places, products = nearest(vectors[:600], vectors, 7, own=True)

    every = vectors[:600] @ vectors.T
    every[np.arange(600), np.arange(600)] = -np.inf
    assert np.sort(every, axis=1)[:, ::-1][:, :7] == pytest.approx(products, abs=1e-6)
    assert np.take_along_axis(every, places, axis=1) == pytest.approx(products, abs=1e-6)


@pytest.mark.parametrize("dimension", [2, 8])
def test_the_local_dimension_of_a_plane_is_that_of_the_plane(dimension: int) -> None:
    draw = np.random.default_rng(9)
    flat = np.zeros((6000, 64))
    flat[:, 0] = 50.0
    flat[:, 1 : dimension + 1] = draw.uniform(-1, 1, (6000, dimension))
    vectors = unit(flat).astype(np.float64)
    # Near the middle of the plane, where it has no edge; in float64, as the distances are small.
    middle = np.argsort(np.abs(flat[:, 1 : dimension + 1]).max(axis=1))[:200]
    products = np.sort(vectors[middle] @ vectors.T, axis=1)[:, ::-1][:, 1:101]

    assert float(np.median(intrinsic_dimension(products))) == pytest.approx(dimension, rel=0.25)


def test_the_same_text_twice_has_a_finite_dimension() -> None:
    products = np.ones((1, 100), dtype=np.float32)

    assert np.isfinite(intrinsic_dimension(products)).all()
