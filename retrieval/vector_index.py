"""Vectors of passages by row: exact inner product with FAISS behind a narrow protocol. Only this module loads FAISS."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]


class VectorIndex(Protocol):
    """Finds the passages whose vectors are nearest to a question's."""

    @property
    def dim(self) -> int:
        """Width of a vector."""
        ...

    @property
    def count(self) -> int:
        """Vectors in the index."""
        ...

    def search(self, query: Vector, limit: int, *, excluded: Collection[int] = ()) -> dict[int, float]:
        """The best rows with their inner products, best first. ``query``: shape (dim,). Empty index: {}."""
        ...

    def scores(self, query: Vector, rows: Sequence[int]) -> dict[int, float]:
        """The inner product of the query with each of the rows that are in the index."""
        ...

    def vectors(self, rows: Sequence[int]) -> Vector:
        """The stored vectors, shape (len(rows), dim). Raises: KeyError: a row is not in the index."""
        ...


class FaissVectorIndex:
    """``VectorIndex`` over ``IndexIDMap2(IndexFlatIP)``: exact, and small enough below a million passages."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def empty(cls, dim: int) -> FaissVectorIndex:
        """An index in memory, to be filled."""
        return cls(faiss.IndexIDMap2(faiss.IndexFlatIP(dim)))

    @classmethod
    def open(cls, path: Path) -> FaissVectorIndex:
        """An index on disk, mapped into memory and shared with other processes.

        Raises: ValueError: it is not a FAISS file of this kind or is cut short.
        """
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise ValueError(f"{path.name} cannot be read ({error})") from error
        if not isinstance(index, faiss.IndexIDMap2):
            raise ValueError(f"{path.name} holds {type(index).__name__}, expected IndexIDMap2")
        return cls(index)

    def add(self, rows: Sequence[int], vectors: Vector) -> None:
        """Add vectors, shape (len(rows), dim), under their rows."""
        if len(rows):
            self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), np.asarray(rows, dtype=np.int64))

    def write(self, path: Path) -> None:
        """Write to disk. Raises: OSError: it cannot be written in full."""
        try:
            faiss.write_index(self._index, str(path))
        except RuntimeError as error:
            raise OSError(str(error)) from error

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return int(self._index.d)

    @property
    def count(self) -> int:
        """Vectors in the index."""
        return int(self._index.ntotal)

    def search(self, query: Vector, limit: int, *, excluded: Collection[int] = ()) -> dict[int, float]:
        """The best rows with their inner products, best first. ``query``: shape (dim,). Empty index: {}."""
        limit = min(limit, self.count)
        if limit <= 0:
            return {}
        parameters = None
        if excluded:
            batch = np.asarray(sorted(excluded), dtype=np.int64)
            parameters = faiss.SearchParameters()
            # Both selectors must outlive the search: FAISS keeps bare pointers to them.
            banned = faiss.IDSelectorBatch(batch)
            allowed = faiss.IDSelectorNot(banned)
            parameters.sel = allowed
        products, rows = self._index.search(_matrix(query), limit, params=parameters)
        return {int(row): float(score) for row, score in zip(rows[0], products[0], strict=True) if row >= 0}

    def scores(self, query: Vector, rows: Sequence[int]) -> dict[int, float]:
        """The inner product of the query with each of the rows that are in the index."""
        found: list[int] = []
        vectors: list[Vector] = []
        for row in rows:
            try:
                vectors.append(self._index.reconstruct(row))
            except RuntimeError:  # FAISS's way to say that it does not hold the row
                continue
            found.append(row)
        if not found:
            return {}
        products = np.stack(vectors) @ np.asarray(query, dtype=np.float32)
        return dict(zip(found, (float(product) for product in products), strict=True))

    def vectors(self, rows: Sequence[int]) -> Vector:
        """The stored vectors, shape (len(rows), dim). Raises: KeyError: a row is not in the index."""
        if not len(rows):
            return np.zeros((0, self.dim), dtype=np.float32)
        try:
            return np.stack([self._index.reconstruct(int(row)) for row in rows])
        except RuntimeError as error:
            raise KeyError(str(error)) from error


def _matrix(query: Vector) -> Vector:
    return np.ascontiguousarray(query, dtype=np.float32).reshape(1, -1)
