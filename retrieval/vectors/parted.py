"""Several parts searched as one index, without the rows that are dead."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from retrieval.vectors.index import Rows, Vector
from retrieval.vectors.part import VectorPart
from retrieval.vectors.selection import Selection


class PartedVectorIndex:
    """``VectorIndex`` over parts. Immutable, so safe for any number of threads.

    A row stands in at most one of the parts. A dead row is not found, whatever part it stands in; one that comes back
    is taken out of ``dead`` again.
    """

    def __init__(self, parts: Sequence[VectorPart], dead: npt.ArrayLike, dim: int) -> None:
        """Raises: ValueError: a part has vectors of another width."""
        for part in parts:
            if part.dim != dim:
                raise ValueError(f"vectors {part.name} have {part.dim} dimensions, expected {dim}")
        self.parts = tuple(parts)
        self._dim = dim
        rows = np.unique(np.asarray(dead, dtype=np.int64))
        self._live = [Selection(part.count).without(_present(part, rows)) for part in self.parts]
        self._count = sum(live.count for live in self._live)

    def without(self, rows: Rows) -> PartedVectorIndex:
        """The same vectors less those of some rows, found as if these had never been there; shares what is open."""
        less = PartedVectorIndex((), (), self._dim)
        less.parts = self.parts
        banned = np.unique(rows)
        less._live = [
            part.counted(live.without(_present(part, banned)))
            for part, live in zip(self.parts, self._live, strict=True)
        ]
        less._count = sum(live.count for live in less._live)
        return less

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return self._dim

    @property
    def count(self) -> int:
        """Live vectors."""
        return self._count

    def search(self, query: Vector, limit: int, *, excluded: Collection[int] = ()) -> dict[int, float]:
        """The best rows with their inner products, best first. ``query``: shape (dim,). Empty index: {}."""
        if limit <= 0:
            return {}
        query = np.ascontiguousarray(query, dtype=np.float32)
        banned = np.unique(np.fromiter(excluded, dtype=np.int64, count=len(excluded)))
        rows: list[Rows] = []
        products: list[Vector] = []
        for part, live in zip(self.parts, self._live, strict=True):
            allowed = live.without(_present(part, banned)) if len(banned) else live
            found, their_products = part.nearest(query, limit, allowed)
            rows.append(found)
            products.append(their_products)
        if not rows:
            return {}
        return _best(np.concatenate(rows), np.concatenate(products), limit)

    def scores(self, query: Vector, rows: Sequence[int]) -> dict[int, float]:
        """The inner product of the query with each of the rows that have a vector."""
        query = np.ascontiguousarray(query, dtype=np.float32)
        wanted = np.asarray(rows, dtype=np.int64)
        products = np.zeros(len(wanted), dtype=np.float32)
        held = np.zeros(len(wanted), dtype=np.bool_)
        for part, here, places in self._found(wanted):
            products[here] = part.products(query, places)
            held[here] = True
        return dict(zip(wanted[held].tolist(), products[held].tolist(), strict=True))

    def vectors(self, rows: Sequence[int]) -> Vector:
        """The stored vectors, float32, shape (len(rows), dim). Raises: KeyError: a row has none."""
        wanted = np.asarray(rows, dtype=np.int64)
        result = np.zeros((len(wanted), self._dim), dtype=np.float32)
        held = np.zeros(len(wanted), dtype=np.bool_)
        for part, here, places in self._found(wanted):
            result[here] = part.raw.at(places)
            held[here] = True
        if not held.all():
            raise KeyError(int(wanted[~held][0]))
        return result

    def holds(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Which of the rows have a vector, shape of ``rows``."""
        wanted = np.asarray(rows, dtype=np.int64)
        held = np.zeros(len(wanted), dtype=np.bool_)
        for _, here, _ in self._found(wanted):
            held[here] = True
        return held

    def _found(self, rows: Rows) -> list[tuple[VectorPart, Rows, Rows]]:
        """For each part that holds some of them: which of ``rows`` these are, and their places in the part."""
        found = []
        for part, live in zip(self.parts, self._live, strict=True):
            places = part.places(rows)
            here = np.flatnonzero(places >= 0)
            here = here[live.holds(places[here])]
            if len(here):
                found.append((part, here, places[here]))
        return found


def _present(part: VectorPart, rows: Rows) -> Rows:
    places = part.places(rows)
    return places[places >= 0]


def _best(rows: Rows, products: Vector, limit: int) -> dict[int, float]:
    if len(products) > limit:
        kept = np.argpartition(-products, limit - 1)[:limit]
        rows, products = rows[kept], products[kept]
    # Equal products in the order of their rows, so that a search is repeatable however the parts are cut.
    order = np.lexsort((rows, -products))
    return dict(zip(rows[order].tolist(), products[order].tolist(), strict=True))
