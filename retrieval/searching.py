"""Searching the snapshot that serves now: one question sees one snapshot from its search to its answer.

A snapshot names documents by the numbers of one database. Where that was replaced (a backup was put back), a question
goes over to the snapshot that came with it; nothing is answered from numbers that mean something else now.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Protocol

from retrieval.errors import SnapshotDamagedError
from retrieval.hits import Hit, TermStatistics
from retrieval.live import LiveIndex
from retrieval.manifest import damaged
from retrieval.retriever import HybridRetriever, PassageStore
from retrieval.snapshot import Snapshot
from retrieval.snapshot_embedders import SnapshotEmbedders
from retrieval.terms import Terms
from retrieval.yielding import QUESTIONS, QuestionClock

# How long a question waits for the index that belongs to a database that was just replaced.
FOLLOW_SECONDS = 10.0
_LOOK_SECONDS = 0.02


class LiveStore(PassageStore, Protocol):
    """The store behind a search, which may be replaced while it is open."""

    def store_id(self) -> str:
        """The identity of the database as it is now."""
        ...


@dataclass(slots=True)
class SearchSession:
    """One snapshot held for one question. ``embedded``: the share (0 to 1) of its passages found by meaning too."""

    snapshot_id: str
    retriever: HybridRetriever
    embedded: float = 1.0

    @property
    def statistics(self) -> TermStatistics:
        """How rare terms are in this snapshot."""
        return self.retriever.statistics

    def search(self, question: str, *, top_k: int) -> list[Hit]:
        """The best ``top_k`` distinct passages, best first."""
        return self.retriever.search(question, top_k=top_k)


class LiveSearch:
    """Opens sessions on whatever snapshot is current, and lets work in the background wait for them. Thread-safe.

    ``settle`` is called where the database is another than the snapshot's, to finish what a dead process began.
    """

    def __init__(
        self,
        live: LiveIndex,
        store: LiveStore,
        embedders: SnapshotEmbedders,
        terms: Terms,
        *,
        settle: Callable[[], object] = lambda: None,
        follow_seconds: float = FOLLOW_SECONDS,
    ) -> None:
        self._live = live
        self._store = store
        self._embedders = embedders
        self._terms = terms
        self._settle = settle
        self._follow_seconds = follow_seconds
        self._questions = QuestionClock(live.index_dir / QUESTIONS)

    @contextmanager
    def session(self) -> Iterator[SearchSession]:
        """The current snapshot, open until the block is left. Raises: NoSnapshotError and other SnapshotErrors."""
        with self._questions.asking(), ExitStack() as held:
            yield _LiveSession(self, held)

    @contextmanager
    def background_session(self) -> Iterator[SearchSession]:
        """The same for a question that nobody waits for: other work in the background does not make way for it."""
        with ExitStack() as held:
            yield _LiveSession(self, held)

    def wait_for_quiet(self, longest_seconds: float) -> float:
        """Return when nobody's question is being answered, or after the longest wait. Returns: the seconds waited."""
        return self._questions.wait_for_quiet(longest_seconds)

    def live_versions(self) -> frozenset[int]:
        """The document versions of the current snapshot; none before the first index."""
        with ExitStack() as held:
            snapshot = held.enter_context(self._live.acquire())
            if not self._fits(snapshot):
                snapshot = self._followed(held)
            return frozenset(snapshot.versions.tolist())

    def _opened(self, snapshot: Snapshot) -> tuple[HybridRetriever, float]:
        embedder = self._embedders.for_snapshot(snapshot)
        retriever = HybridRetriever(snapshot, self._store, embedder, self._terms)
        return retriever, snapshot.manifest.embedded_share if embedder is not None else 0.0

    def _fits(self, snapshot: Snapshot) -> bool:
        """Whether the database is, and so has been since the snapshot was taken, the one it was built from."""
        return snapshot.manifest.store_id == self._store.store_id()

    def _followed(self, held: ExitStack) -> Snapshot:
        """The snapshot that came with the database. Raises: SnapshotDamagedError: none comes."""
        until = time.monotonic() + self._follow_seconds
        self._settle()
        while True:
            with ExitStack() as taken:
                snapshot = taken.enter_context(self._live.acquire())
                if self._fits(snapshot):
                    held.push(taken.pop_all())
                    return snapshot
            if time.monotonic() >= until:
                raise damaged(snapshot.folder, "it was built from another database (it was replaced by a backup)")
            time.sleep(_LOOK_SECONDS)


class _LiveSession(SearchSession):
    """Goes over to another snapshot only where the database was replaced under it."""

    def __init__(self, search: LiveSearch, held: ExitStack) -> None:
        self._search = search
        self._held = held
        self._take(held.enter_context(search._live.acquire()))

    def search(self, question: str, *, top_k: int) -> list[Hit]:
        """The best ``top_k`` distinct passages, best first."""
        while True:
            try:
                hits = self.retriever.search(question, top_k=top_k)
            except SnapshotDamagedError:
                if self._search._fits(self._snapshot):
                    raise
            else:
                # Asked after the passages were loaded: what is so now was so when they were.
                if self._search._fits(self._snapshot):
                    return hits
            self._take(self._search._followed(self._held))

    def _take(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.snapshot_id = snapshot.id
        self.retriever, self.embedded = self._search._opened(snapshot)
