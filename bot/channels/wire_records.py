"""Documents, passages, uploads and jobs as they cross the wire; every key is always there."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel

from bot.catalogue import Listing
from bot.state.jobs import JobView
from corpus.documents import Document, Passage


class DocumentBody(BaseModel):
    """A document; offsets of citations count code points of ``text``."""

    id: str
    title: str
    publisher: str | None
    published_at: date | None
    url: str | None
    source_path: str
    visibility: str
    text: str

    @classmethod
    def of(cls, document: Document) -> DocumentBody:
        """The wire form of a document."""
        return cls(
            id=document.id,
            title=document.title,
            publisher=document.publisher,
            published_at=document.published_at,
            url=document.url,
            source_path=document.source_path,
            visibility=document.visibility,
            text=document.text,
        )


class DocumentHead(BaseModel):
    """A document without its text."""

    id: str
    title: str
    publisher: str | None
    published_at: date | None
    url: str | None
    source_path: str

    @classmethod
    def of(cls, document: Document) -> DocumentHead:
        """What a passage says about where it stands."""
        return cls(
            id=document.id,
            title=document.title,
            publisher=document.publisher,
            published_at=document.published_at,
            url=document.url,
            source_path=document.source_path,
        )


class PassageBody(BaseModel):
    """A passage: ``text`` is the document's ``[start:end]`` (code points)."""

    id: str
    document_id: str
    heading: str | None
    text: str
    start: int
    end: int

    @classmethod
    def of(cls, passage: Passage) -> PassageBody:
        """The wire form of a passage."""
        return cls(
            id=passage.id,
            document_id=passage.document_id,
            heading=passage.heading,
            text=passage.text,
            start=passage.start,
            end=passage.end,
        )


class PassageViewBody(BaseModel):
    """A passage with its document and its neighbours in it."""

    passage: PassageBody
    document: DocumentHead
    previous: PassageBody | None
    next: PassageBody | None

    @classmethod
    def of(
        cls, passage: Passage, document: Document, *, previous: Passage | None, following: Passage | None
    ) -> PassageViewBody:
        """The wire form of a passage where it stands."""
        return cls(
            passage=PassageBody.of(passage),
            document=DocumentHead.of(document),
            previous=None if previous is None else PassageBody.of(previous),
            next=None if following is None else PassageBody.of(following),
        )


class DocumentListing(BaseModel):
    """One line of the list of documents."""

    id: str
    title: str
    publisher: str | None
    published_at: date | None
    url: str | None
    source_path: str
    passages: int
    retired: bool

    @classmethod
    def of(cls, listing: Listing) -> DocumentListing:
        """The wire form of a line."""
        return cls(
            id=listing.id,
            title=listing.title,
            publisher=listing.publisher,
            published_at=listing.published_at,
            url=listing.url,
            source_path=listing.source_path,
            passages=listing.passages,
            retired=listing.retired,
        )


class DocumentListBody(BaseModel):
    """One page of documents; ``next_offset`` is null on the last."""

    documents: list[DocumentListing]
    total: int
    next_offset: int | None


class UploadBody(BaseModel):
    """A file that was taken in; a re-index brings it into the answers."""

    source_path: str
    size_bytes: int
    replaced: bool


class RestoreBody(BaseModel):
    """A document that may answer again; ``indexed`` says whether it does before the next re-index."""

    id: str
    retired: bool
    indexed: bool


class JobBody(BaseModel):
    """A job as of now."""

    id: str
    kind: str
    state: Literal["queued", "running", "succeeded", "failed"]
    done: int
    total: int | None
    report: dict[str, object] | None
    error: str | None

    @classmethod
    def of(cls, job: JobView) -> JobBody:
        """The wire form of a job."""
        return cls.model_validate(
            {
                "id": job.id,
                "kind": job.kind,
                "state": job.state,
                "done": job.done,
                "total": job.total,
                "report": job.report,
                "error": job.error,
            }
        )


class HealthBody(BaseModel):
    """Alive, or ready with the snapshot that answers."""

    status: Literal["alive", "ready"]
    snapshot: str | None = None
