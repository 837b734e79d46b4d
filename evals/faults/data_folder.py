"""A data folder with its sources, and what the product can be told to do with it. Every call belongs into a child."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpus.database import open_database
from corpus.store import DocumentStore
from embeddings.cache import VectorCache
from evals.faults.counting_embedder import CountingEmbedder
from retrieval.indexing import Indexer

# Small, so that a run of a hundred passages has many batches.
BATCH = 8
MODEL = "counting-1"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """One copy of the world: ``data`` is the product's, beside it are the sources and a list of what was embedded."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def sources(self) -> Path:
        return self.root / "corpus"

    @property
    def index_dir(self) -> Path:
        return self.data / "index"

    @property
    def log(self) -> Path:
        return self.root / "embedded.log"

    def embedder(self, run: str, model: str = MODEL) -> CountingEmbedder:
        return CountingEmbedder(self.log, run, model)

    @contextmanager
    def store(self) -> Iterator[DocumentStore]:
        """The database, brought up to date."""
        engine = open_database(f"sqlite:///{self.data / 'yiju.db'}")
        try:
            store = DocumentStore(engine)
            store.migrate()
            yield store
        finally:
            engine.dispose()

    def index(self, run: str, *, model: str = MODEL, full: bool = False) -> str | None:
        """Bring the index in line with the sources. Returns: the snapshot that serves then."""
        cache = VectorCache(self.data / "vectors.db")
        try:
            with self.store() as store:
                indexer = Indexer(store, self.embedder(run, model), cache, self.index_dir, embedding_batch=BATCH)
                return indexer.run(self.sources, full=full, allow_mass_removal=True).snapshot
        finally:
            cache.close()

    def copy_to(self, root: Path) -> DataFolder:
        """A copy with its hard links and times, as `cp -a` makes it. Raises: OSError."""
        if root.exists():
            shutil.rmtree(root)
        subprocess.run(["cp", "-a", str(self.root), str(root)], check=True)
        return DataFolder(root)
