"""An installation of our own: corpus, database with people's state, index and uploads in one folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.backup.making import BackupReport, make_backup
from bot.backup.places import Places
from bot.backup.restoring import RestoreReport, restore_backup
from bot.backup.switching import settle
from bot.state.store import StateStore
from corpus.database import open_database
from corpus.store import DocumentStore
from retrieval.indexing import fit_for
from retrieval.live import LiveIndex
from retrieval.searching import LiveSearch
from retrieval.snapshot import current_folder
from retrieval.snapshot_embedders import SnapshotEmbedders
from retrieval.terms import Terms
from tests.retrieval.conftest import TEXTS, Library

QUESTION = "清溪镇凉瓜产值多少"
# Reading the shipped list takes longer than a search.
_TERMS = Terms.of([])


class Installation:
    """What `yiju` has in its data folder, with the calls that the tests need."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine: Engine = open_database(f"sqlite:///{folder / 'yiju.db'}")
        self.store = DocumentStore(self.engine)
        self.store.migrate()
        self.state = StateStore(self.engine)
        self.state.migrate()
        self.places = Places(folder, folder / "index", folder / "uploads")
        self.library = Library(folder, self.store)

    def close(self) -> None:
        self.engine.dispose()

    def upload(self, name: str, text: str) -> None:
        self.places.uploads_dir.mkdir(exist_ok=True)
        (self.places.uploads_dir / name).write_text(text, encoding="utf-8")

    def uploads(self) -> dict[str, str]:
        folder = self.places.uploads_dir
        return {path.name: path.read_text("utf-8") for path in folder.iterdir()} if folder.is_dir() else {}

    def back_up(self, file: Path, *, with_database: bool = True, with_index: bool = True) -> BackupReport:
        return make_backup(self.places, self.engine, file, with_database=with_database, with_index=with_index)

    def restore(self, file: Path, *, with_index: bool = True, check_only: bool = False) -> RestoreReport:
        return restore_backup(self.places, self.engine, file, with_index=with_index, check_only=check_only)

    def serving(self) -> str:
        return current_folder(self.places.index_dir).name

    @contextmanager
    def searching(self, *, settling: bool = False) -> Iterator[LiveSearch]:
        embedder = self.library.embedder
        live = LiveIndex(self.places.index_dir, fit_for(embedder))
        try:
            yield LiveSearch(
                live,
                self.store,
                SnapshotEmbedders(embedder),
                _TERMS,
                settle=partial(settle, self.places, self.store.store_id) if settling else lambda: None,
                follow_seconds=1.0,
            )
        finally:
            live.close()

    def texts(self, question: str = QUESTION) -> list[str]:
        """What a new process finds."""
        with self.searching() as search, search.session() as session:
            return [hit.passage.text for hit in session.search(question, top_k=5)]


def print_of(folder: Path) -> dict[str, str]:
    """What every file below a folder holds, but for the database, which is compared by what it answers."""
    left_out = ("yiju.db", ".backup.lock", ".index.lock", ".verified.json", ".questions")
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((*left_out, ".tantivy-"))
    }


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    """Three documents, indexed."""
    folder = tmp_path / "data"
    folder.mkdir()
    made = Installation(folder)
    for name, text in TEXTS.items():
        made.library.write(name, text)
    made.library.index()
    made.upload("通知.txt", "关于召开会议的通知")
    yield made
    made.close()


def changed(installed: Installation) -> None:
    """Another state than that of the fixture: one document edited, one gone, one more, another upload."""
    installed.library.write("gua.txt", TEXTS["gua.txt"].replace("1.3亿元", "1.5亿元"))
    (installed.library.sources / "lu.txt").unlink()
    installed.library.write("cha.txt", "凤凰山茶园开采\n\n凤凰山茶园今春采茶1200斤。\n")
    installed.upload("通知.txt", "会议改期")
    installed.upload("新.txt", "新的")
    installed.library.index()
