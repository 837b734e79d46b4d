"""Which places of a part a search may return: one bit a vector, none at all where every place is allowed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from retrieval.vectors.index import Rows

Bits = npt.NDArray[np.uint8]


class Selection:
    """The places of a part that are searched. Immutable."""

    def __init__(
        self, size: int, bits: Bits | None = None, count: int | None = None, *, sizes: Rows | None = None
    ) -> None:
        self.size = size
        # How many of each list's vectors are allowed; None where nobody counted them.
        self.sizes = sizes
        # Little-endian bits, None: all of them.
        self.bits = bits
        self.count = size if count is None else count

    def without(self, places: Rows) -> Selection:
        """The same less these places (each at most once)."""
        if not len(places):
            return self
        bits = np.full((self.size + 7) // 8, 0xFF, dtype=np.uint8) if self.bits is None else self.bits.copy()
        masks = np.left_shift(1, places & 7).astype(np.uint8)
        before = np.count_nonzero(bits[places >> 3] & masks)
        np.bitwise_and.at(bits, places >> 3, ~masks)
        return Selection(self.size, bits, self.count - int(before), sizes=self.sizes)

    def with_sizes(self, sizes: Rows) -> Selection:
        """The same, with how many of each list's vectors are allowed."""
        return Selection(self.size, self.bits, self.count, sizes=sizes)

    def holds(self, places: Rows) -> npt.NDArray[np.bool_]:
        """Which of the places are allowed."""
        if self.bits is None:
            return np.ones(len(places), dtype=np.bool_)
        allowed: npt.NDArray[np.bool_] = (self.bits[places >> 3] >> (places & 7).astype(np.uint8) & 1).astype(np.bool_)
        return allowed
