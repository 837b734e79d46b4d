"""Makes vectors that lie among real ones as more real ones would, to measure an index at sizes nobody has embedded.

A made vector has a real one as parent. With m the mean of the parent's k nearest and C their covariance it is, before
it is brought to length 1,

    m + sqrt(1 - h²) (parent - m) + h noise,    noise from the normal distribution with covariance C

so that mean and covariance of each neighbourhood stay what they are, whatever h: the smoothed bootstrap with shrinkage
of Silverman and Young (1987), done locally. Noise of one covariance everywhere would not do: vectors of texts lie
in a narrow cone, close to a surface of some 25 dimensions in 384, and index kinds live on that. h near 0 makes
copies of the parents, so at many children to a parent h is near 1. ``index_likeness`` says how near to real it comes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evals.neighbour_figures import Places, Vectors, nearest

# Chosen by the figures of ``index_likeness``: made from a fifteenth of the real vectors, as many as all of them.
NEIGHBOURS = 40
NOISE = 0.9
_BLOCK = 2048


def neighbourhoods(real: Vectors, count: int = NEIGHBOURS) -> Places:
    """The nearest of each vector, itself first: shape (len(real), count)."""
    places, _ = nearest(real, real, min(count, len(real)) - 1, own=True)
    return np.column_stack([np.arange(len(real)), places])


def made_vectors(real: Vectors, around: Places, count: int, *, seed: int, noise: float = NOISE) -> Iterator[Vectors]:
    """``count`` made vectors in blocks, float32, rows of length 1; every parent has as many children, give or take one.

    ``around``: from ``neighbourhoods``, shape (len(real), k).
    """
    draw = np.random.default_rng(seed)
    turns = -(-count // len(real))
    parents: Places = np.concatenate([np.zeros(0, np.int64), *(draw.permutation(len(real)) for _ in range(turns))])
    for start in range(0, count, _BLOCK):
        yield _children(real, around, parents[start : min(count, start + _BLOCK)], draw, noise)


def _children(real: Vectors, around: Places, parents: Places, draw: np.random.Generator, noise: float) -> Vectors:
    neighbours = real[around[parents]]
    means = neighbours.mean(axis=1)
    neighbours -= means[:, None]
    # A sum of the neighbours' deviations with normal weights has their covariance.
    weights = draw.standard_normal(neighbours.shape[:2], dtype=np.float32) / np.sqrt(np.float32(neighbours.shape[1]))
    drawn = np.matmul(weights[:, None], neighbours)[:, 0]
    children = means + np.sqrt(np.float32(1 - noise**2)) * (real[parents] - means) + np.float32(noise) * drawn
    lengths = np.linalg.norm(children, axis=1, keepdims=True)
    unit: Vectors = (children / lengths).astype(np.float32)
    return unit
