"""The vectors of a snapshot in the making: new ones wait in a file, then become a part beside those of the old one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval import durable
from retrieval.snapshot_documents import Rows
from retrieval.vectors import Vector, VectorPart, dead_counts, merge_parts, plan_merges, write_part

# Folding more vectors than this takes longer than a changed document may; it is left to a run that has the time.
FOLDED_AT_ONCE = 50_000
_BLOCK_ROWS = 8192
_WAITING = np.dtype("<f2")
_NO_ROWS = np.zeros(0, dtype=np.int64)


class WaitingVectors:
    """Vectors in the order they come, in a file until they are closed."""

    def __init__(self, path: Path, dim: int) -> None:
        self._path = path
        self._dim = dim
        self._rows: list[Rows] = []
        self._file = path.open("xb")

    def close(self) -> None:
        """Delete the file."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def add(self, rows: Sequence[int], vectors: Vector) -> None:
        """Keep vectors, shape (len(rows), dim). Raises: OSError: the disk is full; ValueError: another shape."""
        block = np.ascontiguousarray(vectors, dtype=_WAITING)
        if block.shape != (len(rows), self._dim):
            raise ValueError(f"vectors of shape {block.shape} for {len(rows)} rows, expected (n, {self._dim})")
        self._file.write(block.data)
        self._rows.append(np.asarray(rows, dtype=np.int64))

    def write_part(self, folder: Path, live: Rows, parts: Sequence[VectorPart]) -> int:
        """Write those of live rows that stand in none of the parts yet. Returns: how many; 0: there is no folder.

        Of a row that came several times the first vector counts. Raises: OSError.
        """
        rows, places = np.unique(np.concatenate([_NO_ROWS, *self._rows]), return_index=True)
        wanted = _among(rows, live)
        for part in parts:
            wanted &= part.places(rows) < 0
        rows, places = rows[wanted], places[wanted]
        if len(rows):
            self._file.flush()
            write_part(folder, rows, self._blocks(places), dim=self._dim)
        return len(rows)

    def _blocks(self, places: Rows) -> Iterator[Vector]:
        stored = np.memmap(self._path, dtype=_WAITING, mode="r").reshape(-1, self._dim)
        for start in range(0, len(places), _BLOCK_ROWS):
            yield stored[places[start : start + _BLOCK_ROWS]].astype(np.float32)


@dataclass(frozen=True, slots=True)
class HeldVectors:
    """The vectors of the old snapshot. ``dead``: rows that stand in the parts and need not be found any more."""

    parts: Sequence[VectorPart]
    folder: Path
    dead: Rows


def assemble_parts(
    folder: Path, live: Rows, held: HeldVectors | None, waiting: WaitingVectors, *, name: str, fold: bool
) -> tuple[Rows, int]:
    """Fill a new folder with the parts that hold the vectors of live rows; old ones that stay are linked.

    Returns: the dead rows that stand in them, ascending, and how many live ones. ``live``: every row of the snapshot,
    ascending. ``name``: what the names of new parts begin with. Without ``fold`` only small parts are folded, so that
    the cost follows the change. Raises: OSError.
    """
    folder.mkdir()
    dead = _NO_ROWS if held is None else held.dead[~_among(held.dead, live)]
    kept: list[VectorPart] = []
    if held is not None:
        gone = dead_counts(held.parts, dead)
        kept = [part for part, count in zip(held.parts, gone, strict=True) if count < part.count]
    parts = list(kept)
    fresh = folder / f"{name}-0"
    if waiting.write_part(fresh, live, kept):
        parts.append(_opened(fresh))
    results: list[VectorPart] = []
    folded: set[int] = set()
    for group in planned_folds(parts, dead, fold=fold):
        made = folder / f"{name}-{len(results) + 1}"
        merge_parts(made, [parts[number] for number in group], dead)
        results.append(_opened(made))
        folded.update(group)
    remaining = [part for number, part in enumerate(parts) if number not in folded]
    for part in remaining:
        if held is not None and part in kept:
            durable.link_tree(held.folder / part.name, folder / part.name)
    if len(parts) > len(kept) and len(kept) in folded:
        durable.remove_tree(fresh)
    stands = np.zeros(len(dead), dtype=np.bool_)
    for part in remaining:
        stands |= part.places(dead) >= 0
    dead = dead[stands]
    return dead, sum(part.count for part in (*remaining, *results)) - len(dead)


def planned_folds(parts: Sequence[VectorPart], dead: Rows, *, fold: bool) -> list[list[int]]:
    """Groups of the numbers of parts to be folded; without ``fold`` only what takes a moment."""
    counts, gone = [part.count for part in parts], dead_counts(parts, dead)
    if fold:
        return plan_merges(counts, gone)
    small = [number for number, count in enumerate(counts) if count <= FOLDED_AT_ONCE]
    groups = plan_merges([counts[number] for number in small], [gone[number] for number in small])
    folds = [[small[place] for place in group] for group in groups]
    return [group for group in folds if sum(counts[number] for number in group) <= FOLDED_AT_ONCE]


def _opened(folder: Path) -> VectorPart:
    """Raises: OSError: what was just written cannot be read."""
    try:
        return VectorPart.open(folder)
    except ValueError as error:
        raise OSError(f"what was written does not read back: {error}") from error


def _among(rows: Rows, live: Rows) -> npt.NDArray[np.bool_]:
    """Which of the rows are live ones. Both ascending."""
    if not len(live):
        return np.zeros(len(rows), dtype=np.bool_)
    places = np.minimum(np.searchsorted(live, rows), len(live) - 1)
    found: npt.NDArray[np.bool_] = live[places] == rows
    return found
