"""Searching the snapshot that serves now: one question sees one snapshot from its search to its answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from retrieval.hits import Hit, TermStatistics
from retrieval.live import LiveIndex
from retrieval.retriever import HybridRetriever, PassageStore
from retrieval.snapshot_embedders import SnapshotEmbedders
from retrieval.terms import Terms
from retrieval.yielding import QUESTIONS, QuestionClock


@dataclass(frozen=True, slots=True)
class SearchSession:
    """One snapshot held for one question. ``embedded``: the share (0 to 1) of its passages found by meaning too."""

    snapshot_id: str
    retriever: HybridRetriever
    embedded: float

    @property
    def statistics(self) -> TermStatistics:
        """How rare terms are in this snapshot."""
        return self.retriever.statistics

    def search(self, question: str, *, top_k: int) -> list[Hit]:
        """The best ``top_k`` distinct passages, best first."""
        return self.retriever.search(question, top_k=top_k)


class LiveSearch:
    """Opens sessions on whatever snapshot is current, and lets work in the background wait for them. Thread-safe."""

    def __init__(self, live: LiveIndex, store: PassageStore, embedders: SnapshotEmbedders, terms: Terms) -> None:
        self._live = live
        self._store = store
        self._embedders = embedders
        self._terms = terms
        self._questions = QuestionClock(live.index_dir / QUESTIONS)

    @contextmanager
    def session(self) -> Iterator[SearchSession]:
        """The current snapshot, open until the block is left. Raises: NoSnapshotError and other SnapshotErrors."""
        with self._questions.asking(), self._live.acquire() as snapshot:
            embedder = self._embedders.for_snapshot(snapshot)
            retriever = HybridRetriever(snapshot, self._store, embedder, self._terms)
            embedded = snapshot.manifest.embedded_share if embedder is not None else 0.0
            yield SearchSession(snapshot.id, retriever, embedded)

    def live_versions(self) -> frozenset[int]:
        """The document versions of the current snapshot; none before the first index."""
        with self._live.acquire() as snapshot:
            return frozenset(int(version) for version in snapshot.versions)
