"""Writes a snapshot beside the serving one and verifies it. It serves once CURRENT names it, which others decide.

Files that did not change are links to those of the snapshot it is based on. A crash at any instant leaves CURRENT and
all finished snapshots as they were. Only the holder of the index lock may write.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from corpus.documents import PUBLIC
from retrieval import durable
from retrieval.errors import SnapshotError
from retrieval.lexical_index import LexicalIndexWriter
from retrieval.manifest import (
    CURE,
    Fit,
    Manifest,
    ModelSource,
    changed_hash,
    checksum,
    corpus_hash,
    is_lock,
    snapshot_files,
)
from retrieval.snapshot import DEAD, LEXICAL, SNAPSHOTS, VECTORS, Snapshot, memory_of
from retrieval.snapshot_documents import TABLES, LiveVersion, PassageRows, Rows, SnapshotDocuments, changed
from retrieval.snapshot_vectors import HeldVectors, WaitingVectors, assemble_parts
from retrieval.snapshots import BUILDING, new_id, remove_abandoned
from retrieval.terms import Terms, passage_terms
from retrieval.vectors import PartedVectorIndex, Vector
from retrieval.verified import remember

__all__ = ["IndexedPassage", "LiveVersion", "SnapshotWriter"]

_NO_ROWS = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A passage as it goes into both indexes."""

    row: int
    document_id: str
    title: str
    heading: str | None
    text: str
    label: str = PUBLIC


class SnapshotWriter:
    """A snapshot in the making. A context manager; left without ``finish``, it leaves nothing behind."""

    def __init__(
        self,
        index_dir: Path,
        fit: Fit,
        *,
        base: Snapshot | None,
        model: ModelSource | None,
        store_id: str,
    ) -> None:
        """``base``: an open snapshot of the same fit and database to be changed; None: an empty one.

        Raises: ValueError: the base does not fit.
        """
        if base is not None and (base.manifest.fit, base.manifest.store_id) != (fit, store_id):
            raise ValueError(f"snapshot {base.id!r} was built with something else and cannot be changed")
        self._index_dir = index_dir
        self._fit = fit
        self._base = base
        self._model = model
        self._store_id = store_id
        self._created_at = datetime.now(UTC)
        self.snapshot_id = new_id(index_dir, self._created_at)
        self._folder = index_dir / SNAPSHOTS / f"{BUILDING}{self.snapshot_id}"
        self._documents = base.documents if base is not None else SnapshotDocuments.none()
        self._passages = base.passages if base is not None else PassageRows.none()
        self._removed: dict[int, None] = {}
        self._added: dict[str, int] = {}
        self._versions: list[LiveVersion] = []
        self._rows: list[Rows] = []
        self._owners: list[Rows] = []
        self._lexical: LexicalIndexWriter | None = None
        self._sample: IndexedPassage | None = None
        self._sample_vector: tuple[int, Vector] | None = None

    def __enter__(self) -> Self:
        """Raises: OSError: the folder cannot be written."""
        remove_abandoned(self._index_dir)
        self._folder.mkdir(parents=True)
        self._waiting = WaitingVectors(self._folder / ".waiting.f16", self._fit.dim)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lexical = None
        self._waiting.close()
        durable.remove_tree(self._folder)

    def remove(self, document_ids: Collection[str]) -> None:
        """Take documents of the base out; others are no error. Raises: ValueError: one was added here; OSError."""
        added = [document_id for document_id in document_ids if document_id in self._added]
        if added:
            raise ValueError(f"document {added[0]!r} was added to this snapshot and cannot be removed again")
        places = self._documents.places_of(document_ids)
        places = places[[place not in self._removed for place in places.tolist()]]
        rows = self._passages.at(places)
        if len(rows):
            self._lexical_writer().remove(rows.tolist())
        self._removed.update(dict.fromkeys(places.tolist()))

    def add(self, documents: Sequence[LiveVersion], passages: Sequence[IndexedPassage]) -> None:
        """Add documents, and passages of documents that were added so far. A version of the base is replaced.

        Raises: ValueError: a document was added before, or a passage is of none; OSError: the disk is full.
        """
        self.remove([document.document_id for document in documents])
        for document in documents:
            self._added[document.document_id] = len(self._versions)
            self._versions.append(document)
        strangers = [passage for passage in passages if passage.document_id not in self._added]
        if strangers:
            raise ValueError(f"passage {strangers[0].row} is of {strangers[0].document_id!r}, which was not added")
        for passage in passages:
            self._lexical_writer().add(passage.row, passage.title, passage.heading, passage.text, label=passage.label)
            self._sample = passage
        self._rows.append(np.array([passage.row for passage in passages], dtype=np.int64))
        owners = [self._added[passage.document_id] for passage in passages]
        self._owners.append(np.array(owners, dtype=np.int64))

    def add_vectors(self, rows: Sequence[int], vectors: Vector) -> None:
        """Add vectors, shape (len(rows), dim), of passages of the base or added, also later.

        A row that has one keeps it, one that is no passage in the end is left out. Raises: OSError: the disk is full.
        """
        self._waiting.add(rows, vectors)
        if self._sample_vector is None and len(rows):
            self._sample_vector = (int(rows[0]), np.array(vectors[0], dtype=np.float32))

    def finish(self, *, fold: bool = False) -> str:
        """Write, sync and verify. Returns: its id; it is whole, but CURRENT does not name it yet.

        ``fold`` folds large parts of the vectors too where that is due, which may take minutes for a million.
        Raises: OSError: it cannot be written in full, or does not read back.
        """
        documents, passages = self._write_tables()
        self._write_lexical()
        dead, embedded = assemble_parts(
            self._folder / VECTORS,
            passages.rows,
            self._held_vectors(),
            self._waiting,
            name=self.snapshot_id,
            fold=fold,
        )
        self._waiting.close()
        np.save(self._folder / DEAD, dead)
        checksums = {name: self._linked(name) or checksum(self._folder / name) for name in snapshot_files(self._folder)}
        self._write_manifest(documents, passages, embedded, checksums)
        self._verify()
        self._sync(checksums)
        final = self._index_dir / SNAPSHOTS / self.snapshot_id
        durable.rename(self._folder, final)
        memory = memory_of(final)
        if memory is not None:
            remember(final, checksums, memory)
        return self.snapshot_id

    def _write_tables(self) -> tuple[SnapshotDocuments, PassageRows]:
        if self._base is not None and not self._removed and not self._versions:
            for name in TABLES:
                durable.link(self._base.folder / name, self._folder / name)
            return self._documents, self._passages
        documents, passages = changed(
            self._documents,
            self._passages,
            removed=np.array(list(self._removed), dtype=np.int64),
            added=self._versions,
            added_rows=np.concatenate([_NO_ROWS, *self._rows]),
            owners=np.concatenate([_NO_ROWS, *self._owners]),
        )
        documents.write(self._folder)
        passages.write(self._folder)
        return documents, passages

    def _held_vectors(self) -> HeldVectors | None:
        """Raises: OSError."""
        if self._base is None:
            return None
        removed = self._passages.at(np.array(list(self._removed), dtype=np.int64))
        dead = np.union1d(np.load(self._base.folder / DEAD), removed)
        return HeldVectors(self._base.vectors.parts, self._base.folder / VECTORS, dead)

    def _lexical_writer(self) -> LexicalIndexWriter:
        """Raises: OSError."""
        if self._lexical is None:
            folder = self._folder / LEXICAL
            if self._base is None:
                folder.mkdir()
                self._lexical = LexicalIndexWriter(folder)
            else:
                self._link_lexical(self._base)
                try:
                    self._lexical = LexicalIndexWriter.extend(folder)
                except ValueError as error:
                    raise OSError(str(error)) from error
        return self._lexical

    def _write_lexical(self) -> None:
        if self._base is not None and self._lexical is None:
            self._link_lexical(self._base)
        else:
            self._lexical_writer().finish()
            self._lexical = None

    def _link_lexical(self, base: Snapshot) -> None:
        durable.link_tree(base.folder / LEXICAL, self._folder / LEXICAL, skip=is_lock)

    def _linked(self, name: str) -> str | None:
        """The checksum of a file that is the base's own; None for another."""
        if self._base is None or name not in self._base.manifest.checksums:
            return None
        same = (self._folder / name).samefile(self._base.folder / name)
        return self._base.manifest.checksums[name] if same else None

    def _write_manifest(
        self, documents: SnapshotDocuments, passages: PassageRows, embedded: int, checksums: dict[str, str]
    ) -> None:
        removed = [self._documents.version_at(place) for place in self._removed]
        before = self._base.manifest.corpus_hash if self._base is not None else corpus_hash(())
        Manifest(
            snapshot=self.snapshot_id,
            fit=self._fit,
            corpus_hash=changed_hash(before, map(_identity, removed), map(_identity, self._versions)),
            documents=len(documents),
            passages=len(passages),
            embedded=embedded,
            created_at=self._created_at.isoformat(timespec="seconds"),
            model=self._model,
            store_id=self._store_id,
            parent=self._base.id if self._base is not None else None,
            checksums=checksums,
        ).write(self._folder)

    def _verify(self) -> None:
        """Reopen what was written and ask both sides for a passage that must be there. Raises: OSError."""
        try:
            snapshot = Snapshot.open(self._folder, self._fit, checked=True)
        except SnapshotError as error:
            said = str(error).removesuffix(f"; {CURE}")
            raise OSError(f"what was written does not read back: {said}") from error
        try:
            self._find_vector(snapshot)
            self._find_words(snapshot)
        finally:
            snapshot.close()

    def _find_vector(self, snapshot: Snapshot) -> None:
        if self._sample_vector is None:
            return
        row, vector = self._sample_vector
        wanted = np.array([row], dtype=np.int64)
        if not snapshot.passages.holds(row) or (self._base is not None and self._base.vectors.holds(wanted)[0]):
            return
        # Its own part alone: to search all of them would cost more than most changes do.
        parts = [part for part in snapshot.vectors.parts if part.places(wanted)[0] >= 0]
        part = PartedVectorIndex(parts, _NO_ROWS, self._fit.dim)
        found = snapshot.vectors.scores(vector, [row]).get(row)
        if found is None or not np.isclose(found, vector @ vector, rtol=0.01) or not part.search(vector, 1):
            raise OSError(f"the vector of row {row} is not found again in the new index")

    def _find_words(self, snapshot: Snapshot) -> None:
        if self._sample is None:
            return
        row, text = self._sample.row, self._sample.text
        probe = snapshot.lexical.prepare(Terms.of(()).question_groups(text[:200]))
        if probe.query is not None:
            found = snapshot.lexical.scores(probe, [row])[row] > 0
        else:
            found = all(map(snapshot.lexical.occurs, passage_terms(text)))
        if not found:
            raise OSError(f"the words of row {row} are not found again in the new index")

    def _sync(self, checksums: dict[str, str]) -> None:
        """Have all on the disk that is not there yet: what is linked was synced with the base."""
        for name in checksums:
            if self._linked(name) is None:
                durable.sync(self._folder / name)
        for folder in sorted((path for path in self._folder.rglob("*") if path.is_dir()), reverse=True):
            durable.sync(folder)
        durable.sync(self._folder)
        if self._base is None:
            durable.sync(self._index_dir)
            durable.sync(self._index_dir.parent)


def _identity(version: LiveVersion) -> tuple[str, str]:
    return version.document_id, version.content_hash
