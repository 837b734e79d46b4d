"""Documents, passages, uploads and jobs as they cross the wire; every key is always there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import BaseModel

from bot.catalogue import Listing
from bot.channels.wire import IndexBody
from bot.state.jobs import JobView
from bot.uploads import Upload
from corpus.documents import Document, Passage


class DocumentHead(BaseModel):
    """A document without its text."""

    id: str
    title: str
    publisher: str | None
    published_at: date | None
    url: str | None
    source_path: str

    @classmethod
    def of(cls, document: Document) -> Self:
        """The wire form of a document."""
        return cls.model_validate(document, from_attributes=True)


class DocumentBody(DocumentHead):
    """A document; offsets of citations count code points of ``text``."""

    visibility: str
    text: str


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
        return cls.model_validate(passage, from_attributes=True)


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
    visibility: str

    @classmethod
    def of(cls, listing: Listing) -> Self:
        """The wire form of a line."""
        return cls.model_validate(listing, from_attributes=True)


class DocumentListBody(BaseModel):
    """One page of documents; ``next_cursor`` is null on the last, ``next_offset`` also where a cursor was given."""

    documents: list[DocumentListing]
    total: int
    next_offset: int | None
    next_cursor: str | None


class UploadBody(BaseModel):
    """A file that was taken in; a re-index brings it into the answers."""

    source_path: str
    size_bytes: int
    replaced: bool

    @classmethod
    def of(cls, upload: Upload) -> Self:
        """The wire form of a file that was taken in."""
        return cls.model_validate(upload, from_attributes=True)


class RestoreBody(BaseModel):
    """A document that may answer again; ``indexed`` says whether it does before the next re-index."""

    id: str
    retired: bool
    indexed: bool


class JobBody(BaseModel):
    """A job as of now: steps of a phase, steps a second, seconds left in the phase."""

    id: str
    kind: str
    state: Literal["queued", "running", "succeeded", "failed"]
    phase: str | None
    done: int
    total: int | None
    rate: float | None
    eta_seconds: float | None
    paused: bool
    stop_asked_by: str | None
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
                "phase": job.phase,
                "done": job.done,
                "total": job.total,
                "rate": None if job.rate is None else round(job.rate, 2),
                "eta_seconds": None if job.eta_seconds is None else round(job.eta_seconds, 1),
                "paused": job.paused,
                "stop_asked_by": job.stop_asked_by,
                "report": job.report,
                "error": job.error,
            }
        )


class HealthBody(BaseModel):
    """Alive, or ready with the snapshot that answers."""

    status: Literal["alive", "ready"]
    snapshot: str | None = None
    index: IndexBody | None = None


class StatusBody(BaseModel):
    """Figures about index and jobs; ``embedded_share`` is 0 to 1, null before the first index."""

    snapshot: str | None
    created_at: datetime | None
    documents: int
    passages: int
    embedded: int
    embedded_share: float | None
    pending_documents: int
    failed_documents: int
    blocked: list[str]
    paused_by: str | None
    retired: int
    last_job: JobBody | None
    embedding_job: JobBody | None

    @classmethod
    def of(cls, status: Mapping[str, Any]) -> StatusBody:
        """The wire form of the figures."""
        jobs = {name: status[name] and JobBody.of(status[name]) for name in ("last_job", "embedding_job")}
        share = status["embedded_share"]
        return cls.model_validate({**status, **jobs, "embedded_share": share if share is None else round(share, 4)})
