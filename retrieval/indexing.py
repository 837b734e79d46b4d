"""The pipeline from source files to a serving snapshot: scan, compare, embed what is new, write, verify, switch.

Everything before the switch can be repeated: a run that dies leaves the old snapshot serving, and the next one finds
the parsed files in the store and the vectors in the cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import Protocol

import numpy as np

from corpus.chunking import CHUNKING
from corpus.errors import StoreError
from corpus.store_rows import PassageRow, chunks
from embeddings.cache import text_key
from embeddings.embedder import Embedder, Vectors
from embeddings.errors import VectorCacheError
from retrieval.errors import IndexingFailedError, NoSnapshotError, SnapshotDamagedError, SnapshotError
from retrieval.index_lock import index_lock
from retrieval.index_report import IndexProgress, IndexReport, Phase, ProgressListener
from retrieval.manifest import Fit, corpus_hash
from retrieval.scan import FileMemory, Scan, SourceScanner, difference, guard_removal
from retrieval.snapshot import Snapshot, current_folder, switch
from retrieval.snapshot_documents import VERSIONS
from retrieval.snapshot_writer import IndexedPassage, LiveVersion, SnapshotWriter
from retrieval.snapshots import prune

# Embedded and cached together: what a crash can lose. Enough for the embedder to sort by length.
EMBEDDING_BATCH = 128
_ROWS_PER_CHUNK = 2048


class IndexedStore(FileMemory, Protocol):
    """What indexing needs of the store."""

    def passage_rows(self, versions: Iterable[int]) -> Iterator[PassageRow]:
        """Every passage of the versions."""
        ...

    def retired(self) -> frozenset[str]:
        """Ids of documents that must not be served."""
        ...


class VectorMemory(Protocol):
    """What indexing needs of the cache of vectors."""

    def lookup(self, model_id: str, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """The known vectors, shape (dim,), by key."""
        ...

    def store(self, model_id: str, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Remember vectors, shape (len(keys), dim)."""
        ...


def fit_for(embedder: Embedder) -> Fit:
    """What a snapshot must be built with to be searched with this embedder."""
    return Fit(model_id=embedder.model_id, dim=embedder.dim, chunking=CHUNKING)


def embedded_text(title: str, heading: str | None, text: str) -> str:
    """What is embedded of a passage: its document's title, its heading and its text, a line each."""
    return "\n".join(part for part in (title, heading, text) if part)


def _silent(progress: IndexProgress) -> None:
    """Nobody listens."""


class Indexer:
    """Brings the index in line with the sources. One run at a time in a data folder, in any process."""

    def __init__(
        self,
        store: IndexedStore,
        embedder: Embedder,
        cache: VectorMemory,
        index_dir: Path,
        *,
        embedding_batch: int = EMBEDDING_BATCH,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._cache = cache
        self._index_dir = index_dir
        self._batch = embedding_batch
        self._embedded = 0

    def run(
        self,
        root: Path,
        uploads: Path | None = None,
        *,
        full: bool = False,
        dry_run: bool = False,
        allow_mass_removal: bool = False,
        progress: ProgressListener = _silent,
    ) -> IndexReport:
        """Index the sources. A dry run stores nothing and switches nothing, and is not stopped by the guard.

        Raises: IndexLockedError, MassRemovalError, SourceNotFoundError; IndexingFailedError: the disk is full or
        read-only; EmbeddingError. Whatever is raised, the old snapshot goes on serving.
        """
        try:
            if dry_run:
                return self._run(root, uploads, full, True, True, progress)
            with index_lock(self._index_dir):
                return self._run(root, uploads, full, False, allow_mass_removal, progress)
        except (OSError, StoreError, VectorCacheError) as error:
            raise self._failed(error) from error

    def _run(
        self, root: Path, uploads: Path | None, full: bool, dry_run: bool, allowed: bool, progress: ProgressListener
    ) -> IndexReport:
        started = monotonic()
        self._embedded = 0
        retired = self._store.retired()
        old = self._old_snapshot()
        try:
            before = {info.document_id: info.content_hash for info in self._store.versions(self._served(old))}
            # After the database was lost or put back from a backup, its version numbers name other documents.
            if old is not None and corpus_hash(before.items()) != old.manifest.corpus_hash:
                before = dict.fromkeys(old.document_ids, "")
                old.close()
                old = None
            scan = SourceScanner(self._store, retired, full=full, dry_run=dry_run, listener=progress).scan(
                root, uploads
            )
            if not allowed:
                guard_removal(before, scan, retired)
            snapshot_id = None
            if not dry_run:
                unchanged = old is not None and not full and self._same(old, scan)
                snapshot_id = (
                    old.id if old is not None and unchanged else self._build(scan, None if full else old, progress)
                )
        finally:
            if old is not None:
                old.close()
        counts = difference(before, scan)
        return IndexReport(snapshot_id, counts, scan.files, scan.passages, self._embedded, monotonic() - started)

    def _old_snapshot(self) -> Snapshot | None:
        """The serving snapshot; None where there is none that can be read: then all is built anew."""
        try:
            return Snapshot.open(current_folder(self._index_dir))
        except SnapshotError:
            return None

    def _served(self, old: Snapshot | None) -> list[int]:
        """The versions served so far, also of a snapshot that is damaged elsewhere, for the guard and the counts."""
        if old is not None:
            return [int(version) for version in old.versions]
        try:
            return [int(version) for version in np.load(current_folder(self._index_dir) / VERSIONS)]
        except (NoSnapshotError, SnapshotDamagedError, OSError, ValueError, EOFError):
            return []

    def _same(self, old: Snapshot, scan: Scan) -> bool:
        return old.manifest.fit == fit_for(self._embedder) and frozenset(old.versions.tolist()) == scan.versions

    def _build(self, scan: Scan, old: Snapshot | None, progress: ProgressListener) -> str:
        fit = fit_for(self._embedder)
        reusable = old if old is not None and old.manifest.fit == fit else None
        held = frozenset(reusable.versions.tolist()) if reusable is not None else frozenset()
        self._embed_new(scan, scan.versions - held, progress)
        live = [
            LiveVersion(document.version, document.document_id, document.content_hash)
            for document in scan.documents.values()
            if document.version is not None
        ]
        phase = Phase("writing", scan.passages, progress)
        with SnapshotWriter(self._index_dir, fit, base=None, model=None, store_id="") as writer:
            writer.add(live, [])
            for rows in chunks(self._store.passage_rows(scan.versions), _ROWS_PER_CHUNK):
                writer.add([], [_indexed(row) for row in rows])
                writer.add_vectors([row.row for row in rows], self._vectors(rows, reusable))
                phase.advance(len(rows))
            snapshot_id = writer.finish(fold=True)
        switch(self._index_dir, snapshot_id)
        prune(self._index_dir)
        return snapshot_id

    def _embed_new(self, scan: Scan, new: frozenset[int], progress: ProgressListener) -> None:
        """Bring the vectors of new versions into the cache, a batch at a time."""
        total = sum(document.passages for document in scan.documents.values() if document.version in new)
        phase = Phase("embedding", total, progress)
        for rows in chunks(self._store.passage_rows(new), _ROWS_PER_CHUNK):
            texts = {text_key(text): text for text in map(_text, rows)}
            known = self._cache.lookup(self._embedder.model_id, list(texts))
            missing = [key for key in texts if key not in known]
            phase.advance(len(rows) - len(missing))
            for keys in chunks(missing, self._batch):
                self._embed(keys, [texts[key] for key in keys])
                phase.advance(len(keys))

    def _embed(self, keys: Sequence[bytes], texts: Sequence[str]) -> Vectors:
        vectors = self._embedder.encode_documents(texts)
        self._cache.store(self._embedder.model_id, keys, vectors)
        self._embedded += len(texts)
        return vectors

    def _vectors(self, rows: Sequence[PassageRow], reusable: Snapshot | None) -> Vectors:
        """Vectors of rows, shape (len(rows), dim): from the old snapshot, else the cache, else the model."""
        vectors = np.empty((len(rows), self._embedder.dim), dtype=np.float32)
        rest = list(range(len(rows)))
        if reusable is not None:
            held = np.isin([row.row for row in rows], reusable.rows)
            places = np.flatnonzero(held).tolist()
            vectors[places] = reusable.vectors.vectors([rows[place].row for place in places])
            rest = np.flatnonzero(~held).tolist()
        keys = {place: text_key(_text(rows[place])) for place in rest}
        known = self._cache.lookup(self._embedder.model_id, list(set(keys.values())))
        # Only where the cache lost a vector since it was filled (another process cleared it).
        for lost in chunks([place for place in rest if keys[place] not in known], self._batch):
            batch = self._embed([keys[place] for place in lost], [_text(rows[place]) for place in lost])
            known.update(zip((keys[place] for place in lost), batch, strict=True))
        for place in rest:
            vectors[place] = known[keys[place]]
        return vectors

    def _failed(self, error: Exception) -> IndexingFailedError:
        try:
            kept = f"index {current_folder(self._index_dir).name!r} goes on serving"
        except SnapshotError:
            kept = "there is no older index"
        return IndexingFailedError(
            f"indexing stopped: {error}; {kept}, files read and {self._embedded} passages embedded in this run are "
            f"kept for the next. Free space in {str(self._index_dir.parent)!r} or make it writable, then run: "
            "yiju index"
        )


def _indexed(row: PassageRow) -> IndexedPassage:
    passage = row.passage
    return IndexedPassage(row.row, passage.document_id, row.document_title, passage.heading, passage.text)


def _text(row: PassageRow) -> str:
    return embedded_text(row.document_title, row.passage.heading, row.passage.text)
