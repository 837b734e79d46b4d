"""Snapshots: one immutable folder an index build, and the file CURRENT that names the one that serves.

Opening checks everything; what is written is ``snapshot_writer``'s business, what is kept that of ``snapshots``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np

from retrieval import durable
from retrieval.errors import (
    NoSnapshotError,
    SnapshotDamagedError,
    SnapshotReadOnlyError,
    SnapshotUnknownError,
)
from retrieval.lexical_index import LexicalIndex
from retrieval.manifest import Fit, Manifest, damaged
from retrieval.snapshot_documents import PassageRows, Rows, SnapshotDocuments
from retrieval.vectors import PartedVectorIndex, VectorPart
from retrieval.verified import VERIFIED, check_files

_MAX_NAME_CHARS = 100
CURRENT, SNAPSHOTS = "CURRENT", "snapshots"
LEXICAL, VECTORS, DEAD = "lexical", "vectors", "dead.npy"
_OPENINGS = 3

_SWITCH_SECONDS = 0.0005

# Parts that are open in this process: snapshots that share a part share what of it is in memory.
_open_parts: WeakValueDictionary[tuple[int, ...], VectorPart] = WeakValueDictionary()


class Snapshot:
    """An open snapshot. Safe to use from several threads; ``close`` ends its own threads, open files go with it.

    ``vectors`` may lack some of the passages; ``lexical`` and ``documents`` are always whole.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        vectors: PartedVectorIndex,
        lexical: LexicalIndex,
        documents: SnapshotDocuments,
        passages: PassageRows,
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.vectors = vectors
        self.lexical = lexical
        self.documents = documents
        self.passages = passages
        self._rows_of: tuple[frozenset[str], frozenset[int]] = (frozenset(), frozenset())
        self.executor = ThreadPoolExecutor(max_workers=4, thread_name_prefix="search")
        # Both sides of a search are short pieces of native code with Python between them: each time one comes back it
        # would wait for the other's turn to end, which is ten times as long as such a piece.
        sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_SECONDS))

    @classmethod
    def open(cls, folder: Path, wanted: Fit | None = None, *, checked: bool = False) -> Snapshot:
        """A snapshot whose files are all there and unchanged. ``checked``: the caller has just hashed them.

        Raises: SnapshotDamagedError; SnapshotReadOnlyError; SnapshotMismatchError: it was built with something else
        than ``wanted``.
        """
        manifest = Manifest.read(folder)
        if wanted is not None:
            manifest.check_fit(folder, wanted)
        if not checked:
            check_files(folder, manifest.checksums, memory_of(folder))
        try:
            parts = [_open_part(folder / VECTORS / name) for name in _part_names(manifest)]
            vectors = PartedVectorIndex(parts, np.load(folder / DEAD), manifest.fit.dim)
            documents, passages = SnapshotDocuments.load(folder), PassageRows.load(folder)
            lexical = LexicalIndex(folder / LEXICAL)
        except (OSError, ValueError, EOFError) as error:
            if not os.access(folder / LEXICAL, os.W_OK):
                raise SnapshotReadOnlyError(
                    f"index {str(folder)!r} is whole but cannot be written, and reading it takes a lock file; give the "
                    "user that runs yiju write access to the data folder, or choose another with YIJU_DATA_DIR"
                ) from error
            raise damaged(folder, str(error)) from error
        _check_counts(folder, manifest, vectors, lexical, documents, passages)
        return cls(folder, manifest, vectors, lexical, documents, passages)

    @property
    def id(self) -> str:
        """The name of its folder."""
        return self.manifest.snapshot

    @property
    def rows(self) -> Rows:
        """Every passage row, ascending."""
        return self.passages.rows

    @property
    def versions(self) -> Rows:
        """The document versions it serves, ascending."""
        return self.documents.versions

    @property
    def document_ids(self) -> tuple[str, ...]:
        """The ids of its documents, in the order of ``versions``."""
        return self.documents.ids

    @property
    def embedded_share(self) -> float:
        """The share of passages with a vector, 0 to 1; 1 where there are no passages."""
        return self.manifest.embedded_share

    def missing_rows(self) -> Rows:
        """The rows of passages without a vector, ascending."""
        if self.manifest.embedded == self.manifest.passages:
            return self.rows[:0]
        return self.rows[~self.vectors.holds(self.rows)]

    def document_of(self, row: int) -> str:
        """The id of the document of a row. Raises: KeyError: the row is not in the snapshot."""
        return self.documents.ids[self.passages.place_of(row)]

    def rows_of(self, document_ids: Collection[str]) -> frozenset[int]:
        """The rows of the documents that are in the snapshot. The last answer is remembered: most ask for the same."""
        asked = frozenset(document_ids)
        known, rows = self._rows_of
        if known != asked:
            rows = frozenset(self.passages.at(self.documents.places_of(asked)).tolist())
            self._rows_of = (asked, rows)
        return rows

    def close(self) -> None:
        """End the snapshot's threads. Searches that run still finish."""
        self.executor.shutdown(wait=False)


def _check_counts(
    folder: Path,
    said: Manifest,
    vectors: PartedVectorIndex,
    lexical: LexicalIndex,
    documents: SnapshotDocuments,
    passages: PassageRows,
) -> None:
    for name, actual, expected in (
        ("vectors", vectors.count, said.embedded),
        ("passages in the lexical index", lexical.count, said.passages),
        ("rows", len(passages), said.passages),
        ("documents", len(documents), said.documents),
    ):
        if actual != expected:
            raise damaged(folder, f"it holds {actual} {name}, the manifest says {expected}")


def _part_names(manifest: Manifest) -> list[str]:
    paths = (name.split("/") for name in manifest.checksums)
    return sorted({path[1] for path in paths if len(path) > 2 and path[0] == VECTORS})


def _open_part(folder: Path) -> VectorPart:
    """Raises: ValueError: it is damaged."""
    stamp = tuple(
        number
        for path in sorted(folder.iterdir())
        for status in (path.stat(),)
        for number in (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    )
    part = _open_parts.get(stamp)
    if part is None:
        part = _open_parts[stamp] = VectorPart.open(folder)
    return part


def memory_of(folder: Path) -> Path | None:
    """Where it is remembered which files of a snapshot are whole; None for a folder outside of an index."""
    return folder.parent.parent / VERIFIED if folder.parent.name == SNAPSHOTS else None


def snapshot_folder(index_dir: Path, snapshot_id: str) -> Path:
    """The folder of a finished snapshot. Raises: SnapshotUnknownError: there is none of that id."""
    folder = index_dir / SNAPSHOTS / snapshot_id
    if not _is_name(snapshot_id) or not folder.is_dir():
        raise SnapshotUnknownError(
            f"there is no snapshot {snapshot_id!r} in {str(index_dir)!r}; run: yiju snapshots list"
        )
    return folder


def serving_id(index_dir: Path) -> str | None:
    """What CURRENT names, whether it is there or not; None before the first index. Raises: SnapshotDamagedError."""
    try:
        name = (index_dir / CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise damaged(index_dir, f"{CURRENT} cannot be read ({error})") from error
    if not _is_name(name):
        raise damaged(index_dir, f"{CURRENT} names {name!r}, which is no snapshot")
    return name


def current_folder(index_dir: Path) -> Path:
    """The folder of the serving snapshot. Raises: NoSnapshotError: nothing is indexed yet; SnapshotDamagedError."""
    name = serving_id(index_dir)
    if name is None:
        raise NoSnapshotError(f"nothing is indexed in {str(index_dir)!r} yet; run: yiju index")
    folder = index_dir / SNAPSHOTS / name
    if not folder.is_dir():
        raise damaged(folder, f"{CURRENT} names it and it is not there")
    return folder


def open_current(index_dir: Path, wanted: Fit | None = None) -> Snapshot:
    """The serving snapshot. Raises: NoSnapshotError, SnapshotDamagedError, SnapshotMismatchError."""
    for _ in range(_OPENINGS - 1):
        before = serving_id(index_dir)
        try:
            return Snapshot.open(current_folder(index_dir), wanted)
        except SnapshotDamagedError:
            # Another process may have switched and pruned in between.
            if serving_id(index_dir) == before:
                raise
    return Snapshot.open(current_folder(index_dir), wanted)


def switch(index_dir: Path, snapshot_id: str) -> None:
    """Let CURRENT name a finished snapshot, atomically and durably. Only the holder of the index lock may.

    Raises: SnapshotUnknownError; OSError: CURRENT is as it was.
    """
    snapshot_folder(index_dir, snapshot_id)
    durable.write_atomically(index_dir / CURRENT, f"{snapshot_id}\n".encode())


def snapshot_folders(index_dir: Path) -> Iterable[Path]:
    """Every finished snapshot, oldest first."""
    root = index_dir / SNAPSHOTS
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))


def _is_name(name: str) -> bool:
    # Longer ones are no name of ours, and to a file system an error.
    return 0 < len(name) <= _MAX_NAME_CHARS and "/" not in name and not name.startswith(".")
