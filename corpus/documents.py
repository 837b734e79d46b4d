"""The data that the corpus package hands upwards: documents, their passages, and what became of a file.

A document is one article, not one file. Nothing here reads files or databases.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Document:
    """One article as it is shown: ``text`` is what offsets count in (code points)."""

    id: str
    title: str
    text: str
    publisher: str | None
    published_at: date | None
    url: str | None
    source_path: str
    visibility: str = PUBLIC


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences: ``document.text[start:end] == text``.

    ``heading`` is the section's heading inside the document, without the title; None where there is none.
    """

    id: str
    document_id: str
    text: str
    start: int
    end: int
    heading: str | None


@dataclass(frozen=True, slots=True)
class Section:
    """From ``start`` (code points) to the next section's start the document stands under ``heading``."""

    start: int
    heading: str | None


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A document with its passages, ready to be stored.

    ``content_hash`` covers everything of the document and its passages that is shown or indexed, so equal hashes mean
    that nothing has to be done again. ``aliases`` are the ids of near-duplicates of the file that were joined into it.
    """

    document: Document
    passages: tuple[Passage, ...]
    content_hash: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one source file. ``failures`` are sentences for people: one a file, or one a bad JSON line."""

    path: str
    encoding: str | None
    documents: tuple[PreparedDocument, ...]
    failures: tuple[str, ...] = ()
