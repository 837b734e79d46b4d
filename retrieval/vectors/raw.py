"""The vectors of a part as they lie in its file: float16, one after the other, little-endian, without a header.

A small file is mapped into memory. Of a large one single vectors are read with system calls: pages that a process has
mapped count as its memory, and 200 vectors a question, each with what the system maps around it, soon are all of them.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.vectors.index import Rows, Vector

Matrix = npt.NDArray[np.float16]
FLOAT16 = np.dtype("<f2")


class RawVectors:
    """An open file of vectors; the file may be deleted meanwhile. Safe to use from several threads."""

    def __init__(self, path: Path, count: int, dim: int, *, mapped: bool) -> None:
        """``mapped``: map it once and for all. Raises: OSError; ValueError: the file has another size."""
        self.count, self.dim = count, dim
        self._width = dim * FLOAT16.itemsize
        self._file = path.open("rb", buffering=0)
        size = os.fstat(self._file.fileno()).st_size
        if size != count * self._width:
            self._file.close()
            raise ValueError(f"{path.name} has {size} bytes, {count} vectors of {dim} have {count * self._width}")
        self._mapped = self._map() if mapped else None

    def read_ahead(self) -> None:
        """Ask the system to have the file in its cache before somebody's question does; it may take a while or not."""
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)

    def matrix(self) -> Matrix:
        """All of them, shape (count, dim), mapped into memory; for good, or for as long as the result is held."""
        return self._map() if self._mapped is None else self._mapped

    def stored(self, places: Rows) -> Matrix:
        """The vectors at some places, shape (len(places), dim). Raises: OSError: they cannot be read."""
        if self._mapped is not None:
            return self._mapped[places]
        if not len(places):
            return np.zeros((0, self.dim), dtype=FLOAT16)
        # One call for neighbours in the file, however many.
        starts = np.flatnonzero(np.diff(places, prepend=places[0] - 2) != 1)
        lengths = np.diff(starts, append=len(places)) * self._width
        offsets = places[starts] * self._width
        descriptor = self._file.fileno()
        read = b"".join(map(os.pread, [descriptor] * len(starts), lengths.tolist(), offsets.tolist()))
        if len(read) != len(places) * self._width:
            raise OSError(f"{self._file.name} was cut short while it was open")
        return np.frombuffer(read, dtype=FLOAT16).reshape(len(places), self.dim)

    def at(self, places: Rows) -> Vector:
        """The vectors at some places as float32, shape (len(places), dim). Raises: OSError: they cannot be read."""
        return self.stored(places).astype(np.float32)

    def _map(self) -> Matrix:
        if not self.count:
            return np.zeros((0, self.dim), dtype=FLOAT16)
        whole = mmap.mmap(self._file.fileno(), 0, prot=mmap.PROT_READ)
        return np.frombuffer(whole, dtype=FLOAT16).reshape(self.count, self.dim)
