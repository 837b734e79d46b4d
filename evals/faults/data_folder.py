"""A data folder with its sources, and what the product can be told to do with it. Every call belongs into a child."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bot import app, app_backup
from bot.settings import Settings, load_settings
from embeddings.cache import VectorCache
from evals.faults.counting_embedder import CountingEmbedder
from evals.faults.made_corpus import MadeDocument
from retrieval import snapshots
from retrieval.errors import SwitchBlockedError
from retrieval.index_protocols import Gate
from retrieval.indexing import Indexer, fit_for
from retrieval.live import LiveIndex
from retrieval.manifest import ModelSource
from retrieval.searching import LiveSearch
from retrieval.snapshot import open_current
from retrieval.snapshot_embedders import SnapshotEmbedders
from retrieval.terms import Terms

# Small, so that a run of a hundred passages has many batches.
BATCH = 8
MODEL = "counting-1"


@dataclass(frozen=True, slots=True)
class Blocked:
    """A verdict against every snapshot."""

    report: dict[str, object] = field(default_factory=dict)
    blocked: str | None = "an administrator shall look at it"


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

    @property
    def backup(self) -> Path:
        return self.data / "backups" / "yiju.tar.gz"

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

    def index(
        self, run: str, *, model: str = MODEL, full: bool = False, embed: bool = True, gate: Gate | None = None
    ) -> str | None:
        """Bring the index in line with the sources. Returns: the snapshot that serves then."""
        with app.open_stores(self.settings) as stores, closing(VectorCache(self.data / "vectors.db")) as cache:
            indexer = Indexer(
                stores.documents,
                self.embedder(run, model),
                cache,
                self.index_dir,
                embedding_batch=BATCH,
                model=ModelSource(model, "counting"),
                gate=gate,
            )
            return indexer.run(self.sources, full=full, embed=embed, allow_mass_removal=True).snapshot

    def index_blocked(self, run: str) -> None:
        """An index run whose snapshot the gate does not let serve."""
        with suppress(SwitchBlockedError):
            self.index(run, gate=lambda old, new: Blocked())

    def roll_back(self) -> None:
        """Serve the oldest snapshot again."""
        snapshots.roll_back(self.index_dir, snapshots.list_snapshots(self.index_dir)[0].id)

    def accept(self) -> None:
        """Serve the snapshot that is blocked; nothing where there is none any more."""
        for each in snapshots.list_snapshots(self.index_dir):
            if each.blocked is not None and not each.serving:
                snapshots.accept(self.index_dir, each.id)

    def retire(self, document: MadeDocument) -> None:
        """Let a document never answer again."""
        with app.open_stores(self.settings) as stores:
            live = stores.documents.versions(self._versions())
            found = next(info for info in live if info.source_path.endswith(document.file_name))
            stores.documents.retire(found.document_id)

    def back_up(self) -> None:
        """Write a backup into the data folder."""
        self.backup.parent.mkdir(exist_ok=True)
        app_backup.back_up(self.settings, self.backup, with_database=True, with_index=True, progress=_silent)

    def check_backup(self) -> None:
        """Raises: BackupError: the backup is not whole."""
        app_backup.restore(self.settings, self.backup, with_index=True, check_only=True, progress=_silent)

    def restore(self, file: Path) -> None:
        """Put a backup in the place of what is there."""
        app_backup.restore(self.settings, file, with_index=True, check_only=False, progress=_silent)

    def served_hashes(self) -> dict[str, str]:
        """The documents of the serving snapshot: content hash by id."""
        with app.open_stores(self.settings) as stores:
            return {info.document_id: info.content_hash for info in stores.documents.versions(self._versions())}

    def _versions(self) -> list[int]:
        with closing(open_current(self.index_dir)) as snapshot:
            return [int(version) for version in snapshot.versions]

    def copy_to(self, root: Path, log_folder: Path | None = None) -> DataFolder:
        """A copy with its hard links and times; the list of what was embedded may go elsewhere. Raises: OSError."""
        if root.exists():
            shutil.rmtree(root)
        subprocess.run(["cp", "-a", str(self.root), str(root)], check=True)
        if log_folder is not None and (root / "embedded.log").exists():
            shutil.move(root / "embedded.log", log_folder)
        return DataFolder(root, log_folder)


def _silent(*_: object) -> None:
    """Nobody listens."""
