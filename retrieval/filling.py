"""The vectors that a serving snapshot lacks, filled in behind the questions: most asked and newest documents first.

Snapshots are published in between, further and further apart, so that all of them together cost little more than one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from corpus.store_rows import PassageRow
from embeddings.embedder import Vectors
from retrieval.building import Made
from retrieval.index_protocols import IndexedStore, Priority
from retrieval.index_report import Phase, ProgressListener
from retrieval.pacing import Pace, WantedElsewhereError
from retrieval.passage_vectors import PassageVectors
from retrieval.publishing import Publisher
from retrieval.snapshot import Snapshot

# Publish whenever the part that has vectors has grown by this share, and by no fewer passages than that.
GROWTH, LEAST_GROWTH = 0.5, 2000
# Passages whose texts are in memory together.
_PASSAGES_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class _Lacking:
    """A document version of whose passages so many have no vector."""

    version: int
    document_id: str
    passages: int


class Filler:
    """Fills one run's snapshots. ``rate``: passages embedded a second; None before that can be known."""

    def __init__(
        self,
        made: Made,
        store: IndexedStore,
        vectors: PassageVectors,
        pace: Pace,
        *,
        priority: Priority | None,
        listener: ProgressListener,
    ) -> None:
        self._made = made
        self._store = store
        self._vectors = vectors
        self._pace = pace
        self._priority = priority
        self._listener = listener
        self.rate: float | None = None

    def fill(self, snapshot: Snapshot, publisher: Publisher) -> Snapshot:
        """The last snapshot of the run: whole, or filled as far as it got before another run asked for the index.

        Closes the snapshots it replaces but the first. Raises: SwitchBlockedError, OSError, StoreError,
        VectorCacheError, EmbeddingError, and what the listener raises to stop it.
        """
        missing = snapshot.missing_rows()
        phase = Phase("filling", len(snapshot.rows), self._listener, done=len(snapshot.rows) - len(missing))
        # Whatever is done here any later run can go on with.
        self._pace.give_way()
        batches = self._batches(snapshot, missing, phase)
        first, whole = snapshot, False
        while not whole:
            try:
                following, whole = self._round(snapshot, batches)
            except WantedElsewhereError:
                break
            finally:
                self.rate = phase.rate
            if snapshot is not first:
                snapshot.close()
            snapshot = following
            publisher.publish(snapshot, last=whole)
        return snapshot

    def _round(self, base: Snapshot, batches: Iterator[tuple[list[int], Vectors]]) -> tuple[Snapshot, bool]:
        """The next snapshot, and whether it is whole."""
        growth = max(LEAST_GROWTH, int(base.manifest.embedded * GROWTH))
        with self._made.writer(base) as writer:
            added = 0
            for rows, vectors in batches:
                writer.add_vectors(rows, vectors)
                added += len(rows)
                if added >= growth:
                    return self._made.opened(writer.finish()), False
            return self._made.opened(writer.finish(fold=True)), True

    def _batches(
        self, snapshot: Snapshot, missing: npt.NDArray[np.int64], phase: Phase
    ) -> Iterator[tuple[list[int], Vectors]]:
        """Row numbers and vectors of all missing rows, the most wanted documents first."""
        for rows in self._passages(self._ordered(snapshot, missing), missing):
            self._pace.wait(phase)
            numbers, vectors = self._vectors.known(rows)
            if numbers:
                phase.advance(len(numbers), worked=False)
                yield numbers, vectors
            known = set(numbers)
            yield from self._vectors.made([row for row in rows if row.row not in known], phase, background=True)

    def _ordered(self, snapshot: Snapshot, missing: npt.NDArray[np.int64]) -> list[_Lacking]:
        """The documents that lack vectors, the most wanted first."""
        places = snapshot.passages.places[np.searchsorted(snapshot.rows, missing)]
        lacking, counts = np.unique(places, return_counts=True)
        versions = snapshot.versions[lacking].tolist()
        ids = [snapshot.document_ids[place] for place in lacking.tolist()]
        wanted = self._priority(ids) if self._priority is not None else {}
        published = {info.version: info.published_at for info in self._store.versions(versions)}
        oldest = date.min.toordinal()
        order = sorted(
            range(len(versions)),
            key=lambda number: (
                -wanted.get(ids[number], 0.0),
                -(day.toordinal() if (day := published.get(versions[number])) is not None else oldest),
            ),
        )
        return [_Lacking(versions[number], ids[number], int(counts[number])) for number in order]

    def _passages(self, documents: Sequence[_Lacking], missing: npt.NDArray[np.int64]) -> Iterator[list[PassageRow]]:
        """The missing passages of some documents at a time, in their order."""
        group: list[_Lacking] = []
        for document in documents:
            group.append(document)
            if sum(each.passages for each in group) >= _PASSAGES_AT_ONCE:
                yield self._missing(group, missing)
                group = []
        if group:
            yield self._missing(group, missing)

    def _missing(self, group: Sequence[_Lacking], missing: npt.NDArray[np.int64]) -> list[PassageRow]:
        places = {document.document_id: place for place, document in enumerate(group)}
        rows = self._store.passage_rows([document.version for document in group])
        lacking = [row for row in rows if _among(row.row, missing)]
        return sorted(lacking, key=lambda row: places[row.passage.document_id])


def _among(row: int, ascending: npt.NDArray[np.int64]) -> bool:
    place = int(np.searchsorted(ascending, row))
    return place < len(ascending) and int(ascending[place]) == row
