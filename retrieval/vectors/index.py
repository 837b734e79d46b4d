"""What a search over vectors must be able to do, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


class VectorIndex(Protocol):
    """Finds the passages whose vectors are nearest to a question's. Safe to use from several threads."""

    @property
    def dim(self) -> int:
        """Width of a vector."""
        ...

    @property
    def count(self) -> int:
        """Vectors that can be found."""
        ...

    def search(self, query: Vector, limit: int, *, excluded: Collection[int] = ()) -> dict[int, float]:
        """The best rows with their inner products, best first. ``query``: shape (dim,). Empty index: {}."""
        ...

    def scores(self, query: Vector, rows: Sequence[int]) -> dict[int, float]:
        """The inner product of the query with each of the rows that have a vector."""
        ...

    def vectors(self, rows: Sequence[int]) -> Vector:
        """The stored vectors, float32, shape (len(rows), dim). Raises: KeyError: a row has none."""
        ...

    def holds(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Which of the rows have a vector, shape of ``rows``."""
        ...
