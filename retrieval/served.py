"""What served before a run: documents to compare with, and a snapshot whose vectors and files can be used again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.errors import SnapshotError, SnapshotMismatchError
from retrieval.index_protocols import IndexedStore
from retrieval.manifest import Fit, Manifest
from retrieval.scan import held_hashes
from retrieval.snapshot import Snapshot, current_folder, open_current, serving_id, snapshot_folders
from retrieval.snapshot_documents import DOCUMENT_IDS, VERSIONS
from retrieval.snapshots import blocked_reasons

# Versions of the snapshot that are looked up in the store; the newest are the first to be missing after a loss.
_SPOT_CHECKS = 16


@dataclass(frozen=True, slots=True)
class Served:
    """``snapshot``: open, of this database; None where there is none that can be used.

    ``before``: content hash by id of the documents that served, "" where it is not known.
    """

    snapshot: Snapshot | None
    before: dict[str, str]

    def base_for(self, fit: Fit) -> Snapshot | None:
        """The snapshot, where it can be changed into the next one."""
        return self.snapshot if self.snapshot is not None and self.snapshot.manifest.fit == fit else None

    def vectors_for(self, fit: Fit) -> Snapshot | None:
        """The snapshot, where its vectors are of the same model."""
        if self.snapshot is None:
            return None
        held = self.snapshot.manifest.fit
        return self.snapshot if (held.model_id, held.dim) == (fit.model_id, fit.dim) else None

    def close(self) -> None:
        """Let the snapshot go."""
        if self.snapshot is not None:
            self.snapshot.close()


def open_served(index_dir: Path, store: IndexedStore) -> Served:
    """What serves in an index folder; nothing where nothing does. Raises: StoreError."""
    try:
        snapshot = open_current(index_dir)
    except SnapshotError:
        return Served(None, _remembered(index_dir, store))
    if _is_of(snapshot, store):
        return Served(snapshot, dict(zip(snapshot.document_ids, held_hashes(snapshot.documents), strict=True)))
    # After the database was lost or put back from a backup, its version numbers name other documents.
    snapshot.close()
    return Served(None, dict.fromkeys(snapshot.document_ids, ""))


def _is_of(snapshot: Snapshot, store: IndexedStore) -> bool:
    if snapshot.manifest.store_id != store.store_id():
        return False
    documents = snapshot.documents
    count = len(documents)
    places = {*range(max(0, count - _SPOT_CHECKS), count), *np.linspace(0, count - 1, _SPOT_CHECKS, dtype=int).tolist()}
    expected = [documents.version_at(place) for place in sorted(places)] if count else []
    found = {info.version: info for info in store.versions(each.version for each in expected)}
    return all(
        each.version in found
        and (found[each.version].document_id, found[each.version].content_hash) == (each.document_id, each.content_hash)
        for each in expected
    )


def _remembered(index_dir: Path, store: IndexedStore) -> dict[str, str]:
    """The documents of a snapshot that is damaged or of another format, for the guard and the counts."""
    try:
        folder = current_folder(index_dir)
        ids: list[str] = json.loads((folder / DOCUMENT_IDS).read_text(encoding="utf-8"))
    except (SnapshotError, OSError, ValueError):
        return {}
    hashes = {info.document_id: info.content_hash for info in store.versions(versions_of(folder) or ())}
    return {document_id: hashes.get(document_id, "") for document_id in ids}


def find_built(index_dir: Path, fit: Fit, store_id: str, documents: Callable[[], str] | None = None) -> Snapshot | None:
    """The newest finished snapshot that was never switched to, whole and open: a run died, or gave way before it ended.

    ``documents``: gives a corpus hash; one of just these documents is wanted, also where its switch is blocked.
    """
    try:
        serving = serving_id(index_dir) or ""
    except SnapshotError:
        serving = ""
    for folder in reversed([folder for folder in snapshot_folders(index_dir) if folder.name > serving]):
        try:
            manifest = Manifest.read(folder)
            fits = (manifest.fit, manifest.store_id) == (fit, store_id)
            if not fits or (documents is None and blocked_reasons(folder) is not None):
                continue
            if documents is None or manifest.corpus_hash == documents():
                return Snapshot.open(folder, fit)
        except SnapshotError:
            continue
    return None


def nothing_to_fill(index_dir: Path, fit: Fit) -> SnapshotError:
    """Why there is no snapshot of this model and database whose vectors could be filled in."""
    try:
        folder = current_folder(index_dir)
        Snapshot.open(folder, fit).close()
    except SnapshotError as error:
        return error
    return SnapshotMismatchError(
        f"index {str(folder)!r} was built from another database than the one that YIJU_DATABASE_URL names; "
        "run: yiju index"
    )


def versions_of(folder: Path) -> list[int] | None:
    """The versions that a finished snapshot serves; None where that cannot be read."""
    try:
        versions: list[int] = np.load(folder / VERSIONS).tolist()
    except (OSError, ValueError, EOFError):
        return None
    return versions
