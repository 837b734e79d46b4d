"""A question to ranked passages: both sides searched at once, fused, then loaded. What may not be seen and
what is retired is left out before anything is ranked.

Reading the passages for an answer is the reader's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus.documents import Document, Passage
from embeddings.embedder import Embedder
from retrieval.fusion import FusionRule, fuse
from retrieval.hits import Hit, TermStatistics
from retrieval.lexical_index import LexicalQuery
from retrieval.manifest import damaged
from retrieval.snapshot import Snapshot
from retrieval.snapshot_views import View
from retrieval.stages import DENSE, EMBED, FUSE, LEXICAL, LOAD, in_context, stage
from retrieval.terms import Terms
from retrieval.vectors import Vector

# Best rows of each side that are fused.
CANDIDATES = 100


class PassageStore(Protocol):
    """What a search needs of the store."""

    def load_rows(self, rows: Sequence[int]) -> dict[int, tuple[Passage, Document]]:
        """Passages and documents by row, in one or two queries."""
        ...

    def retired(self) -> frozenset[str]:
        """Ids of documents that must not answer."""
        ...


@dataclass(frozen=True, slots=True)
class Candidates:
    """The rows that are fused, each with its true score on both sides; ``coverage``: see QuestionParts.

    ``lexical`` holds every row, ``dense`` those that have a vector.
    """

    dense: dict[int, float]
    lexical: dict[int, float]
    coverage: float


class HybridRetriever:
    """``Retriever`` over one snapshot. Cheap to make, safe to use from several threads.

    Passages without a vector are found by their words; all are where there is no ``embedder``.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        store: PassageStore,
        embedder: Embedder | None,
        terms: Terms,
        *,
        view: View | None = None,
        rule: FusionRule | None = None,
        candidates: int = CANDIDATES,
    ) -> None:
        """``view``: what of the snapshot is searched; None: all of it, which only its keepers may see."""
        self._snapshot = snapshot
        self._view = view or View.whole(snapshot)
        self._store = store
        self._embedder = embedder
        self._terms = terms
        self._rule = rule or FusionRule()
        self._candidates = candidates

    @property
    def statistics(self) -> TermStatistics:
        """How rare terms are in what is searched."""
        return self._view.lexical

    def search(self, question: str, *, top_k: int) -> list[Hit]:
        """The best ``top_k`` distinct passages, best first; fewer, or none, where the corpus has no more.

        A question without any term (punctuation only) is answered by the dense side alone. ``Hit.dense`` is None where
        the passage is not embedded yet, ``Hit.lexical`` where no term of the question is in it.
        Raises: SnapshotDamagedError: the database holds none of the passages found.
        """
        if top_k <= 0 or not self._snapshot.manifest.passages:
            return []
        excluded = self._snapshot.rows_of(self._store.retired())
        found = self.candidates(question, limit=max(self._candidates, top_k), excluded=excluded)
        with stage(FUSE):
            ranked = fuse(found.dense, found.lexical, coverage=found.coverage, rule=self._rule)[:top_k]
        with stage(LOAD):
            loaded = self._loaded([hit.row for hit in ranked])
        return [
            Hit(*loaded[hit.row], score=hit.score, rank=rank, dense=hit.dense, lexical=hit.lexical or None)
            for rank, hit in enumerate((hit for hit in ranked if hit.row in loaded), start=1)
        ]

    def _loaded(self, rows: Sequence[int]) -> dict[int, tuple[Passage, Document]]:
        """Passages and documents by row, none that is another document's than the one that was indexed."""
        stored = self._store.load_rows(rows)
        known = {row: found for row, found in stored.items() if found[1].id == self._snapshot.document_of(row)}
        # Left out before ranking already; nothing with such a label leaves here, whatever an index says.
        known = {row: found for row, found in known.items() if found[1].visibility not in self._view.hidden}
        if rows and not known:
            raise damaged(
                self._snapshot.folder,
                "the database does not hold its documents (it was deleted, replaced or put back from a backup)",
            )
        return known

    def candidates(self, question: str, *, limit: int, excluded: frozenset[int] = frozenset()) -> Candidates:
        """The ``limit`` best rows of each side together, before they are fused; ``excluded`` are left out."""
        embedder = self._embedder if self._view.vectors.count else None
        if embedder is None:
            query, lexical = self._lexical(question, limit, excluded)
            return Candidates({}, lexical, query.coverage)
        vectors = self._view.vectors
        # Both release the interpreter lock in their native code.
        dense_side = self._snapshot.executor.submit(in_context(self._dense), embedder, question, limit, excluded)
        query, lexical = self._lexical(question, limit, excluded)
        vector, dense = dense_side.result()
        # What only one side returned gets its true score of the other side, not a floor: both are cheap by row.
        dense.update(vectors.scores(vector, [row for row in lexical if row not in dense]))
        lexical.update(self._view.lexical.scores(query, [row for row in dense if row not in lexical]))
        return Candidates(dense, lexical, query.coverage)

    def _dense(
        self, embedder: Embedder, question: str, limit: int, excluded: frozenset[int]
    ) -> tuple[Vector, dict[int, float]]:
        with stage(EMBED):
            vector = embedder.encode_queries([question])[0]
        with stage(DENSE):
            return vector, self._view.vectors.search(vector, limit, excluded=excluded)

    def _lexical(self, question: str, limit: int, excluded: frozenset[int]) -> tuple[LexicalQuery, dict[int, float]]:
        with stage(LEXICAL):
            query = self._view.lexical.prepare(self._terms.question_groups(question))
            return query, self._view.lexical.search(query, limit, excluded=excluded)
