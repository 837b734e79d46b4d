"""A part: an immutable folder of vectors, sorted by row.

rows.npy   int64, shape (count,), ascending
raw.f16    float16, shape (count, dim), see ``raw``
lists.faiss  of a large part: which places are likely to be best for a question
part.json  format, kind, count, dim
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.vectors.flat import scan
from retrieval.vectors.index import Rows, Vector
from retrieval.vectors.lists import InvertedLists, scanned_vectors
from retrieval.vectors.raw import RawVectors
from retrieval.vectors.selection import Selection

FORMAT = 1
ROWS, RAW, LISTED, DESCRIPTION = "rows.npy", "raw.f16", "lists.faiss", "part.json"
FLAT, LISTS = "flat", "lists"
# Up to here reading every vector is as fast as looking for lists, and exact.
MOST_FLAT = 50_000
# Beyond half as many again as are wanted, in case the wanted are few.
_MORE_CANDIDATES = 50


class VectorPart:
    """An open part. Its files may be deleted while it is open."""

    def __init__(self, name: str, rows: Rows, raw: RawVectors, lists: InvertedLists | None = None) -> None:
        self.name = name
        self.lists = lists
        self.rows = rows
        self.raw = raw

    @classmethod
    def open(cls, folder: Path) -> VectorPart:
        """The part in a folder. Raises: ValueError: a file is missing, cut short or fits no other."""
        try:
            said: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
            if said["format"] != FORMAT:
                raise ValueError(f"it has format {said['format']}, this program reads format {FORMAT}")
            kind, count, dim = str(said["kind"]), int(said["count"]), int(said["dim"])
            if kind not in (FLAT, LISTS):
                raise ValueError(f"it is of kind {kind!r}, which this program does not know")
            rows = np.load(folder / ROWS, mmap_mode="r" if count else None)
            if rows.shape != (count,) or rows.dtype != np.int64:
                raise ValueError(f"{ROWS} holds {rows.dtype}{rows.shape}, expected int64({count},)")
            raw = RawVectors(folder / RAW, count, dim, mapped=kind == FLAT)
            lists = InvertedLists.open(folder / LISTED) if kind == LISTS else None
            if lists and (lists.count, lists.dim) != (count, dim):
                raise ValueError(f"{LISTED} holds {lists.count} vectors of {lists.dim}, expected {count} of {dim}")
            if kind == LISTS:
                raw.read_ahead()
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"vectors {folder.name} cannot be read ({error})") from error
        return cls(folder.name, rows, raw, lists)

    @property
    def kind(self) -> str:
        """How it is searched: "flat" reads every vector, "lists" those of promising clusters."""
        return LISTS if self.lists else FLAT

    @property
    def count(self) -> int:
        """Vectors in the part, dead ones included."""
        return len(self.rows)

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return self.raw.dim

    def places(self, rows: Rows) -> Rows:
        """Where each of the rows stands in the part, -1 where it does not. Shape of ``rows``."""
        if not self.count:
            return np.full(len(rows), -1, dtype=np.int64)
        places = np.minimum(np.searchsorted(self.rows, rows), self.count - 1)
        return np.where(self.rows[places] == rows, places, -1)

    def nearest(self, query: Vector, limit: int, allowed: Selection) -> tuple[Rows, Vector]:
        """The rows with the largest products and these, in no order. ``query``: float32, shape (dim,), in one piece."""
        places = self._candidates(query, limit, allowed)
        return self.rows[places], self.products(query, places)

    def counted(self, allowed: Selection) -> Selection:
        """The same selection, which a search takes for all there is: clusters weigh by what of them is allowed."""
        return allowed if self.lists is None else allowed.with_sizes(self.lists.sizes_of(allowed))

    def _candidates(self, query: Vector, limit: int, allowed: Selection) -> Rows:
        wanted = limit + limit // 2 + _MORE_CANDIDATES
        if self.lists and allowed.sizes is not None:
            most = scanned_vectors(max(allowed.count, 1))
            if allowed.count > MOST_FLAT and wanted < most // 8:
                found = self.lists.search(query, wanted, allowed, most)
                if len(found) >= limit:
                    return found
        elif self.lists and allowed.count:
            # As many allowed vectors are looked at as if all were.
            most = round(scanned_vectors(self.count) * self.count / allowed.count)
            if most < self.count // 2 and wanted < most // 8:
                found = self.lists.search(query, wanted, allowed, most)
                # Fewer, where nearly all that stands near the query is not allowed.
                if len(found) >= limit:
                    return found
        return scan(self.raw.matrix(), query, limit, allowed)[0]

    def products(self, query: Vector, places: Rows) -> Vector:
        """The inner products of the query with the vectors at some places."""
        # Row by row: a product does not depend on what else is asked for, so neither does an order.
        products: Vector = np.vecdot(self.raw.at(places), query)
        return products
