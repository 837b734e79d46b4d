"""A part: an immutable folder of vectors, sorted by row.

rows.npy   int64, shape (count,), ascending
raw.f16    float16, shape (count, dim), little-endian, without a header; mapped into memory
part.json  format, kind, count, dim
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.vectors.flat import Matrix, scan
from retrieval.vectors.index import Rows, Vector
from retrieval.vectors.selection import Selection

FORMAT = 1
ROWS, RAW, DESCRIPTION = "rows.npy", "raw.f16", "part.json"
FLAT = "flat"
FLOAT16 = np.dtype("<f2")


class VectorPart:
    """An open part. Its files may be deleted while it is open."""

    def __init__(self, name: str, kind: str, rows: Rows, matrix: Matrix) -> None:
        self.name = name
        self.kind = kind
        self.rows = rows
        self.matrix = matrix

    @classmethod
    def open(cls, folder: Path) -> VectorPart:
        """The part in a folder. Raises: ValueError: a file is missing, cut short or fits no other."""
        try:
            said: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
            if said["format"] != FORMAT:
                raise ValueError(f"it has format {said['format']}, this program reads format {FORMAT}")
            kind, count, dim = str(said["kind"]), int(said["count"]), int(said["dim"])
            rows = np.load(folder / ROWS, mmap_mode="r" if count else None)
            matrix = _matrix(folder / RAW, count, dim)
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"vectors {folder.name} cannot be read ({error})") from error
        if rows.shape != (count,) or rows.dtype != np.int64:
            raise ValueError(f"vectors {folder.name} have rows of {rows.dtype}{rows.shape}, expected int64({count},)")
        if kind != FLAT:
            raise ValueError(f"vectors {folder.name} are of kind {kind!r}, which this program does not know")
        return cls(folder.name, kind, rows, matrix)

    @property
    def count(self) -> int:
        """Vectors in the part, dead ones included."""
        return len(self.rows)

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return int(self.matrix.shape[1])

    def places(self, rows: Rows) -> Rows:
        """Where each of the rows stands in the part, -1 where it does not. Shape of ``rows``."""
        if not self.count:
            return np.full(len(rows), -1, dtype=np.int64)
        places = np.minimum(np.searchsorted(self.rows, rows), self.count - 1)
        return np.where(self.rows[places] == rows, places, -1)

    def nearest(self, query: Vector, limit: int, allowed: Selection) -> tuple[Rows, Vector]:
        """The rows with the largest products and these, in no order. ``query``: float32, shape (dim,), in one piece."""
        places = scan(self.matrix, query, limit, allowed)
        return self.rows[places], self.products(query, places)

    def products(self, query: Vector, places: Rows) -> Vector:
        """The inner products of the query with the vectors at some places."""
        # Row by row: a product does not depend on what else is asked for, so neither does an order.
        products: Vector = np.vecdot(self.at(places), query)
        return products

    def at(self, places: Rows) -> Vector:
        """The vectors at some places, float32, shape (len(places), dim)."""
        return self.matrix[places].astype(np.float32)


def _matrix(path: Path, count: int, dim: int) -> npt.NDArray[np.float16]:
    size = path.stat().st_size
    if size != count * dim * FLOAT16.itemsize:
        raise ValueError(f"{path.name} has {size} bytes, {count} vectors of {dim} have {count * dim * 2}")
    if not count:
        return np.zeros((0, dim), dtype=np.float16)
    return np.memmap(path, dtype=FLOAT16, mode="r", shape=(count, dim))
