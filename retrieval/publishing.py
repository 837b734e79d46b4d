"""The switch to a new snapshot: judged first, made durable in the database, then named by CURRENT; and what goes after.

A snapshot that is not the last of its run is given up for the time being where the judge is against it.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from retrieval import durable
from retrieval.building import is_whole
from retrieval.errors import SnapshotDamagedError, SwitchBlockedError
from retrieval.index_protocols import Gate, GateVerdict, IndexedStore
from retrieval.manifest import BLOCKED, Fit
from retrieval.served import Served, versions_of
from retrieval.snapshot import Snapshot, serving_id, snapshot_folders, switch
from retrieval.snapshots import REMOVING, block, forget_rollback, prune

# A run may spend so long on deleting old versions; the next one goes on.
PRUNING_SECONDS = 3.0


class Publisher:
    """Publishes the snapshots of one run. ``verdict``: what the gate said of the latest, None without one."""

    def __init__(
        self, index_dir: Path, store: IndexedStore, gate: Gate | None, served: Served, fit: Fit, *, kept: int
    ) -> None:
        self._index_dir = index_dir
        self._store = store
        self._gate = gate
        self._served = served
        # Of another model or chunking: all of its documents would lose their vectors.
        self._only_whole = served.snapshot is not None and served.snapshot.manifest.fit != fit
        self._kept = kept
        self._mine: list[str] = []
        self.verdict: GateVerdict | None = None

    @property
    def serving(self) -> str | None:
        """The id of the snapshot that serves now."""
        try:
            return serving_id(self._index_dir)
        except SnapshotDamagedError:
            return None

    def publish(self, snapshot: Snapshot, *, last: bool) -> bool:
        """Switch to a finished snapshot; False where it has to wait for the next one of the run.

        That is where documents that serve would lose their vectors, or the gate is against it and it is not the last.
        Raises: SwitchBlockedError: the gate is against the last one, which is kept and marked. OSError, StoreError.
        """
        if self._only_whole and not is_whole(snapshot):
            self._drop_older(snapshot)
            return False
        if self._gate is not None:
            self.verdict = self._gate(self._served.snapshot, snapshot)
            if self.verdict.blocked is not None:
                self._hold_back(snapshot, self.verdict.blocked, last=last)
                return False
        self.switch(snapshot)
        return True

    def switch(self, snapshot: Snapshot) -> None:
        """Serve a finished snapshot now. Raises: OSError, StoreError."""
        self._store.make_durable()
        (snapshot.folder / BLOCKED).unlink(missing_ok=True)
        switch(self._index_dir, snapshot.id)
        forget_rollback(self._index_dir)
        self.settle(snapshot)
        self._drop_older(snapshot)

    def settle(self, snapshot: Snapshot) -> None:
        """Note the states of its documents. Raises: StoreError."""
        served = frozenset(snapshot.versions.tolist())
        self._store.settle(served, self._served.before.keys() - set(snapshot.document_ids))

    def _hold_back(self, snapshot: Snapshot, reasons: str, *, last: bool) -> None:
        self._drop_older(snapshot)
        if last:
            block(self._index_dir, snapshot.id, reasons)
            raise SwitchBlockedError(snapshot.id, reasons, self.verdict.report if self.verdict is not None else None)

    def _drop_older(self, snapshot: Snapshot) -> None:
        """Delete steps of this run on the way here, so that they push no older state of the documents out.

        The last step stays: a server may just be opening it.
        """
        self._mine.append(snapshot.id)
        keep = {*self._mine[-2:], self.serving}
        for folder in snapshot_folders(self._index_dir):
            if folder.name in self._mine and folder.name not in keep:
                going = folder.with_name(f"{REMOVING}{folder.name}")
                folder.rename(going)
                durable.remove_tree(going)

    def clean_up(self, named: Collection[int] | None) -> None:
        """Delete old snapshots, and stored versions that neither a snapshot nor a source has.

        ``named``: the versions that sources have; None where that is not known. Raises: OSError, StoreError.
        """
        prune(self._index_dir, self._kept)
        if named is None:
            return
        kept = set(named)
        for folder in snapshot_folders(self._index_dir):
            versions = versions_of(folder)
            if versions is None:
                return  # what it holds is not known, so nothing is known to be free
            kept.update(versions)
        self._store.prune(kept, longest_seconds=PRUNING_SECONDS)
