"""What the store hands out beside documents and passages, and how it cuts long lists of ids into queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TypeVar

from sqlalchemy import RowMapping

from corpus.documents import PUBLIC, Document, Passage

# Ids in one IN list: far below SQLite's and PostgreSQL's limits on parameters (32,766), long enough to be fast.
IDS_PER_QUERY = 1000
Element = TypeVar("Element")


@dataclass(frozen=True, slots=True)
class RememberedFile:
    """What a file with that fingerprint was parsed into. ``versions`` are in the order of the file, each once."""

    file_id: int
    encoding: str | None
    versions: tuple[int, ...]
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A document version without its text. ``passages`` counts them."""

    version: int
    document_id: str
    content_hash: str
    source_path: str
    title: str
    passages: int
    publisher: str | None
    published_at: date | None
    url: str | None
    visibility: str


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage as it is indexed: ``row`` is its key in every index and is never given to another."""

    row: int
    passage: Passage
    document_title: str
    publisher: str | None
    published_at: date | None
    visibility: str = PUBLIC


@dataclass(frozen=True, slots=True)
class PassageRef:
    """Where a passage stands: its row, its document's version, its place in the document (from 0)."""

    row: int
    version: int
    ordinal: int


def chunks(elements: Iterable[Element], size: int) -> Iterator[list[Element]]:
    """``elements`` in their order, ``size`` at a time."""
    iterator = iter(elements)
    while chunk := list(islice(iterator, size)):
        yield chunk


def document_from(row: RowMapping) -> Document:
    """A document out of a row of ``document_versions``."""
    return Document(
        id=row["document_id"],
        title=row["title"],
        text=row["text"],
        publisher=row["publisher"],
        published_at=row["published_at"],
        url=row["url"],
        source_path=row["source_path"],
        visibility=row["visibility"],
    )


def passage_from(row: RowMapping, document_id: str, text: str) -> Passage:
    """A passage out of a row of ``passages`` and its document's ``text``."""
    start, end = row["start"], row["end"]
    return Passage(row["passage_id"], document_id, text[start:end], start, end, row["heading"])
