"""Folds parts together, so that there are few however often something was added.

What is planned follows sizes as in a log-structured tree: parts of like size are folded, the large ones stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.vectors.index import Rows, Vector
from retrieval.vectors.lists import InvertedLists
from retrieval.vectors.part import VectorPart
from retrieval.vectors.part_writer import BLOCK_ROWS, write_part
from retrieval.vectors.raw import RawVectors

MOST_PARTS = 8
# A part with more dead rows than this share is rewritten: they cost memory and time in each search.
MOST_DEAD = 0.25
# A part is folded with all smaller ones once these hold this share of it together.
_FOLD_SHARE = 0.5
# Below this many vectors a part costs more by being one than by its vectors.
_SMALL = 1024


def dead_counts(parts: Sequence[VectorPart], dead: npt.ArrayLike) -> list[int]:
    """How many of the dead rows stand in each part."""
    rows = np.unique(np.asarray(dead, dtype=np.int64))
    return [int(np.count_nonzero(part.places(rows) >= 0)) for part in parts]


def plan_merges(counts: Sequence[int], dead_counts: Sequence[int]) -> list[list[int]]:
    """Which parts to fold together: groups of their numbers, each of which becomes one part; [] if all is well.

    A group of one is a part to be rewritten without its dead rows. After the plan there are at most ``MOST_PARTS``, and
    over many additions each vector is rewritten some log2(n) times.
    """
    live = [count - dead for count, dead in zip(counts, dead_counts, strict=True)]
    by_size = sorted(range(len(live)), key=lambda number: (live[number], number))
    together, folded = 0, 0
    for place, number in enumerate(by_size):
        # The smallest parts up to this one are folded if the others weigh enough against it, or are too many.
        small = together >= _FOLD_SHARE * live[number] or live[number] + together <= _SMALL
        too_many = len(by_size) - place >= MOST_PARTS
        together += live[number]
        if place and (small or too_many):
            folded = place + 1
    groups = [sorted(by_size[:folded])] if folded else []
    rewritten = [[number] for number in by_size[folded:] if dead_counts[number] > MOST_DEAD * counts[number]]
    return groups + rewritten


def merge_parts(folder: Path, parts: Sequence[VectorPart], dead: npt.ArrayLike) -> None:
    """Write the live vectors of some parts as one new part. Memory is bounded whatever their size.

    Raises: ValueError: they differ in width, or hold a live row twice. OSError: it cannot be written in full.
    """
    rows, sources, places = _live(parts, np.asarray(dead, dtype=np.int64))

    def lists(raw: RawVectors) -> InvertedLists:
        return _lists(raw, parts, sources, places)

    write_part(folder, rows, _blocks(parts, sources, places), dim=parts[0].dim, lists=lists)


def _lists(raw: RawVectors, parts: Sequence[VectorPart], sources: npt.NDArray[np.int16], places: Rows) -> InvertedLists:
    """The lists of a merged part: with the clusters and codes of the largest that went in, where these still fit."""
    largest = max(range(len(parts)), key=lambda number: parts[number].count)
    base = parts[largest].lists
    kept = sources == largest
    if base is None or not base.fit(raw.count) or 2 * np.count_nonzero(kept) < raw.count:
        return InvertedLists.of(raw)
    renamed = np.full(parts[largest].count, -1, dtype=np.int64)
    renamed[places[kept]] = np.flatnonzero(kept)
    merged = base.emptied()
    merged.adopt(base, renamed)
    merged.add(raw, np.flatnonzero(~kept))
    return merged


def _live(parts: Sequence[VectorPart], dead: Rows) -> tuple[Rows, npt.NDArray[np.int16], Rows]:
    """Of every live vector, by row: the row, the number of its part, its place there."""
    kept = [np.flatnonzero(~np.isin(part.rows, dead)) for part in parts]
    rows = np.concatenate([part.rows[places] for part, places in zip(parts, kept, strict=True)])
    sources = np.repeat(np.arange(len(parts), dtype=np.int16), [len(places) for places in kept])
    order = np.argsort(rows, kind="stable")
    return rows[order], sources[order], np.concatenate(kept)[order]


def _blocks(parts: Sequence[VectorPart], sources: npt.NDArray[np.int16], places: Rows) -> Iterator[Vector]:
    for start in range(0, len(places), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        vectors = np.zeros((len(places[block]), parts[0].dim), dtype=np.float32)
        for number, part in enumerate(parts):
            here = sources[block] == number
            vectors[here] = part.raw.at(places[block][here])
        yield vectors
