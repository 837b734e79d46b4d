"""Searching the snapshot that serves now: one question sees one snapshot from its search to its answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from embeddings.embedder import Embedder
from retrieval.hits import Hit, TermStatistics
from retrieval.live import LiveIndex
from retrieval.retriever import HybridRetriever, PassageStore
from retrieval.terms import Terms


@dataclass(frozen=True, slots=True)
class SearchSession:
    """One snapshot held for one question."""

    snapshot_id: str
    retriever: HybridRetriever

    @property
    def statistics(self) -> TermStatistics:
        """How rare terms are in this snapshot."""
        return self.retriever.statistics

    def search(self, question: str, *, top_k: int) -> list[Hit]:
        """The best ``top_k`` distinct passages, best first."""
        return self.retriever.search(question, top_k=top_k)


class LiveSearch:
    """Opens sessions on whatever snapshot is current. Thread-safe."""

    def __init__(self, live: LiveIndex, store: PassageStore, embedder: Embedder, terms: Terms) -> None:
        self._live = live
        self._store = store
        self._embedder = embedder
        self._terms = terms

    @contextmanager
    def session(self) -> Iterator[SearchSession]:
        """The current snapshot, open until the block is left. Raises: NoSnapshotError and other SnapshotErrors."""
        with self._live.acquire() as snapshot:
            yield SearchSession(snapshot.id, HybridRetriever(snapshot, self._store, self._embedder, self._terms))

    def live_versions(self) -> frozenset[int]:
        """The document versions of the current snapshot; none before the first index."""
        with self._live.acquire() as snapshot:
            return frozenset(int(version) for version in snapshot.versions)
