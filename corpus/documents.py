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
class StoredLine:
    """What a line of a file became when it was read before."""

    version: int
    document_id: str


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line that is a document: ``mark`` is the hash of it and of all that has a say in what it becomes.

    ``stored``: what it became before; None for a line that was read now. A line without a mark is read every time.
    """

    mark: bytes | None
    stored: StoredLine | None


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one source file. ``failures`` are sentences for people: one a file, or one a bad JSON line.

    ``lines``: for a file of lines, all that are documents, in order; those that were read now are ``documents``, in the
    same order. () for other files, all of whose documents are in ``documents``.
    """

    path: str
    encoding: str | None
    documents: tuple[PreparedDocument, ...]
    failures: tuple[str, ...] = ()
    lines: tuple[FileLine, ...] = ()
