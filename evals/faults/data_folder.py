"""A data folder with its sources, and what the product can be told to do with it. Every call belongs into a child."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot import app
from bot.settings import Settings, load_settings
from embeddings.cache import VectorCache
from evals.faults.counting_embedder import CountingEmbedder
from retrieval.indexing import Indexer, fit_for
from retrieval.live import LiveIndex
from retrieval.searching import LiveSearch
from retrieval.snapshot_embedders import SnapshotEmbedders
from retrieval.terms import Terms

# Small, so that a run of a hundred passages has many batches.
BATCH = 8
MODEL = "counting-1"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """One copy of the world: ``data`` is the product's, beside it are the sources and a list of what was embedded.

    ``log_folder``: where that list is instead.
    """

    root: Path
    log_folder: Path | None = None

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
        return (self.log_folder or self.root) / "embedded.log"

    def embedder(self, run: str, model: str = MODEL) -> CountingEmbedder:
        return CountingEmbedder(self.log, run, model)

    @property
    def settings(self) -> Settings:
        return load_settings({"YIJU_DATA_DIR": str(self.data), "YIJU_CORPUS_DIR": str(self.sources)})

    @contextmanager
    def search(self, run: str, model: str = MODEL) -> Iterator[LiveSearch]:
        """A search as a server opens it that was started just now."""
        with app.open_stores(self.settings) as stores:
            own = self.embedder(run, model)
            embedders = SnapshotEmbedders(own, lambda source: self.embedder(run, source.name))
            live = LiveIndex(self.index_dir, fit_for(own), prepare=embedders.for_snapshot)
            settle = partial(app.settle_restore, self.settings, stores)
            try:
                yield LiveSearch(live, stores.documents, embedders, Terms.shipped(), settle=settle)
            finally:
                live.close()

    def index(self, run: str, *, model: str = MODEL, full: bool = False) -> str | None:
        """Bring the index in line with the sources. Returns: the snapshot that serves then."""
        with app.open_stores(self.settings) as stores, closing(VectorCache(self.data / "vectors.db")) as cache:
            own = self.embedder(run, model)
            indexer = Indexer(stores.documents, own, cache, self.index_dir, embedding_batch=BATCH)
            return indexer.run(self.sources, full=full, allow_mass_removal=True).snapshot

    def copy_to(self, root: Path, log_folder: Path | None = None) -> DataFolder:
        """A copy with its hard links and times; the list of what was embedded may go elsewhere. Raises: OSError."""
        if root.exists():
            shutil.rmtree(root)
        subprocess.run(["cp", "-a", str(self.root), str(root)], check=True)
        if log_folder is not None and (root / "embedded.log").exists():
            shutil.move(root / "embedded.log", log_folder)
        return DataFolder(root, log_folder)
