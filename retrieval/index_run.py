"""One run of the index pipeline, under the lock: what is done in which order, and what is told of it in the end."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

import numpy as np

from corpus.intake import list_sources
from embeddings.embedder import Embedder
from retrieval.building import EMBEDDED_AT_ONCE, Made, SnapshotBuilder, is_whole
from retrieval.changed_documents import changed_documents
from retrieval.edited_documents import with_edits
from retrieval.filling import Filler
from retrieval.index_lock import HeldLock
from retrieval.index_protocols import Gate, IndexedStore, Priority, VectorMemory
from retrieval.index_report import ChangedDocuments, DocumentCounts, FileReport, IndexReport, Phase, ProgressListener
from retrieval.manifest import Fit, ModelSource
from retrieval.pacing import Pace
from retrieval.passage_vectors import PassageVectors
from retrieval.publishing import Publisher
from retrieval.scan import Scan, SourceScanner, difference, guard_removal, is_mass_removal
from retrieval.served import Served, find_built, nothing_to_fill, open_served
from retrieval.snapshot import DEAD, Snapshot
from retrieval.snapshot_vectors import planned_folds
from retrieval.yielding import QuestionClock


@dataclass(frozen=True, slots=True)
class RunParts:
    """What runs are made of."""

    store: IndexedStore
    embedder: Embedder
    cache: VectorMemory
    index_dir: Path
    fit: Fit
    model: ModelSource | None
    gate: Gate | None
    priority: Priority | None
    clock: QuestionClock
    kept: int
    batch: int


@dataclass(frozen=True, slots=True)
class Sources:
    """What to index, and how. ``full``: every file is read again; ``mass_removal``: most documents may go."""

    root: Path
    uploads: Path | None
    full: bool
    mass_removal: bool


def _scan(
    parts: RunParts, sources: Sources, served: Served, retired: frozenset[str], listener: ProgressListener, *, dry: bool
) -> Scan:
    held = served.snapshot.documents if served.snapshot is not None else None
    scanner = SourceScanner(parts.store, retired, held=held, full=sources.full, dry_run=dry, listener=listener)
    return with_edits(scanner.scan(list_sources(sources.root, sources.uploads)), parts.store, dry=dry)


def dry_run_report(parts: RunParts, sources: Sources, listener: ProgressListener) -> IndexReport:
    """What a run would do to the documents; nothing is stored. Raises: SourceNotFoundError, StoreError."""
    started = monotonic()
    with closing(open_served(parts.index_dir, parts.store)) as served:
        retired = parts.store.retired()
        scan = _scan(parts, sources, served, retired, listener, dry=True)
        return IndexReport(
            None,
            difference(served.before, scan),
            scan.files,
            scan.passages,
            0,
            monotonic() - started,
            changes=_changes(parts, served, scan),
            mass_removal=is_mass_removal(served.before, scan, retired),
        )


def _changes(parts: RunParts, served: Served, scan: Scan) -> ChangedDocuments:
    held = served.snapshot.documents if served.snapshot is not None else None
    return changed_documents(served.before, held, scan, parts.store)


class IndexRun:
    """One run. Not to be used twice."""

    def __init__(self, parts: RunParts, lock: HeldLock, listener: ProgressListener) -> None:
        self._parts = parts
        self._started = monotonic()
        self._pace = Pace(parts.index_dir, parts.clock, lock)
        self._listener = self._pace.polite(listener)
        self._vectors = PassageVectors(parts.embedder, parts.cache, self._pace, batch=parts.batch)
        self._made = Made(parts.index_dir, parts.fit, parts.model, parts.store.store_id())
        self._rates: dict[str, float | None] = {}

    @property
    def embedded(self) -> int:
        """Passages that the model had to embed so far."""
        return self._vectors.embedded

    def index(self, sources: Sources, *, embed: bool, fill: bool) -> IndexReport:
        """Index the sources. Raises: as ``Indexer.run``."""
        parts = self._parts
        retired = parts.store.retired()
        with closing(open_served(parts.index_dir, parts.store)) as served:
            scan = _scan(parts, sources, served, retired, self._listener, dry=False)
            if not sources.mass_removal:
                guard_removal(served.before, scan, retired)
            # Before anything is switched to: a label that was added must not wait for a gate or for a person.
            parts.store.hold_labels(scan.versions)
            held = frozenset(served.snapshot.versions.tolist()) if served.snapshot is not None else frozenset()
            parts.store.journal(scan.versions - held, scan.failures)
            publisher = self._publisher(served)
            # Before versions that no longer serve are deleted: their names would be gone.
            changes = _changes(parts, served, scan)
            snapshot = self._brought_up_to_date(scan, served, publisher, full=sources.full, embed=embed, fill=fill)
            with closing(snapshot):
                publisher.clean_up(scan.named)
                report = self._report(snapshot, difference(served.before, scan), scan.files, publisher)
            return replace(report, changes=changes)

    def fill(self) -> IndexReport:
        """Fill in the vectors alone. Raises: as ``Indexer.fill``."""
        parts = self._parts
        with closing(open_served(parts.index_dir, parts.store)) as served:
            base = served.base_for(parts.fit) or find_built(parts.index_dir, parts.fit, self._made.store_id)
            if base is None:
                raise nothing_to_fill(parts.index_dir, parts.fit)
            publisher = self._publisher(served)
            with closing(base if is_whole(base) else self._filled(base, publisher)) as snapshot:
                publisher.clean_up(None)
                unchanged = DocumentCounts(0, 0, 0, len(snapshot.document_ids))
                return self._report(snapshot, unchanged, (), publisher)

    def _publisher(self, served: Served) -> Publisher:
        parts = self._parts
        return Publisher(parts.index_dir, parts.store, parts.gate, served, parts.fit, kept=parts.kept)

    def _brought_up_to_date(
        self, scan: Scan, served: Served, publisher: Publisher, *, full: bool, embed: bool, fill: bool
    ) -> Snapshot:
        base = None if full else served.base_for(self._parts.fit)
        if base is not None and frozenset(base.versions.tolist()) == scan.versions:
            publisher.settle(base)
            snapshot = base
        else:
            snapshot = self._built(scan, base, served, full=full, embed=embed)
            publisher.publish(snapshot, last=not embed or is_whole(snapshot))
        if embed and not is_whole(snapshot) and (fill or publisher.serving != snapshot.id):
            snapshot = self._filled(snapshot, publisher)
        return self._folded(snapshot, publisher)

    def _built(self, scan: Scan, base: Snapshot | None, served: Served, *, full: bool, embed: bool) -> Snapshot:
        """A finished snapshot of the documents scanned: one that a run which died left, or a new one."""
        parts = self._parts
        if not full:
            left = find_built(parts.index_dir, parts.fit, self._made.store_id, scan.corpus_hash)
            if left is not None:
                return left
            base = base or find_built(parts.index_dir, parts.fit, self._made.store_id)
        at_once = EMBEDDED_AT_ONCE if embed and not self._pace.is_paused() else 0
        builder = SnapshotBuilder(self._made, parts.store, self._vectors, self._listener, at_once=at_once)
        snapshot = builder.build(scan, base, served.vectors_for(parts.fit))
        self._rates["lexical"] = builder.rate
        return snapshot

    def _filled(self, snapshot: Snapshot, publisher: Publisher) -> Snapshot:
        parts = self._parts
        filler = Filler(
            self._made, parts.store, self._vectors, self._pace, priority=parts.priority, listener=self._listener
        )
        try:
            return filler.fill(snapshot, publisher)
        finally:
            self._rates["embedding"] = filler.rate

    def _folded(self, snapshot: Snapshot, publisher: Publisher) -> Snapshot:
        """The same snapshot with its large parts folded, where that is due: nobody waits for it any more."""
        dead = np.load(snapshot.folder / DEAD)
        if publisher.serving != snapshot.id or not planned_folds(snapshot.vectors.parts, dead, fold=True):
            return snapshot
        self._pace.give_way()
        if self._pace.is_wanted():
            return snapshot
        Phase("folding", 1, self._listener)
        with self._made.writer(snapshot) as writer:
            folded = self._made.opened(writer.finish(fold=True))
        publisher.switch(folded)
        return folded

    def _report(
        self, snapshot: Snapshot, counts: DocumentCounts, files: tuple[FileReport, ...], publisher: Publisher
    ) -> IndexReport:
        manifest = snapshot.manifest
        return IndexReport(
            publisher.serving,
            counts,
            files,
            manifest.passages,
            self._vectors.embedded,
            monotonic() - self._started,
            embedded_share=manifest.embedded_share,
            pending=manifest.passages - manifest.embedded,
            gate=publisher.verdict.report if publisher.verdict is not None else None,
            rate={side: rate for side, rate in self._rates.items() if rate is not None},
        )
