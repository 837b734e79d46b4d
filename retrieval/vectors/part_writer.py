"""Writes parts. Nothing is flushed to the disk here: whoever names a part in a snapshot syncs its folder first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.vectors.index import Rows, Vector
from retrieval.vectors.lists import InvertedLists
from retrieval.vectors.part import DESCRIPTION, FLAT, FORMAT, LISTED, LISTS, MOST_FLAT, RAW, ROWS
from retrieval.vectors.raw import FLOAT16, RawVectors

BLOCK_ROWS = 8192
_Block = npt.NDArray[np.floating]
MakesLists = Callable[[RawVectors], InvertedLists]
_UNSORTED = "raw.unsorted"


def write_part(
    folder: Path,
    rows: npt.ArrayLike,
    vectors: Vector | Iterable[Vector],
    *,
    dim: int,
    lists: MakesLists = InvertedLists.of,
) -> None:
    """Write a part into a new folder. ``vectors``: shape (len(rows), dim), whole or as blocks of it, in the order of
    ``rows``, which may be any; values must fit float16. ``lists``: makes those of a large part from its vectors.

    Raises: ValueError: the shapes do not fit, or a row comes twice. OSError: it cannot be written in full.
    """
    numbers = np.asarray(rows, dtype=np.int64).reshape(-1)
    order = np.argsort(numbers, kind="stable")
    ascending = numbers[order]
    if (ascending[1:] == ascending[:-1]).any():
        raise ValueError("a row comes twice")
    folder.mkdir(parents=True)
    in_order = bool((order[1:] > order[:-1]).all())
    if isinstance(vectors, np.ndarray):
        _check(vectors, dim)
        blocks: Iterable[Vector] = [vectors] if in_order else _gathered(vectors.__getitem__, order)
        _write_raw(folder / RAW, blocks, len(ascending), dim)
    elif in_order:
        _write_raw(folder / RAW, vectors, len(ascending), dim)
    else:
        unsorted = folder / _UNSORTED
        _write_raw(unsorted, vectors, len(ascending), dim)
        stored = RawVectors(unsorted, len(ascending), dim, mapped=False)
        _write_raw(folder / RAW, _gathered(stored.stored, order), len(ascending), dim)
        unsorted.unlink()
    _finish(folder, ascending, dim, lists)


def _finish(folder: Path, rows: Rows, dim: int, lists: MakesLists) -> None:
    """Write all but the matrix, which is there."""
    np.save(folder / ROWS, rows)
    kind = FLAT
    if len(rows) > MOST_FLAT:
        kind = LISTS
        lists(RawVectors(folder / RAW, len(rows), dim, mapped=False)).write(folder / LISTED)
    said = {"format": FORMAT, "kind": kind, "count": len(rows), "dim": dim}
    (folder / DESCRIPTION).write_text(json.dumps(said) + "\n", encoding="utf-8")


def _write_raw(path: Path, blocks: Iterable[_Block], count: int, dim: int) -> None:
    written = 0
    with path.open("xb") as file:
        for block in blocks:
            _check(block, dim)
            for start in range(0, len(block), BLOCK_ROWS):
                file.write(np.ascontiguousarray(block[start : start + BLOCK_ROWS], dtype=FLOAT16).data)
            written += len(block)
    if written != count:
        raise ValueError(f"{written} vectors for {count} rows")


def _check(block: _Block, dim: int) -> None:
    if block.ndim != 2 or block.shape[1] != dim:
        raise ValueError(f"vectors of shape {block.shape}, expected (n, {dim})")


def _gathered(at: Callable[[Rows], _Block], order: Rows) -> Iterator[_Block]:
    for start in range(0, len(order), BLOCK_ROWS):
        yield at(order[start : start + BLOCK_ROWS])
