"""Snapshots made without store or sources: documents of a few passages each, told apart by their numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.manifest import Fit
from retrieval.snapshot import Snapshot, open_current, snapshot_folder, switch
from retrieval.snapshot_writer import IndexedPassage, LiveVersion, SnapshotWriter
from tests.retrieval.fakes import HashingEmbedder

STORE = "5f6c1a"
FIT = Fit(model_id="hashing", dim=64, chunking="sentences-1")
PLACES = ("清溪镇", "黄江镇", "凤岗镇", "樟木头镇", "常平镇", "虎门镇", "长安镇", "大朗镇")


@dataclass(frozen=True)
class Made:
    """A document by its number: ``edition`` tells its versions apart, ``passages`` how long it is."""

    number: int
    edition: int = 0
    passages: int = 2

    @property
    def id(self) -> str:
        return f"document-{self.number}"

    @property
    def version(self) -> LiveVersion:
        content = hashlib.sha256(f"{self.number}:{self.edition}".encode()).hexdigest()
        return LiveVersion(self.number + 1000 * self.edition, self.id, content)

    @property
    def rows(self) -> list[int]:
        return [self.version.version * 2000 + part for part in range(self.passages)]

    @property
    def indexed(self) -> list[IndexedPassage]:
        place = PLACES[self.number % len(PLACES)]
        title = f"{place}第{self.number}号简报"
        return [
            IndexedPassage(row, self.id, title, None, f"{place}今年修路{row}公里，第{self.edition}次公布。")
            for row in self.rows
        ]


@dataclass
class Shelf:
    """An index folder of made documents."""

    index_dir: Path
    embedder: HashingEmbedder = field(default_factory=HashingEmbedder)

    def writer(self, base: Snapshot | None = None, *, fit: Fit = FIT, store_id: str = STORE) -> SnapshotWriter:
        return SnapshotWriter(self.index_dir, fit, base=base, model=None, store_id=store_id)

    def embed(self, writer: SnapshotWriter, documents: Iterable[Made]) -> None:
        passages = [passage for document in documents for passage in document.indexed]
        vectors = self.embedder.encode_documents([passage.text for passage in passages])
        writer.add_vectors([passage.row for passage in passages], vectors)

    def fill(self, writer: SnapshotWriter, documents: Sequence[Made], embedded: Iterable[Made] | None = None) -> None:
        """Add documents with the vectors of ``embedded``, else of all."""
        passages = [passage for document in documents for passage in document.indexed]
        writer.add([document.version for document in documents], passages)
        self.embed(writer, documents if embedded is None else embedded)

    def build(self, documents: Sequence[Made], embedded: Iterable[Made] | None = None) -> str:
        """A snapshot of just these documents, not serving."""
        with self.writer() as writer:
            self.fill(writer, documents, embedded)
            return writer.finish()

    def change(
        self, base: Snapshot, added: Sequence[Made] = (), removed: Iterable[Made] = (), *, fold: bool = False
    ) -> str:
        """A snapshot that differs from another by these documents, not serving."""
        with self.writer(base) as writer:
            writer.remove([document.id for document in removed])
            self.fill(writer, added)
            return writer.finish(fold=fold)

    def serve(self, documents: Sequence[Made]) -> str:
        """A snapshot of just these documents, serving."""
        snapshot_id = self.build(documents)
        switch(self.index_dir, snapshot_id)
        return snapshot_id

    def open(self, snapshot_id: str | None = None) -> Snapshot:
        if snapshot_id is None:
            return open_current(self.index_dir, FIT)
        return Snapshot.open(snapshot_folder(self.index_dir, snapshot_id), FIT)

    def current(self) -> str:
        return (self.index_dir / "CURRENT").read_text(encoding="utf-8").strip()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but the locks of the lexical index, by relative path."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
