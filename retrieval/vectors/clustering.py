"""Divides vectors into many small clusters, in two steps, which costs a tenth of doing it in one.

Measured in docs/decisions/0011-vector-index-by-size.md: what is found afterwards is the same.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from retrieval.vectors.flat import distance_index, k_means
from retrieval.vectors.index import Rows, Vector
from retrieval.vectors.raw import Matrix
from retrieval.vectors.workers import Workers

_ROUNDS = 8
# Vectors for each cluster that k-means looks at, at most.
_LARGEST_SAMPLE = 256
_BLOCK_ROWS = 32_768
# A vector's cluster is looked for in this many of the groups of clusters nearest to it.
_GROUPS_ASKED = 4


def cluster_centres(sample: Matrix, count: int, pool: Workers) -> Vector:
    """About ``count`` centres of clusters, float32, shape (n, dim).

    ``sample``: at least ``count`` vectors, in an order that has nothing to do with what they are.
    """
    groups = max(1, round(count**0.5))
    coarse = pool.threads.submit(_means, sample[: groups * _LARGEST_SAMPLE], groups).result()
    blocks = [sample[start : start + _BLOCK_ROWS] for start in range(0, len(sample), _BLOCK_ROWS)]
    members = np.concatenate(list(pool.threads.map(lambda block: _nearest(coarse, block), blocks)))

    def centres_of(group: int) -> Vector:
        own = sample[members == group]
        return _means(own, max(1, round(len(own) / len(sample) * count)))

    return np.concatenate(list(pool.threads.map(centres_of, np.unique(members).tolist())))


class ClusterSearch:
    """Finds the nearest centre for many vectors: among groups of centres first. Safe to use from several threads."""

    def __init__(self, centres: Vector) -> None:
        self._groups = _means(centres, max(1, round(len(centres) ** 0.5)))
        members = _nearest(self._groups, centres)
        self._members = [np.flatnonzero(members == group) for group in range(len(self._groups))]
        self._centres = [np.ascontiguousarray(centres[own]) for own in self._members]

    def nearest(self, vectors: Vector) -> Rows:
        """The number of the centre that is nearest to each vector, shape (len(vectors),); almost always so."""
        asked = distance_index(self._groups).search(vectors, min(_GROUPS_ASKED, len(self._groups)))[1]
        best = np.full(len(vectors), np.inf, dtype=np.float32)
        found = np.zeros(len(vectors), dtype=np.int64)
        for group, (own, centres) in enumerate(zip(self._members, self._centres, strict=True)):
            here = np.flatnonzero((asked == group).any(axis=1))
            if not len(here) or not len(own):
                continue
            distances, places = distance_index(centres).search(np.ascontiguousarray(vectors[here]), 1)
            closer = distances[:, 0] < best[here]
            best[here[closer]] = distances[closer, 0]
            found[here[closer]] = own[places[closer, 0]]
        return found


def _means(vectors: npt.NDArray[np.floating], count: int) -> Vector:
    """k-means. Fewer vectors than clusters: the vectors themselves."""
    points = np.ascontiguousarray(vectors, dtype=np.float32)
    if len(points) <= count:
        return points
    return k_means(points, count, rounds=_ROUNDS, most_per_cluster=_LARGEST_SAMPLE)


def _nearest(centres: Vector, vectors: npt.NDArray[np.floating]) -> Rows:
    found: Rows = distance_index(centres).search(np.ascontiguousarray(vectors, dtype=np.float32), 1)[1][:, 0]
    return found
