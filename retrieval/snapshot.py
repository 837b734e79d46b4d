"""Snapshots: one immutable folder an index build, and the file CURRENT that names the one that serves.

Opening checks everything; what is written and when it is switched to is ``snapshot_writer``'s business.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.errors import NoSnapshotError, SnapshotMismatchError, SnapshotReadOnlyError
from retrieval.lexical_index import LexicalIndex
from retrieval.manifest import Fit, Manifest, damaged
from retrieval.vector_index import FaissVectorIndex, VectorIndex

CURRENT = "CURRENT"
SNAPSHOTS = "snapshots"
VECTORS, LEXICAL, VERSIONS, ROWS, DOCUMENT_IDS = (
    "vectors.faiss",
    "lexical",
    "versions.npy",
    "rows.npy",
    "documents.json",
)


class Snapshot:
    """An open snapshot. Safe to use from several threads; ``close`` ends its own threads, open files go with it."""

    def __init__(self, folder: Path, manifest: Manifest, vectors: VectorIndex, lexical: LexicalIndex) -> None:
        self.folder = folder
        self.manifest = manifest
        self.vectors = vectors
        self.lexical = lexical
        self.versions: npt.NDArray[np.int64] = np.load(folder / VERSIONS)
        # Row and place of its document in ``document_ids``: shape (passages, 2).
        self._rows: npt.NDArray[np.int64] = np.load(folder / ROWS)
        self.document_ids: tuple[str, ...] = tuple(json.loads((folder / DOCUMENT_IDS).read_text(encoding="utf-8")))
        self.executor = ThreadPoolExecutor(max_workers=4, thread_name_prefix="search")

    @classmethod
    def open(cls, folder: Path, wanted: Fit | None = None) -> Snapshot:
        """A snapshot whose files are all there and unchanged.

        Raises: SnapshotDamagedError; SnapshotReadOnlyError; SnapshotMismatchError: it was built with something else
        than ``wanted``.
        """
        manifest = Manifest.read(folder)
        if wanted is not None:
            manifest.check_fit(folder, wanted)
        manifest.check_files(folder)
        try:
            vectors = FaissVectorIndex.open(folder / VECTORS)
            snapshot = cls(folder, manifest, vectors, LexicalIndex(folder / LEXICAL))
        except (OSError, ValueError) as error:
            if not os.access(folder / LEXICAL, os.W_OK):
                raise SnapshotReadOnlyError(
                    f"index {str(folder)!r} is whole but cannot be written, and reading it takes a lock file; give the "
                    "user that runs yiju write access to the data folder, or choose another with YIJU_DATA_DIR"
                ) from error
            raise damaged(folder, str(error)) from error
        try:
            snapshot._check_counts()
        except BaseException:
            snapshot.close()
            raise
        return snapshot

    def _check_counts(self) -> None:
        said = self.manifest
        for name, actual, expected in (
            ("vectors", self.vectors.count, said.passages),
            ("passages in the lexical index", self.lexical.count, said.passages),
            ("rows", len(self._rows), said.passages),
            ("versions", len(self.versions), said.documents),
            ("document ids", len(self.document_ids), said.documents),
        ):
            if actual != expected:
                raise damaged(self.folder, f"it holds {actual} {name}, the manifest says {expected}")
        if self.vectors.dim != said.fit.dim:
            raise SnapshotMismatchError(
                f"index {str(self.folder)!r} has vectors of {self.vectors.dim}, the manifest says {said.fit.dim}"
            )

    @property
    def id(self) -> str:
        """The name of its folder."""
        return self.manifest.snapshot

    @cached_property
    def rows(self) -> npt.NDArray[np.int64]:
        """Every passage row, ascending."""
        return self._rows[:, 0]

    def document_of(self, row: int) -> str:
        """The id of the document of a row. Raises: KeyError: the row is not in the snapshot."""
        place = int(np.searchsorted(self.rows, row))
        if place == len(self._rows) or self._rows[place, 0] != row:
            raise KeyError(row)
        return self.document_ids[int(self._rows[place, 1])]

    def rows_of(self, document_ids: Collection[str]) -> frozenset[int]:
        """The rows of the documents that are in the snapshot."""
        places = [place for document_id in document_ids if (place := self._places.get(document_id)) is not None]
        if not places:
            return frozenset()
        return frozenset(self._rows[np.isin(self._rows[:, 1], places), 0].tolist())

    @cached_property
    def _places(self) -> dict[str, int]:
        return {document_id: place for place, document_id in enumerate(self.document_ids)}

    def close(self) -> None:
        """End the snapshot's threads. Searches that run still finish."""
        self.executor.shutdown(wait=False)


def current_folder(index_dir: Path) -> Path:
    """The folder of the serving snapshot. Raises: NoSnapshotError: nothing has been indexed yet."""
    try:
        name = (index_dir / CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise NoSnapshotError(f"nothing is indexed in {str(index_dir)!r} yet; run: yiju index") from error
    except (OSError, UnicodeDecodeError) as error:
        raise damaged(index_dir, f"{CURRENT} cannot be read ({error})") from error
    if not name or "/" in name or name.startswith("."):
        raise damaged(index_dir, f"{CURRENT} names {name!r}, which is no snapshot")
    folder = index_dir / SNAPSHOTS / name
    if not folder.is_dir():
        raise damaged(folder, f"{CURRENT} names it and it is not there")
    return folder


def open_current(index_dir: Path, wanted: Fit | None = None) -> Snapshot:
    """The serving snapshot. Raises: NoSnapshotError, SnapshotDamagedError, SnapshotMismatchError."""
    return Snapshot.open(current_folder(index_dir), wanted)


def snapshot_folders(index_dir: Path) -> Iterable[Path]:
    """Every finished snapshot, oldest first."""
    root = index_dir / SNAPSHOTS
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
