"""Brings the index in line with the sources: scan, journal, a new snapshot, the switch, then the vectors it lacks.

Whatever happens, and whenever, the last good snapshot serves; what was read and embedded is not done again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from corpus.chunking import CHUNKING
from corpus.errors import StoreError
from embeddings.embedder import Embedder
from embeddings.errors import VectorCacheError
from retrieval.errors import IndexingFailedError, SnapshotError
from retrieval.index_lock import index_lock
from retrieval.index_protocols import Gate, IndexedStore, Priority, VectorMemory
from retrieval.index_report import IndexProgress, IndexReport, ProgressListener
from retrieval.index_run import IndexRun, RunParts, Sources, dry_run_report
from retrieval.manifest import Fit, ModelSource
from retrieval.passage_vectors import embedded_text
from retrieval.snapshot import current_folder
from retrieval.snapshots import KEPT_SNAPSHOTS
from retrieval.yielding import QUESTIONS, QuestionClock

__all__ = ["EMBEDDING_BATCH", "IndexedStore", "Indexer", "VectorMemory", "embedded_text", "fit_for"]

# Embedded and cached together: what a crash can lose, and how long a question may have to wait for a core.
EMBEDDING_BATCH = 16


def fit_for(embedder: Embedder) -> Fit:
    """What a snapshot must be built with to be searched with this embedder."""
    return Fit(model_id=embedder.model_id, dim=embedder.dim, chunking=CHUNKING)


def _silent(progress: IndexProgress) -> None:
    """Nobody listens."""


class Indexer:
    """Brings the index in line with the sources. One run at a time in a data folder, in any process."""

    def __init__(  # noqa: PLR0913 - what runs can be told of their surroundings; all but four have a default
        self,
        store: IndexedStore,
        embedder: Embedder,
        cache: VectorMemory,
        index_dir: Path,
        *,
        embedding_batch: int = EMBEDDING_BATCH,
        model: ModelSource | None = None,
        gate: Gate | None = None,
        priority: Priority | None = None,
        clock: QuestionClock | None = None,
        kept_snapshots: int = KEPT_SNAPSHOTS,
    ) -> None:
        """``model``: how others open the embedder. ``gate`` judges a snapshot before it serves, ``priority`` says which
        documents are embedded first, ``clock`` when questions are answered (that of the index folder unless given).
        """
        self._index_dir = index_dir
        self._parts = RunParts(
            store=store,
            embedder=embedder,
            cache=cache,
            index_dir=index_dir,
            fit=fit_for(embedder),
            model=model,
            gate=gate,
            priority=priority,
            clock=clock or QuestionClock(index_dir / QUESTIONS),
            kept=kept_snapshots,
            batch=embedding_batch,
        )

    def run(
        self,
        root: Path,
        uploads: Path | None = None,
        *,
        full: bool = False,
        dry_run: bool = False,
        allow_mass_removal: bool = False,
        embed: bool = True,
        fill: bool = True,
        progress: ProgressListener = _silent,
    ) -> IndexReport:
        """Index the sources. A dry run stores nothing and switches nothing, and is not stopped by the guard.

        Without ``embed`` nothing is embedded: passages whose vectors are not known answer by their words alone, and
        where that would take vectors away from documents that serve (another model), the old snapshot stays. Without
        ``fill`` the run ends once the new snapshot serves, be it by words; ``fill()`` goes on from there.
        Raises: IndexLockedError, MassRemovalError, SourceNotFoundError, SwitchBlockedError; IndexingFailedError: the
        disk is full or read-only; EmbeddingError. Whatever is raised, also by ``progress`` to stop the run, the last
        snapshot that was switched to goes on serving, and what was read and embedded is kept.
        """
        sources = Sources(root, uploads, full=full, mass_removal=allow_mass_removal)
        if dry_run:
            return self._told(lambda: dry_run_report(self._parts, sources, progress))
        return self._told(lambda: self._locked(lambda run: run.index(sources, embed=embed, fill=fill), progress))

    def fill(self, *, progress: ProgressListener = _silent) -> IndexReport:
        """Embed what the serving snapshot has no vectors for, without a look at the sources.

        Returns early, with ``pending`` left, where another run asks for the index. Raises: as ``run``; NoSnapshotError,
        SnapshotMismatchError and other SnapshotErrors: nothing serves that this model can fill.
        """
        return self._told(lambda: self._locked(lambda run: run.fill(), progress))

    def _locked(self, work: Callable[[IndexRun], IndexReport], progress: ProgressListener) -> IndexReport:
        with index_lock(self._index_dir, self._parts.store.index_turn) as lock:
            run = IndexRun(self._parts, lock, progress)
            try:
                return work(run)
            except (OSError, StoreError, VectorCacheError) as error:
                raise self._failed(error, run.embedded) from error

    def _told(self, work: Callable[[], IndexReport]) -> IndexReport:
        try:
            return work()
        except (OSError, StoreError, VectorCacheError) as error:
            raise self._failed(error, 0) from error

    def _failed(self, error: Exception, embedded: int) -> IndexingFailedError:
        try:
            kept = f"index {current_folder(self._index_dir).name!r} goes on serving"
        except SnapshotError:
            kept = "there is no older index"
        return IndexingFailedError(
            f"indexing stopped: {error}; {kept}, files read and {embedded} passages embedded in this run are kept for "
            f"the next. Free space in {str(self._index_dir.parent)!r} or make it writable, then run: yiju index"
        )
