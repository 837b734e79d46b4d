"""Promises of the product broken on purpose, each to be caught by the harness. Called in a child, never elsewhere."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

from embeddings.cache import VectorCache
from retrieval import durable
from retrieval.snapshot_writer import SnapshotWriter


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
            # Natively, so that events keep the numbers they have in an undisturbed run.
            ctypes.CDLL(None).unlink(os.fsencode(target))
        return exchange(source, target)

    Path.replace = replace  # type: ignore[assignment, method-assign]


def _switch_first() -> None:
    """CURRENT names a snapshot before there is one."""
    begin = SnapshotWriter.__enter__

    def enter(writer: SnapshotWriter) -> SnapshotWriter:
        durable.write_atomically(writer._index_dir / "CURRENT", f"{writer.snapshot_id}\n".encode())
        return begin(writer)

    SnapshotWriter.__enter__ = enter  # type: ignore[assignment, method-assign]


SABOTAGES: dict[str, Callable[[], None]] = {
    "sync-nothing": _sync_nothing,
    "keep-no-vectors": _keep_no_vectors,
    "overwrite": _overwrite,
    "switch-first": _switch_first,
}
