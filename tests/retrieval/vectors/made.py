"""Vectors for tests, and what a search by brute force says of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from retrieval.vectors import PartedVectorIndex, Vector, VectorPart, write_part

DIM = 16


def made(count: int, seed: int = 1923, dim: int = DIM) -> Vector:
    """Vectors of length 1 that float16 holds exactly, so that scores can be compared closely."""
    matrix = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    unit: Vector = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)
    return unit


def part(folder: Path, rows: Sequence[int], vectors: Vector) -> VectorPart:
    write_part(folder, rows, vectors, dim=vectors.shape[1])
    return VectorPart.open(folder)


def index_of(
    folder: Path, pieces: Sequence[Mapping[int, Vector]], dead: Collection[int] = (), dim: int = DIM
) -> PartedVectorIndex:
    """An index of one part for each piece, which gives vectors by row."""
    parts = []
    for number, piece in enumerate(pieces):
        matrix = np.stack(list(piece.values())) if piece else np.zeros((0, dim), dtype=np.float32)
        parts.append(part(folder / f"part-{number}", list(piece), matrix))
    return PartedVectorIndex(parts, np.array(sorted(dead), dtype=np.int64), dim)


def oracle(query: Vector, vectors: Mapping[int, Vector], left_out: Collection[int] = ()) -> list[tuple[int, float]]:
    """Every row that is not left out with its product, best first."""
    pairs = [(row, float(query @ vector)) for row, vector in vectors.items() if row not in left_out]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
