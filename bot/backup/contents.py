"""What a backup holds and whether its parts belong together: which members, which revisions, which documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from corpus.store import DocumentStore
from retrieval.manifest import Manifest
from retrieval.snapshot_documents import SnapshotDocuments

DATABASE, INDEX, UPLOADS = "database.db", "index/", "uploads/"


@dataclass(frozen=True, slots=True)
class IndexContents:
    """The snapshot of a backup: its id, format and size. ``embedded``: how many of the passages have a vector."""

    snapshot: str
    format: int
    documents: int
    passages: int
    embedded: int

    @classmethod
    def of(cls, manifest: Manifest) -> IndexContents:
        """As its manifest says."""
        counts = (manifest.documents, manifest.passages, manifest.embedded)
        return cls(manifest.snapshot, manifest.fit.format, *counts)


@dataclass(frozen=True, slots=True)
class Contents:
    """The head of a backup. ``store_id``: the database that the index was built from. ``yiju``: who wrote it."""

    created_at: str
    store_id: str
    database: bool
    index: IndexContents | None
    yiju: str

    def as_json(self) -> dict[str, Any]:
        """As the head of the archive."""
        return asdict(self)

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Contents:
        """From the head of an archive. Raises: KeyError, TypeError: it has another form."""
        index = content["index"]
        return cls(
            created_at=str(content["created_at"]),
            store_id=str(content["store_id"]),
            database=bool(content["database"]),
            index=None if index is None else IndexContents(**index),
            yiju=str(content["yiju"]),
        )


def program_version() -> str:
    """The version of this program."""
    try:
        return metadata.version("yiju")
    except metadata.PackageNotFoundError:
        return "unknown"


def missing_versions(engine: Engine, snapshot: Path) -> int:
    """How many documents of a snapshot the database does not hold as they were indexed. Raises: StoreError."""
    documents = SnapshotDocuments.load(snapshot)
    stored = {info.version: info.content_hash for info in DocumentStore(engine).versions(documents.versions.tolist())}
    served = zip(documents.versions.tolist(), documents.hashes, strict=True)
    return sum(stored.get(version) != hashed.tobytes().hex() for version, hashed in served)
