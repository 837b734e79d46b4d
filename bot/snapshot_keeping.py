"""The snapshots of the index, for people who look after them: list, check, go back to one, prune.

What waits for a word after a blocked switch is accepted or rejected here too. Every act is kept in the audit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from retrieval import snapshots
from retrieval.errors import SnapshotDamagedError, SnapshotMismatchError
from retrieval.index_lock import index_lock
from retrieval.snapshots import RolledBack, SnapshotInfo

MAX_KEPT = 100


class Trail(Protocol):
    """Keeps who did what."""

    def record(self, by: str, action: str, detail: str = "") -> None:
        """``by``: who; ``action``: a name of ours; ``detail``: what it was done to."""
        ...


@dataclass(frozen=True, slots=True)
class SnapshotList:
    """The snapshots, newest first; ``rolled_back``: that somebody went back to an older one, None where nobody did."""

    snapshots: tuple[SnapshotInfo, ...]
    rolled_back: RolledBack | None


class SnapshotKeeping:
    """Synchronous and thread-safe. ``kept``: how many snapshots pruning leaves where nobody says otherwise."""

    def __init__(self, index_dir: Path, *, store_id: Callable[[], str], kept: int, trail: Trail) -> None:
        self._index_dir = index_dir
        self._store_id = store_id
        self.kept = kept
        self._trail = trail

    def listed(self) -> SnapshotList:
        """Every finished snapshot, damaged ones too."""
        found = tuple(reversed(snapshots.list_snapshots(self._index_dir)))
        return SnapshotList(found, snapshots.rolled_back(self._index_dir))

    def verify(self, snapshot_id: str, *, by: str) -> str | None:
        """Read every file and compare the checksums; what is wrong in words, None where all is well.

        Raises: SnapshotUnknownError, SnapshotReadOnlyError, OSError.
        """
        problem: str | None = None
        try:
            snapshots.verify_snapshot(self._index_dir, snapshot_id)
        except (SnapshotDamagedError, SnapshotMismatchError) as error:
            problem = str(error)
        self._trail.record(by, "snapshot_verified", f"{snapshot_id} {'damaged' if problem else 'sound'}")
        return problem

    def roll_back(self, snapshot_id: str, *, by: str) -> None:
        """Serve another snapshot, read whole before; servers switch at once.

        Raises: SnapshotUnknownError, SnapshotDamagedError, SnapshotMismatchError, IndexLockedError, OSError.
        """
        snapshots.roll_back(self._index_dir, snapshot_id, store_id=self._store_id())
        self._trail.record(by, "snapshot_rolled_back", snapshot_id)

    def accept(self, snapshot_id: str, *, by: str) -> None:
        """Serve a snapshot that was held back. Raises: SnapshotError: it does not wait; IndexLockedError."""
        snapshots.accept(self._index_dir, snapshot_id, store_id=self._store_id())
        self._trail.record(by, "snapshot_accepted", snapshot_id)

    def reject(self, snapshot_id: str, *, by: str) -> None:
        """Give a snapshot up that was held back. Raises: SnapshotError: it does not wait; IndexLockedError."""
        snapshots.reject(self._index_dir, snapshot_id)
        self._trail.record(by, "snapshot_rejected", snapshot_id)

    def prune(self, kept: int | None = None, *, by: str) -> list[str]:
        """Delete all but the newest ``kept``, the serving one and those that wait; the ids that went.

        Raises: ValueError: not 1 to ``MAX_KEPT``; IndexLockedError; OSError.
        """
        kept = self.kept if kept is None else kept
        if not 1 <= kept <= MAX_KEPT:
            raise ValueError(f"kept must be 1 to {MAX_KEPT}, not {kept}")
        with index_lock(self._index_dir):
            gone = snapshots.prune(self._index_dir, kept)
        self._trail.record(by, "snapshots_pruned", f"kept {kept}, removed {len(gone)}")
        return gone
