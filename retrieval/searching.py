"""Searching the snapshot that serves now: one question sees one snapshot from its search to its answer.

A snapshot names documents by the numbers of one database. Where that was replaced (a backup was put back), a question
goes over to the snapshot that came with it; nothing is answered from numbers that mean something else now.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Protocol

from corpus.visibility import PUBLIC_ONLY, Clearance
from retrieval.errors import SnapshotDamagedError
from retrieval.hits import Hit, TermStatistics
from retrieval.live import LiveIndex
from retrieval.manifest import damaged
from retrieval.retriever import HybridRetriever, PassageStore
from retrieval.snapshot import Snapshot
from retrieval.snapshot_embedders import SnapshotEmbedders
from retrieval.snapshot_views import Identity, SnapshotViews
from retrieval.terms import Terms
from retrieval.yielding import QUESTIONS, QuestionClock

# How long a question waits for the index that belongs to a database that was just replaced.
FOLLOW_SECONDS = 10.0
_LOOK_SECONDS = 0.02
# A monitor does not wait as long as a question, and asks every few seconds.
_CHECK_SECONDS = 0.5
_CHECKED_DOCUMENTS = 16


class LiveStore(PassageStore, Protocol):
    """The store behind a search, which may be replaced while it is open."""

    def identity(self) -> Identity:
        """The identity of the database as it is now, and a number that grows when labels that hold change."""
        ...

    def labels(self) -> frozenset[str]:
        """Every label but ``public`` that there is."""
        ...

    def versions(self, versions: Iterable[int]) -> Sequence[object]:
        """Those of these document versions that are stored."""
        ...

    def hidden_versions(self, clearance: Clearance) -> frozenset[int]:
        """Document versions that who has this clearance may not see."""
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
        self._views = SnapshotViews(store)
        # What was seen last. Each search looks whether it is still so.
        self._identity: Identity = ("", 0)

    @contextmanager
    def session(self, clearance: Clearance = PUBLIC_ONLY) -> Iterator[SearchSession]:
        """The current snapshot as it looks with this clearance, open until the block is left.

        Raises: NoSnapshotError and other SnapshotErrors.
        """
        with self._questions.asking(), ExitStack() as held:
            yield _LiveSession(self, held, clearance)

    @contextmanager
    def background_session(self, clearance: Clearance = PUBLIC_ONLY) -> Iterator[SearchSession]:
        """The same for a question that nobody waits for: other work in the background does not make way for it."""
        with ExitStack() as held:
            yield _LiveSession(self, held, clearance)

    def prepare(self, snapshot: Snapshot) -> None:
        """Open what a snapshot is searched with before it serves. Raises: StoreError."""
        self._embedders.for_snapshot(snapshot)
        self._identity = self._store.identity()
        if self._identity[0] == snapshot.manifest.store_id:
            self._views.view(snapshot, PUBLIC_ONLY, self._identity)

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

    def check_documents(self) -> None:
        """Look whether the database still holds the documents of the current snapshot, at a few of them.

        Raises: SnapshotDamagedError: it lost them, or is another one and no snapshot came with it.
        """
        with ExitStack() as held:
            snapshot = held.enter_context(self._live.acquire())
            if not self._fits(snapshot):
                snapshot = self._followed(held, _CHECK_SECONDS)
            looked_at = _spread(snapshot.versions.tolist(), _CHECKED_DOCUMENTS)
            missing = len(looked_at) - len(self._store.versions(looked_at))
            if missing and self._fits(snapshot):
                raise damaged(snapshot.folder, f"the database lost {missing} of {len(looked_at)} documents looked at")

    def counts(self, clearance: Clearance) -> tuple[int, int]:
        """How many documents and passages of the current snapshot may be seen. Raises: as ``session``."""
        with self._live.acquire() as snapshot:
            view = self._views.view(snapshot, clearance, self._store.identity())
            return view.documents, view.lexical.count

    def _opened(self, snapshot: Snapshot, clearance: Clearance, identity: Identity) -> tuple[HybridRetriever, float]:
        embedder = self._embedders.for_snapshot(snapshot)
        view = self._views.view(snapshot, clearance, identity)
        retriever = HybridRetriever(snapshot, self._store, embedder, self._terms, view=view)
        return retriever, snapshot.manifest.embedded_share if embedder is not None else 0.0

    def _fits(self, snapshot: Snapshot) -> bool:
        """Whether the database is, and so has been since the snapshot was taken, the one it was built from."""
        return snapshot.manifest.store_id == self._store.identity()[0]

    def _followed(self, held: ExitStack, longest_seconds: float | None = None) -> Snapshot:
        """The snapshot that came with the database. Raises: SnapshotDamagedError: none comes."""
        until = time.monotonic() + (self._follow_seconds if longest_seconds is None else longest_seconds)
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
    """Goes over to another snapshot only where the database was replaced under it, to another view where labels were.

    Both are asked after the passages were loaded: what is so now was so when they were.
    """

    def __init__(self, search: LiveSearch, held: ExitStack, clearance: Clearance) -> None:
        self._search = search
        self._held = held
        self._clearance = clearance
        self._take(held.enter_context(search._live.acquire()))

    def search(self, question: str, *, top_k: int) -> list[Hit]:
        """The best ``top_k`` distinct passages, best first."""
        while True:
            try:
                hits = self.retriever.search(question, top_k=top_k)
            except SnapshotDamagedError:
                if self._search._fits(self._snapshot):
                    raise
                hits = None
            identity = self._search._identity = self._search._store.identity()
            if identity[0] != self._snapshot.manifest.store_id:
                self._take(self._search._followed(self._held))
            elif hits is not None and self._by == identity:
                return hits
            else:
                self._take(self._snapshot)

    def _take(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.snapshot_id = snapshot.id
        self._by = self._search._identity
        self.retriever, self.embedded = self._search._opened(snapshot, self._clearance, self._by)


def _spread(versions: Sequence[int], most: int) -> list[int]:
    """At most so many, evenly, with the first and the last."""
    if len(versions) <= most:
        return list(versions)
    return [versions[place * (len(versions) - 1) // (most - 1)] for place in range(most)]
