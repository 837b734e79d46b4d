"""A new snapshot from what changed: its lexical side whole, with all vectors that are known.

What serves already is linked from the snapshot before; only new versions are read from the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.store_rows import PassageRow, chunks
from retrieval.index_protocols import IndexedStore
from retrieval.index_report import Phase, ProgressListener
from retrieval.manifest import Fit, ModelSource
from retrieval.passage_vectors import PassageVectors
from retrieval.scan import Scan
from retrieval.snapshot import SNAPSHOTS, Snapshot
from retrieval.snapshot_documents import LiveVersion
from retrieval.snapshot_writer import IndexedPassage, SnapshotWriter

# A tenth of a second's work: between two of them a question goes first.
ROWS_PER_CHUNK = 256
# So many passages without a vector are embedded before the switch: a moment. More are left for after it.
EMBEDDED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Made:
    """What every snapshot of a run is made with."""

    index_dir: Path
    fit: Fit
    model: ModelSource | None
    store_id: str

    def writer(self, base: Snapshot | None) -> SnapshotWriter:
        """A writer for the next snapshot, beginning with what ``base`` holds."""
        return SnapshotWriter(self.index_dir, self.fit, base=base, model=self.model, store_id=self.store_id)

    def opened(self, snapshot_id: str) -> Snapshot:
        """A snapshot that was finished. Raises: SnapshotError."""
        return Snapshot.open(self.index_dir / SNAPSHOTS / snapshot_id, self.fit)


def is_whole(snapshot: Snapshot) -> bool:
    """Whether all of its passages have a vector."""
    return snapshot.manifest.embedded == snapshot.manifest.passages


class SnapshotBuilder:
    """Builds one snapshot. ``rate``: passages a second put into the lexical side; None before that can be known."""

    def __init__(
        self, made: Made, store: IndexedStore, vectors: PassageVectors, listener: ProgressListener, *, at_once: int
    ) -> None:
        """``at_once``: how many missing vectors may be made before the snapshot is finished."""
        self._made = made
        self._store = store
        self._vectors = vectors
        self._listener = listener
        self._at_once = at_once
        self.rate: float | None = None

    def build(self, scan: Scan, base: Snapshot | None, known: Snapshot | None) -> Snapshot:
        """A finished snapshot of the documents scanned, open. ``known``: has vectors of the same model and database.

        Raises: OSError, StoreError, VectorCacheError, EmbeddingError.
        """
        held = frozenset(base.versions.tolist()) if base is not None else frozenset()
        new = scan.versions - held
        gone = [document_id for document_id in base.document_ids if document_id not in scan.documents] if base else []
        total = sum(document.passages for document in scan.documents.values() if document.version in new)
        phase = Phase("writing", total, self._listener)
        with self._made.writer(base) as writer:
            writer.remove(gone)
            missing = self._add(writer, scan, new, known, phase)
            self.rate = phase.rate
            if missing and len(missing) <= self._at_once:
                embedding = Phase("embedding", len(missing), self._listener)
                for rows, vectors in self._vectors.made(missing, embedding, background=False):
                    writer.add_vectors(rows, vectors)
            return self._made.opened(writer.finish())

    def _add(
        self, writer: SnapshotWriter, scan: Scan, new: frozenset[int], known: Snapshot | None, phase: Phase
    ) -> list[PassageRow]:
        """Add the new versions; returns passages whose vectors are not known, no more than one over ``at_once``."""
        waiting = {
            document.document_id: LiveVersion(document.version, document.document_id, document.content_hash)
            for document in scan.documents.values()
            if document.version is not None and document.version in new
        }
        missing: list[PassageRow] = []
        for rows in chunks(self._store.passage_rows(new), ROWS_PER_CHUNK):
            ids = dict.fromkeys(row.passage.document_id for row in rows)
            writer.add([waiting.pop(each) for each in ids if each in waiting], [_indexed(row) for row in rows])
            unknown = self._add_known(writer, rows, known)
            missing.extend(unknown[: self._at_once + 1 - len(missing)])
            phase.advance(len(rows))
        writer.add(list(waiting.values()), [])
        return missing

    def _add_known(
        self, writer: SnapshotWriter, rows: Sequence[PassageRow], known: Snapshot | None
    ) -> list[PassageRow]:
        """Add the vectors that are known; returns the passages of the others."""
        rest: Iterable[PassageRow] = rows
        if known is not None:
            held = known.vectors.holds(_numbers(rows))
            kept = [row.row for row, has in zip(rows, held.tolist(), strict=True) if has]
            if kept:
                writer.add_vectors(kept, known.vectors.vectors(kept))
            rest = [row for row, has in zip(rows, held.tolist(), strict=True) if not has]
        asked = list(rest)
        numbers, vectors = self._vectors.known(asked)
        if numbers:
            writer.add_vectors(numbers, vectors)
        found = set(numbers)
        return [row for row in asked if row.row not in found]


def _numbers(rows: Sequence[PassageRow]) -> npt.NDArray[np.int64]:
    return np.array([row.row for row in rows], dtype=np.int64)


def _indexed(row: PassageRow) -> IndexedPassage:
    passage = row.passage
    return IndexedPassage(
        row.row, passage.document_id, row.document_title, passage.heading, passage.text, row.visibility
    )
