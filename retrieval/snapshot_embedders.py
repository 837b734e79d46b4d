"""The embedder that fits a snapshot: vectors of one model can only be searched with questions of the same.

So after a model change in the settings the old snapshot answers in full until the new one is switched to.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from weakref import WeakKeyDictionary, WeakValueDictionary

from embeddings.embedder import Embedder
from embeddings.errors import EmbeddingError, ModelNotAvailableError
from retrieval.manifest import ModelSource
from retrieval.snapshot import Snapshot

_log = logging.getLogger(__name__)
OpenEmbedder = Callable[[ModelSource], Embedder]


class SnapshotEmbedders:
    """The settings' own embedder, or another where a snapshot was built with that. Safe to use from several threads.

    Another is opened by ``open_other`` from what the manifest says of it, once, and let go with its snapshots.
    """

    def __init__(self, own: Embedder, open_other: OpenEmbedder | None = None) -> None:
        self._own = own
        self._open_other = open_other
        self._lock = threading.Lock()
        self._found: WeakKeyDictionary[Snapshot, Embedder | None] = WeakKeyDictionary()
        self._others: WeakValueDictionary[str, Embedder] = WeakValueDictionary()

    def for_snapshot(self, snapshot: Snapshot) -> Embedder | None:
        """What embeds questions for a snapshot; None, logged once, where the model it was built with cannot be had.

        The first call for a snapshot of another model opens that, which takes seconds.
        """
        if (self._own.model_id, self._own.dim) == (snapshot.manifest.fit.model_id, snapshot.manifest.fit.dim):
            return self._own
        with self._lock:
            if snapshot not in self._found:
                self._found[snapshot] = self._other(snapshot)
            return self._found[snapshot]

    def _other(self, snapshot: Snapshot) -> Embedder | None:
        model_id = snapshot.manifest.fit.model_id
        try:
            embedder = self._others.get(model_id) or self._opened(snapshot)
        except (EmbeddingError, OSError, ValueError, RuntimeError, ImportError) as error:
            _log.warning(
                "index %s was built with %r, which cannot be opened (%s); until the next one, passages are found by "
                "their words alone; run: yiju index",
                snapshot.id,
                model_id,
                error,
            )
            return None
        self._others[model_id] = embedder
        return embedder

    def _opened(self, snapshot: Snapshot) -> Embedder:
        fit, source = snapshot.manifest.fit, snapshot.manifest.model
        if source is None or self._open_other is None:
            raise ModelNotAvailableError("the index does not say how to open it")
        embedder = self._open_other(source)
        if (embedder.model_id, embedder.dim) != (fit.model_id, fit.dim):
            raise ModelNotAvailableError(f"{source.name!r} is now {embedder.model_id!r} ({embedder.dim})")
        return embedder
