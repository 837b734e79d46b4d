"""Promises of the product broken on purpose, each to be caught by the harness. Called in a child, never elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from embeddings.cache import VectorCache


def _sync_nothing() -> None:
    """Files are never synced: after a power loss the new snapshot is in pieces."""
    os.fsync = lambda descriptor: None  # type: ignore[assignment]


def _keep_no_vectors() -> None:
    """Vectors are not kept as they are made: the next run embeds again."""
    VectorCache.store = lambda *unused: None  # type: ignore[method-assign]


def _overwrite() -> None:
    """Names are not exchanged in one step: at some instants there is none."""
    exchange = Path.replace

    def replace(source: Path, target: str | os.PathLike[str]) -> Path:
        if Path(target).name == "CURRENT":
            Path(target).unlink(missing_ok=True)
        return exchange(source, target)

    Path.replace = replace  # type: ignore[method-assign]


SABOTAGES: dict[str, Callable[[], None]] = {
    "sync-nothing": _sync_nothing,
    "keep-no-vectors": _keep_no_vectors,
    "overwrite": _overwrite,
}
