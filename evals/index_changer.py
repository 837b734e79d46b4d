"""Changes one document after the other and indexes each change, as a process of its own."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from bot import app
from bot.settings import load_settings
from embeddings.cache import VectorCache
from evals.index_figures import resident_mib
from evals.index_prober import places_of
from evals.large_corpus import edit_single
from retrieval.indexing import Indexer


class Changer:
    """The indexing side of the product over a data folder, kept open. Ends with its process."""

    def __init__(self, data: Path, corpus: Path, models: Path) -> None:
        settings = load_settings(places_of(data, models, corpus))
        self._corpus = corpus
        self._stack = ExitStack()
        stores = self._stack.enter_context(app.open_stores(settings))
        embedder = app.prepare_model(settings, say=print)
        cache = VectorCache(settings.vector_cache_path)
        self._indexer = Indexer(stores.documents, embedder, cache, settings.index_dir)

    def change(self, number: int, sentence: str) -> float:
        """Seconds from the change of a single file until the new snapshot serves and the run is over.

        Raises: RuntimeError: the run saw something else than one changed document.
        """
        started = time.monotonic()
        edit_single(self._corpus, number, sentence)
        report = self._indexer.run(self._corpus)
        seconds = time.monotonic() - started
        if (report.documents.changed, report.pending) != (1, 0):
            raise RuntimeError(
                f"one document was changed, the run reports {report.documents}, {report.pending} pending"
            )
        return seconds

    def memory(self) -> dict[str, int]:
        """MiB resident now."""
        return resident_mib()
