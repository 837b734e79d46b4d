"""The vectors of the index benchmark in one file: the real ones first, as far as they are embedded, then made ones."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.store_rows import chunks
from embeddings.cache import VectorCache, text_key
from evals.made_vectors import NEIGHBOURS, NOISE, made_vectors, neighbourhoods
from evals.neighbour_figures import Vectors

SEED = 20261122
_CHUNK = 2048
VECTORS, _DONE = "vectors.npy", "vectors.json"


@dataclass(frozen=True, slots=True)
class BenchmarkVectors:
    """``matrix``: float32, shape (passages, dim), by place, mapped into memory; the first ``real`` of them are real."""

    matrix: Vectors
    real: int


def real_vectors(texts: Iterable[str], cache: VectorCache, model_id: str) -> Vectors:
    """The vectors of the first texts, up to the first that has none yet."""
    found: list[Vectors] = []
    for chunk in chunks(texts, _CHUNK):
        keys = [text_key(text) for text in chunk]
        known = cache.lookup(model_id, keys)
        for key in keys:
            if key not in known:
                return np.array(found, dtype=np.float32)
            found.append(known[key])
    return np.array(found, dtype=np.float32)


def prepare_vectors(real: Vectors, count: int, folder: Path) -> BenchmarkVectors:
    """Vectors for ``count`` passages; those of last time where there were as many real ones and the recipe is the same.

    Raises: ValueError: there are too few real vectors to make others of.
    """
    if len(real) < min(count, 2 * NEIGHBOURS):
        raise ValueError(f"{len(real)} real vectors are too few; run: python -m evals.index_embedding")
    real = real[:count]
    recipe = {"count": count, "real": len(real), "neighbours": NEIGHBOURS, "noise": NOISE, "seed": SEED}
    done = folder / _DONE
    if not done.is_file() or json.loads(done.read_text(encoding="utf-8")) != recipe:
        done.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        _write(real, count, folder / VECTORS)
        done.write_text(json.dumps(recipe) + "\n", encoding="utf-8")
    return BenchmarkVectors(np.load(folder / VECTORS, mmap_mode="r"), len(real))


def _write(real: Vectors, count: int, path: Path) -> None:
    matrix = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(count, real.shape[1]))
    matrix[: len(real)] = real
    place = len(real)
    if place < count:
        for block in made_vectors(real, neighbourhoods(real), count - place, seed=SEED):
            matrix[place : place + len(block)] = block
            place += len(block)
    matrix.flush()
