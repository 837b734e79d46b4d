"""Weights in 8 bits: numpy only, for whoever writes a graph."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Narrow = tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]


def rows_to_int8(weights: npt.NDArray[np.float32], *, most: int = 127) -> Narrow:
    """Each row of a matrix as integers up to ``most``, and the scales, shape (rows, 1): weights = integers * scales."""
    scales = np.abs(weights).max(axis=1, keepdims=True).astype(np.float32) / most
    scales[scales == 0] = 1
    return np.rint(weights / scales).astype(np.int8), scales
