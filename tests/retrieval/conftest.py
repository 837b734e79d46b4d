"""A corpus folder of our own text with everything that indexes and searches it, over the real store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from corpus.database import open_database
from corpus.store import DocumentStore
from retrieval.hits import Hit
from retrieval.index_report import IndexReport
from retrieval.indexing import Indexer, fit_for
from retrieval.retriever import HybridRetriever
from retrieval.snapshot import Snapshot, open_current
from retrieval.terms import Terms
from tests.retrieval.fakes import HashingEmbedder, MemoryCache

TEXTS = {
    "gua.txt": "清溪镇凉瓜丰收\n\n今年清溪镇种植凉瓜650多亩，产值达1.3亿元，带动农户三百多户。镇里办起了凉瓜节。\n",
    "lu.txt": "东江大桥今日通车\n\n东江大桥全长2.6公里，总投资四千万元。通车后，从县城到高铁站只要十五分钟。\n",
    "xuexiao.txt": "河源中学迎来百年校庆\n\n河源中学创办于1923年，现有学生1338名。校长李明在校庆大会上讲话。\n",
}


@dataclass
class Library:
    """Sources, store, embedder, cache and index folder of one test."""

    folder: Path
    store: DocumentStore
    embedder: HashingEmbedder = field(default_factory=HashingEmbedder)
    cache: MemoryCache = field(default_factory=MemoryCache)

    @property
    def sources(self) -> Path:
        return self.folder / "corpus"

    @property
    def index_dir(self) -> Path:
        return self.folder / "index"

    def write(self, name: str, text: str) -> None:
        path = self.sources / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def write_many(self, count: int) -> None:
        for number in range(count):
            self.write(f"{number:03}.txt", f"第{number}号简报\n\n编号为{number}的村庄今年修路{number + 3}公里。\n")

    def indexer(self, embedder: HashingEmbedder | None = None, **options: Any) -> Indexer:
        return Indexer(self.store, embedder or self.embedder, self.cache, self.index_dir, **options)

    def index(self, **options: Any) -> IndexReport:
        return self.indexer().run(self.sources, **options)

    def serving(self) -> Snapshot:
        """The serving snapshot, to be closed by the caller."""
        return open_current(self.index_dir, fit_for(self.embedder))

    def embedded(self) -> int:
        """How many passages of the serving snapshot have a vector."""
        with closing(self.serving()) as snapshot:
            return snapshot.manifest.embedded

    def found_by_words(self, question: str) -> list[str]:
        """Ids of the documents that the lexical side finds, best first."""
        with closing(self.serving()) as snapshot:
            query = snapshot.lexical.prepare(Terms.shipped().question_groups(question))
            return [snapshot.document_of(row) for row in snapshot.lexical.search(query, 5)]

    def search(self, question: str, top_k: int = 5) -> list[Hit]:
        snapshot = open_current(self.index_dir, fit_for(self.embedder))
        try:
            return HybridRetriever(snapshot, self.store, self.embedder, Terms.shipped()).search(question, top_k=top_k)
        finally:
            snapshot.close()

    def titles(self, question: str) -> list[str]:
        return [hit.document.title for hit in self.search(question)]

    def current(self) -> str:
        return (self.index_dir / "CURRENT").read_text().strip()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Three documents, not indexed yet."""
    engine = open_database(f"sqlite:///{tmp_path / 'yiju.db'}")
    store = DocumentStore(engine)
    store.migrate()
    made = Library(tmp_path, store)
    for name, text in TEXTS.items():
        made.write(name, text)
    yield made
    engine.dispose()
