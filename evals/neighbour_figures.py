"""What neighbourhoods of vectors are like: how near the 1st, 10th and 100th neighbour is, in how many directions.

By this it is judged whether made vectors may stand for real ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
RANKS = (1, 10, 100)
QUANTILES = (0.1, 0.5, 0.9)
_BLOCK = 512
# Nearer than this two vectors are the same text; their distance would make the dimension infinite.
_LEAST_DISTANCE = 1e-4


def nearest(queries: Vectors, vectors: Vectors, count: int, *, own: bool = False) -> tuple[Places, Vectors]:
    """By brute force the places and inner products of the nearest, shape (len(queries), count), nearest first.

    ``own``: the queries are the first of the vectors, and none is its own neighbour.
    """
    places = np.empty((len(queries), count), dtype=np.int64)
    products = np.empty((len(queries), count), dtype=np.float32)
    for start in range(0, len(queries), _BLOCK):
        found = queries[start : start + _BLOCK] @ vectors.T
        if own:
            found[np.arange(len(found)), np.arange(start, start + len(found))] = -np.inf
        best = np.argpartition(-found, count - 1, axis=1)[:, :count]
        values = np.take_along_axis(found, best, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        places[start : start + _BLOCK] = np.take_along_axis(best, order, axis=1)
        products[start : start + _BLOCK] = np.take_along_axis(values, order, axis=1)
    return places, products


def intrinsic_dimension(products: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """The local dimension at each query from its neighbours' inner products, nearest first: the estimate of Levina and
    Bickel (2004), over distances of vectors of length 1.
    """
    distances = np.maximum(np.sqrt(np.maximum(2 - 2 * products.astype(np.float64), 0)), _LEAST_DISTANCE)
    logarithms = np.log(distances[:, -1:] / distances[:, :-1])
    dimensions: Vectors = (1 / np.maximum(logarithms.mean(axis=1), 1e-9)).astype(np.float32)
    return dimensions


def neighbour_figures(products: Vectors) -> dict[str, Any]:
    """The quantiles of the similarity of some neighbours, and the middle of the local dimensions."""
    ranks = [rank for rank in RANKS if rank <= products.shape[1]]
    return {
        **{
            f"neighbour_{rank}": {
                f"p{round(100 * share)}": round(float(value), 4)
                for share, value in zip(QUANTILES, np.quantile(products[:, rank - 1], QUANTILES), strict=True)
            }
            for rank in ranks
        },
        "local_dimension_p50": round(float(np.median(intrinsic_dimension(products))), 1),
    }
