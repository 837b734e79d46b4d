"""Writes a snapshot beside the serving one, verifies it, switches to it atomically and prunes what is old.

A crash at any instant leaves CURRENT as it was. Only the holder of the index lock may call anything here.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from retrieval.errors import SnapshotError
from retrieval.lexical_index import LexicalIndexWriter
from retrieval.manifest import CURE, Fit, Manifest, checksums, corpus_hash
from retrieval.snapshot import (
    CURRENT,
    DOCUMENT_IDS,
    LEXICAL,
    ROWS,
    SNAPSHOTS,
    VECTORS,
    VERSIONS,
    Snapshot,
    snapshot_folders,
)
from retrieval.terms import Terms
from retrieval.vector_index import FaissVectorIndex, Vector

KEPT_SNAPSHOTS = 3
_TEMPORARY = ".building-"


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A passage as it goes into both indexes."""

    row: int
    document_id: str
    title: str
    heading: str | None
    text: str


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """A document version that the snapshot serves."""

    version: int
    document_id: str
    content_hash: str


class SnapshotWriter:
    """A snapshot in the making. A context manager; left without ``publish``, it leaves nothing behind."""

    def __init__(self, index_dir: Path, fit: Fit, live: Sequence[LiveVersion]) -> None:
        self._index_dir = index_dir
        self._fit = fit
        self._live = sorted(live, key=lambda version: version.version)
        self._places = {version.document_id: place for place, version in enumerate(self._live)}
        self._created_at = datetime.now(UTC)
        self.snapshot_id = f"{self._created_at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"
        self._folder = index_dir / SNAPSHOTS / f"{_TEMPORARY}{self.snapshot_id}"
        self._vectors = FaissVectorIndex.empty(fit.dim)
        self._rows: list[tuple[int, int]] = []
        self._sample: IndexedPassage | None = None

    def __enter__(self) -> SnapshotWriter:
        remove_abandoned(self._index_dir)
        (self._folder / LEXICAL).mkdir(parents=True)
        self._lexical = LexicalIndexWriter(self._folder / LEXICAL)
        return self

    def __exit__(self, *unused: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, passages: Sequence[IndexedPassage], vectors: Vector) -> None:
        """Add passages with their vectors, shape (len(passages), dim). Raises: OSError."""
        self._vectors.add([passage.row for passage in passages], vectors)
        for passage in passages:
            self._lexical.add(passage.row, passage.title, passage.heading, passage.text)
            self._rows.append((passage.row, self._places[passage.document_id]))
            self._sample = passage

    def publish(self) -> str:
        """Finish, verify and switch. Returns: the snapshot's id. Raises: OSError: it cannot be written in full."""
        self._lexical.finish()
        self._vectors.write(self._folder / VECTORS)
        np.save(self._folder / VERSIONS, np.array([version.version for version in self._live], dtype=np.int64))
        np.save(self._folder / ROWS, np.array(sorted(self._rows), dtype=np.int64).reshape(-1, 2))
        ids = json.dumps([version.document_id for version in self._live])
        (self._folder / DOCUMENT_IDS).write_text(ids, encoding="utf-8")
        Manifest(
            snapshot=self.snapshot_id,
            fit=self._fit,
            corpus_hash=corpus_hash((version.document_id, version.content_hash) for version in self._live),
            documents=len(self._live),
            passages=len(self._rows),
            created_at=self._created_at.isoformat(timespec="seconds"),
            checksums=checksums(self._folder),
        ).write(self._folder)
        self._verify()
        _sync_tree(self._folder)
        final = self._index_dir / SNAPSHOTS / self.snapshot_id
        self._folder.rename(final)
        _sync(final.parent)
        switch(self._index_dir, self.snapshot_id)
        return self.snapshot_id

    def _verify(self) -> None:
        """Reopen what was written and ask both sides for a passage that must be there. Raises: OSError."""
        try:
            snapshot = Snapshot.open(self._folder, self._fit)
        except SnapshotError as error:
            said = str(error).removesuffix(f"; {CURE}")
            raise OSError(f"what was written does not read back: {said}") from error
        try:
            if self._sample is None:
                return
            row = self._sample.row
            vector = snapshot.vectors.vectors([row])[0]
            if row not in snapshot.vectors.scores(vector, [row]) or not snapshot.vectors.search(vector, 1):
                raise OSError(f"the vector of row {row} is not found again in the new index")
            probe = snapshot.lexical.prepare(Terms.of(()).question_groups(self._sample.text[:200]))
            if probe.query is not None and snapshot.lexical.scores(probe, [row])[row] <= 0:
                raise OSError(f"the words of row {row} are not found again in the new index")
        finally:
            snapshot.close()


def switch(index_dir: Path, snapshot_id: str) -> None:
    """Let CURRENT name the snapshot, atomically and durably."""
    temporary = index_dir / f".{CURRENT}.{os.getpid()}"
    with temporary.open("w", encoding="utf-8") as file:
        file.write(snapshot_id + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(index_dir / CURRENT)
    _sync(index_dir)


def prune_snapshots(index_dir: Path, kept: int = KEPT_SNAPSHOTS) -> list[str]:
    """Delete all but the newest ``kept``. Others may serve the one before: open files outlive their names."""
    folders = list(snapshot_folders(index_dir))
    try:
        serving = (index_dir / CURRENT).read_text(encoding="utf-8").strip()
    except OSError:
        return []
    old = [folder for folder in folders[: max(0, len(folders) - kept)] if folder.name != serving]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return [folder.name for folder in old]


def remove_abandoned(index_dir: Path) -> None:
    """Delete what dead runs left half built."""
    root = index_dir / SNAPSHOTS
    if root.is_dir():
        for folder in root.glob(f"{_TEMPORARY}*"):
            shutil.rmtree(folder, ignore_errors=True)
    if index_dir.is_dir():
        for file in index_dir.glob(f".{CURRENT}.*"):
            file.unlink(missing_ok=True)


def _sync_tree(folder: Path) -> None:
    for path in _walk(folder):
        _sync(path)


def _walk(folder: Path) -> Iterable[Path]:
    yield from folder.rglob("*")
    yield folder


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
