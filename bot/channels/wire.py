"""Questions and answers as they cross the wire: requests refuse unknown keys, answers always have every key.

Only shapes and their making from plain data; no routes, no rules. Documents and jobs are in ``wire_records``.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from bot.answers import Alternative, Answer, Citation, Suggestion
from bot.citing import Source, cited, document_number

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


def _whole(value: object) -> object:
    """JSON knows no integers apart from numbers: 5.0 is one, as JSON Schema has it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Text = Annotated[str, AfterValidator(_encodable)]
# Behind the bounds of an integer, which the schema would not state otherwise.
WHOLE = BeforeValidator(_whole)


class RequestBody(BaseModel):
    """Base of what clients send: unknown keys and wrong types are refused, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AskRequest(RequestBody):
    """A question. Its length and characters are judged by the service, for every channel alike."""

    question: Text
    conversation_id: Annotated[str, Field(pattern=CONVERSATION_ID)] | None = None
    top_k: Annotated[int, Field(ge=1, le=MAX_TOP_K), WHOLE] = 5


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


class CiteBody(BaseModel):
    """How a source is named in official writing, and in a list of references by GB/T 7714."""

    official: str
    gbt7714: str

    @classmethod
    def of(cls, source: Source, *, quote: str = "") -> CiteBody:
        """Both forms, as of today where the local clock is."""
        forms = cited(source, quote=quote, accessed=datetime.now().astimezone().date())
        return cls(official=forms.official, gbt7714=forms.gbt7714)


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
    cite: CiteBody

    @classmethod
    def of(cls, citation: Citation) -> CitationBody:
        """The wire form of a citation."""
        number = document_number(citation.passage) if citation.passage_start == 0 else None
        source = Source(citation.document_title, citation.publisher, citation.published_at, citation.url, number)
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
            cite=CiteBody.of(source, quote=citation.quote),
        )


class AlternativeBody(BaseModel):
    """What another document says instead."""

    short_answer: str
    document_id: str
    document_title: str
    published_at: date | None
    passage_id: str
    quote: str
    start: int
    end: int
    publisher: str | None
    url: str | None
    source_path: str
    passage_start: int

    @classmethod
    def of(cls, alternative: Alternative) -> AlternativeBody:
        """The wire form of an alternative."""
        return cls(**asdict(alternative))


class SuggestionBody(BaseModel):
    """What to try next."""

    kind: Literal["question", "document"]
    text: str
    document_id: str | None

    @classmethod
    def of(cls, suggestion: Suggestion) -> SuggestionBody:
        """The wire form of a suggestion."""
        return cls(kind=suggestion.kind.value, text=suggestion.text, document_id=suggestion.document_id)


class IndexBody(BaseModel):
    """The index that was searched: ``embedded`` is the share of its passages that have a vector, 0 to 1."""

    embedded: float


class AnswerBody(BaseModel):
    """The answer object of the contract; beside it how many documents say so, what others say, and the index's state.

    ``index`` is null for small talk, which searches nothing. ``composed_by`` names the language model that put
    ``answer`` together, null where it is the documents' own words.
    """

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
    sources: int
    alternatives: list[AlternativeBody]
    index: IndexBody | None
    composed_by: str | None

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
            sources=answer.sources,
            alternatives=[AlternativeBody.of(alternative) for alternative in answer.alternatives],
            index=None if answer.embedded is None else IndexBody(embedded=round(answer.embedded, 4)),
            composed_by=answer.composed_by,
        )
