"""A snapshot as it looks to somebody: both sides of a search less the documents that they may not see.

Made once for each set of hidden labels and kept as long as the snapshot is open. Where nothing is hidden, which is
always so in a corpus that is all public, it is the snapshot's own two sides.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from corpus.visibility import Clearance
from retrieval.lexical_index import LexicalIndex
from retrieval.lexical_view import Hidden, LexicalView
from retrieval.snapshot import Snapshot
from retrieval.vectors import PartedVectorIndex

# Sets of labels that are hidden together; each view of a million passages takes some hundred kilobytes.
_MOST_VIEWS = 32
# Of a database and the state of its labels.
Identity = tuple[str, int]


class LabelStore(Protocol):
    """What is known of labels."""

    def labels(self) -> frozenset[str]:
        """Every label but ``public`` that there is."""
        ...

    def hidden_versions(self, clearance: Clearance) -> frozenset[int]:
        """Document versions that who has this clearance may not see."""
        ...


@dataclass(frozen=True, slots=True)
class View:
    """What a search looks through: so many ``documents``. ``hidden``: the labels of those left out of both sides."""

    lexical: LexicalIndex
    vectors: PartedVectorIndex
    documents: int
    hidden: frozenset[str] = frozenset()

    @classmethod
    def whole(cls, snapshot: Snapshot) -> View:
        """All of a snapshot."""
        return cls(snapshot.lexical, snapshot.vectors, len(snapshot.documents))


@dataclass
class _Known:
    """Views of one snapshot, by hidden labels; ``by``: the labels that they go by."""

    by: Identity
    labels: frozenset[str]
    views: OrderedDict[frozenset[str], View] = field(default_factory=OrderedDict)


class SnapshotViews:
    """Makes and remembers views. Safe to use from several threads."""

    def __init__(self, store: LabelStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: WeakKeyDictionary[Snapshot, _Known] = WeakKeyDictionary()

    def view(self, snapshot: Snapshot, clearance: Clearance, by: Identity) -> View:
        """The snapshot as it looks with this clearance; ``by`` names the state of the labels that hold.

        The first call of its kind takes up to a second for a million passages. Raises: StoreError.
        """
        if clearance.everything:
            return View.whole(snapshot)
        with self._lock:
            known = self._known.get(snapshot)
            if known is None or known.by != by:
                known = self._known[snapshot] = _Known(by, self._store.labels())
            hidden = frozenset(label for label in known.labels if not clearance.allows(label))
            view = known.views.get(hidden)
            if view is None:
                view = known.views[hidden] = self._made(snapshot, clearance, hidden)
                if len(known.views) > _MOST_VIEWS:
                    known.views.popitem(last=False)
            else:
                known.views.move_to_end(hidden)
            return view

    def _made(self, snapshot: Snapshot, clearance: Clearance, hidden: frozenset[str]) -> View:
        versions = self._store.hidden_versions(clearance) if hidden else frozenset()
        mask = np.isin(snapshot.versions, np.fromiter(versions, dtype=np.int64, count=len(versions)))
        if not mask.any():
            return View(snapshot.lexical, snapshot.vectors, len(mask), hidden)
        passages = snapshot.passages
        rows = passages.at(np.flatnonzero(mask))

        def hides(asked: Sequence[int]) -> npt.NDArray[np.bool_]:
            places = passages.places[np.searchsorted(passages.rows, np.asarray(asked, dtype=np.int64))]
            return mask[places]

        lexical = LexicalView(snapshot.lexical, Hidden(hidden, hides, len(rows)))
        return View(lexical, snapshot.vectors.without(rows), int(np.count_nonzero(~mask)), hidden)
