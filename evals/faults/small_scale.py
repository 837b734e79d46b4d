"""Makes the product do with a hundred passages what it does with a million: many batches, steps and foldings."""

from __future__ import annotations

from typing import Any

from corpus import store_writing
from retrieval import building, filling, index_run, snapshot_vectors
from retrieval.vectors import merging

SMALL: tuple[tuple[Any, str, int], ...] = (
    (store_writing, "PASSAGES_PER_BATCH", 20),
    (store_writing, "DOCUMENTS_PER_BATCH", 5),
    (building, "ROWS_PER_CHUNK", 32),
    (index_run, "EMBEDDED_AT_ONCE", 8),
    (filling, "LEAST_GROWTH", 16),
    (filling, "_PASSAGES_AT_ONCE", 24),
    (merging, "_SMALL", 8),
    (merging, "MOST_PARTS", 4),
    (snapshot_vectors, "FOLDED_AT_ONCE", 24),
)


def scale_down() -> None:
    """Set the bounds of this process, which does nothing but tests, to small ones."""
    for module, name, value in SMALL:
        if not hasattr(module, name):
            raise AttributeError(f"{module.__name__} has no {name} any more")
        setattr(module, name, value)
