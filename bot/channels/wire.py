"""The shapes that cross the wire, one model a direction: requests refuse unknown keys, answers always have every key.

Only shapes and their making from plain data; no routes, no rules.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.answers import Answer, Citation, Suggestion
from bot.catalogue import Listing
from bot.state.jobs import JobView
from corpus.documents import Document, Passage

CONVERSATION_ID = r"^[A-Za-z0-9_-]{1,64}$"
MAX_TOP_K = 20
MAX_REASON_CHARS = 200
MAX_COMMENT_CHARS = 2000


def _encodable(text: str) -> str:
    """JSON can carry halves of surrogate pairs (U+D800 to U+DFFF), which are no characters and cannot be stored."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("含有不成对的代理码（surrogate），不是有效的文字") from None
    return text


Text = Annotated[str, AfterValidator(_encodable)]


class RequestBody(BaseModel):
    """Base of what clients send: unknown keys and wrong types are refused, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AskRequest(RequestBody):
    """A question. Its length and characters are judged by the service, for every channel alike."""

    question: Text
    conversation_id: Annotated[str, Field(pattern=CONVERSATION_ID)] | None = None
    top_k: Annotated[int, Field(ge=1, le=MAX_TOP_K)] = 5


class FeedbackRequest(RequestBody):
    """What a reader thinks of an answer."""

    rating: Literal["up", "down"]
    reason: Annotated[Text, Field(max_length=MAX_REASON_CHARS)] | None = None
    comment: Annotated[Text, Field(max_length=MAX_COMMENT_CHARS)] | None = None


class ReindexRequest(RequestBody):
    """How to re-index; an empty object is the usual run."""

    full: bool = False
    dry_run: bool = False
    allow_mass_removal: bool = False


class AnswerSpanBody(BaseModel):
    """The answer's own words in a document's text (code points)."""

    text: str
    start: int
    end: int


class CitationBody(BaseModel):
    """A passage that an answer rests on."""

    number: int
    document_id: str
    document_title: str
    publisher: str | None
    published_at: date | None
    url: str | None
    source_path: str
    passage_id: str
    heading: str | None
    passage: str
    passage_start: int
    quote: str
    start: int
    end: int
    answer_spans: list[AnswerSpanBody]

    @classmethod
    def of(cls, citation: Citation) -> CitationBody:
        """The wire form of a citation."""
        return cls(
            number=citation.number,
            document_id=citation.document_id,
            document_title=citation.document_title,
            publisher=citation.publisher,
            published_at=citation.published_at,
            url=citation.url,
            source_path=citation.source_path,
            passage_id=citation.passage_id,
            heading=citation.heading,
            passage=citation.passage,
            passage_start=citation.passage_start,
            quote=citation.quote,
            start=citation.start,
            end=citation.end,
            answer_spans=[
                AnswerSpanBody(text=span.text, start=span.start, end=span.end) for span in citation.answer_spans
            ],
        )


class SuggestionBody(BaseModel):
    """What to try next."""

    kind: Literal["question", "document"]
    text: str
    document_id: str | None

    @classmethod
    def of(cls, suggestion: Suggestion) -> SuggestionBody:
        """The wire form of a suggestion."""
        return cls(kind=suggestion.kind.value, text=suggestion.text, document_id=suggestion.document_id)


class AnswerBody(BaseModel):
    """The answer object of the contract."""

    answer_id: str
    conversation_id: str
    outcome: Literal["answered", "not_found", "chat"]
    answer: str
    short_answer: str | None
    confidence: float
    citations: list[CitationBody]
    suggestions: list[SuggestionBody]
    snapshot: str | None
    latency_ms: float

    @classmethod
    def of(cls, answer: Answer) -> AnswerBody:
        """The wire form of an answer; the ranking, which evaluation reads, stays behind."""
        return cls(
            answer_id=answer.answer_id,
            conversation_id=answer.conversation_id,
            outcome=answer.outcome.value,
            answer=answer.text,
            short_answer=answer.short_answer,
            confidence=answer.confidence,
            citations=[CitationBody.of(citation) for citation in answer.citations],
            suggestions=[SuggestionBody.of(suggestion) for suggestion in answer.suggestions],
            snapshot=answer.snapshot,
            latency_ms=round(answer.latency_ms, 1),
        )


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
