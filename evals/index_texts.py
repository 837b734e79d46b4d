"""Puts the benchmark's documents into a store once, and says which passage has which place and row.

A place is a passage's number in the one list of passages that every size is a beginning of.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.chunking import CHUNKING
from corpus.database import open_database
from corpus.documents import FileOutcome, PreparedDocument
from corpus.store import DocumentStore
from corpus.store_rows import PassageRow
from evals.index_corpora import STRIDE_CHARS, WINDOW_CHARS, benchmark_documents
from retrieval.indexing import embedded_text

Rows = npt.NDArray[np.int64]
DATABASE, ROWS = "benchmark.db", "rows.npy"
_VERSIONS, _COUNTS, _DONE = "versions.npy", "counts.npy", "done.json"
_DOCUMENTS_A_FILE = 2000


@dataclass(frozen=True, slots=True)
class BenchmarkTexts:
    """The stored documents in the order of the benchmark. ``counts``: passages of each document; ``rows``: by place."""

    store: DocumentStore
    versions: Rows
    counts: Rows
    rows: Rows

    def documents_for(self, passages: int) -> int:
        """How many documents, from the first, hold at least so many passages; all where there are not so many."""
        ends = np.cumsum(self.counts)
        return min(len(ends), int(np.searchsorted(ends, passages)) + 1)

    def passages_of(self, documents: int) -> int:
        """How many passages the first documents hold."""
        return int(self.counts[:documents].sum())

    def read(self, documents: int, *, first: int = 0) -> Iterator[PassageRow]:
        """The passages of the documents from ``first`` up to ``documents``, in their order."""
        return self.store.passage_rows(self.versions[first:documents].tolist())

    def embedded_texts(self) -> Iterator[str]:
        """What is embedded of each passage, by place."""
        return (text_of(row) for row in self.read(len(self.versions)))


def text_of(row: PassageRow) -> str:
    """What is embedded of a stored passage."""
    return embedded_text(row.document_title, row.passage.heading, row.passage.text)


def open_store(database: Path) -> DocumentStore:
    """The store in a SQLite file, made where it is not there."""
    store = DocumentStore(open_database(f"sqlite:///{database}"))
    store.migrate()
    return store


def prepare_texts(shared: Path, folder: Path, most: int) -> BenchmarkTexts:
    """Store documents with at least ``most`` passages, unless that was done before; what was begun is begun anew."""
    made_by = {"chunking": CHUNKING, "window": [WINDOW_CHARS, STRIDE_CHARS]}
    done = folder / _DONE
    said = json.loads(done.read_text(encoding="utf-8")) if done.is_file() else {}
    if {key: said.get(key) for key in made_by} != made_by or not (said["complete"] or said["passages"] >= most):
        for file in folder.glob("*"):
            file.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        said = made_by | _store_all(shared, folder, most)
        done.write_text(json.dumps(said) + "\n", encoding="utf-8")
    return BenchmarkTexts(
        open_store(folder / DATABASE), *(np.load(folder / name) for name in (_VERSIONS, _COUNTS, ROWS))
    )


def _store_all(shared: Path, folder: Path, most: int) -> dict[str, int | bool]:
    store = open_store(folder / DATABASE)
    versions: list[int] = []
    counts: list[int] = []
    documents = benchmark_documents(shared)
    while sum(counts) < most and (block := list(islice(documents, _DOCUMENTS_A_FILE))):
        versions += _stored(store, block, len(versions))
        counts += [len(prepared.passages) for prepared in block]
    rows = np.array([row.row for row in store.passage_rows(versions)], dtype=np.int64)
    if len(rows) != sum(counts) or sorted(versions) != versions:
        raise ValueError("the store does not keep documents and passages in the order given; sort them by it")
    np.save(folder / _VERSIONS, np.array(versions, dtype=np.int64))
    np.save(folder / _COUNTS, np.array(counts, dtype=np.int64))
    np.save(folder / ROWS, rows)
    return {"passages": len(rows), "documents": len(versions), "complete": next(documents, None) is None}


def _stored(store: DocumentStore, block: list[PreparedDocument], number: int) -> tuple[int, ...]:
    path = f"benchmark-{number:06}.jsonl"
    fingerprint = hashlib.sha256(path.encode()).hexdigest()
    return store.remember_file(fingerprint, FileOutcome(path, "utf-8", tuple(block))).versions
