"""Stand-ins for the service and the administration, and answers about documents of our own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from bot.answers import Answer, AnswerSpan, Citation, Outcome, Suggestion, SuggestionKind
from bot.errors import InvalidQuestionError, NotReadyError, UnknownAnswerError
from bot.state.answer_messages import ShownAnswer
from bot.state.answers import SavedAnswer
from corpus.documents import Document, Passage
from corpus.errors import DocumentNotFoundError
from corpus.visibility import PUBLIC_ONLY, Clearance

TEXT = "青石镇地处河谷。2023年，全镇苦瓜种植面积达1200亩，产值超3000万元。当地还办起了苦瓜节。"
DOCUMENT = Document(
    "d1", "青石镇苦瓜丰收", TEXT, "青石镇政府", date(2023, 6, 1), "https://example.org/news?a=1&b=2", "青石.txt"
)
PASSAGE = Passage("0123456789abcdef0123", "d1", TEXT, 0, len(TEXT), "特色农业")
# What stands after the passage in its document.
NEXT = Passage("fedcba9876543210fedc", "d1", "明年还要修建冷库。", 100, 109, None)
QUOTE = "2023年，全镇苦瓜种植面积达1200亩，产值超3000万元。"


def span(text: str) -> AnswerSpan:
    start = TEXT.index(text)
    return AnswerSpan(text, start, start + len(text))


def citation(number: int = 1, **changes: Any) -> Citation:
    start = TEXT.index(QUOTE)
    made = Citation(
        number=number,
        document_id="d1",
        document_title=DOCUMENT.title,
        publisher=DOCUMENT.publisher,
        published_at=DOCUMENT.published_at,
        url=DOCUMENT.url,
        source_path=DOCUMENT.source_path,
        passage_id=PASSAGE.id,
        heading=PASSAGE.heading,
        passage=TEXT,
        passage_start=0,
        quote=QUOTE,
        start=start,
        end=start + len(QUOTE),
        answer_spans=(span("超3000万元"),),
    )
    return replace(made, **changes)


def answered(**changes: Any) -> Answer:
    made = Answer(
        answer_id="a" * 32,
        conversation_id="c1",
        outcome=Outcome.ANSWERED,
        text=f"超3000万元 [1]\n{QUOTE}[1]",
        short_answer="超3000万元",
        confidence=0.9,
        citations=(citation(),),
        suggestions=(),
        snapshot="s1",
        latency_ms=12.0,
    )
    return replace(made, **changes)


def not_found(**changes: Any) -> Answer:
    suggestion = Suggestion(SuggestionKind.DOCUMENT, "青石镇苦瓜丰收", "d1")
    base = answered(outcome=Outcome.NOT_FOUND, text="没有找到。", short_answer=None, citations=())
    return replace(base, suggestions=(suggestion,), **changes)


@dataclass(frozen=True, slots=True)
class View:
    passage: Passage
    document: Document
    previous: Passage | None = None
    next: Passage | None = None


class FakeService:
    """Answers by the question's words; ``gate`` holds answers back until it is set.

    ``linked`` has, for each question asked, the answer that it follows and the one that it replaces.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str | None]] = []
        self.linked: list[tuple[str | None, str | None]] = []
        self.previewed: list[str] = []
        self.cleared: list[Clearance] = []
        self.saved: dict[str, SavedAnswer] = {}
        self.answered: dict[tuple[str, str | None], SavedAnswer] = {}
        self.ratings: list[tuple[str, str, str]] = []
        self.reasons: list[str | None] = []
        self.outcome = Outcome.ANSWERED
        self.gate = threading.Event()
        self.gate.set()
        self.answers: dict[str, Answer | Exception] = {}

    def ask(
        self,
        question: str,
        *,
        owner: str,
        conversation_id: str | None = None,
        follows: str | None = None,
        replaces: str | None = None,
        clearance: Clearance = PUBLIC_ONLY,
    ) -> Answer:
        self.asked.append((question, owner, conversation_id))
        self.linked.append((follows, replaces))
        self.cleared.append(clearance)
        found = self._answer(question)
        saved = SavedAnswer(found, question, owner, datetime(2025, 1, 1, tzinfo=UTC), question)
        self.saved[found.answer_id] = saved
        if found.citations:
            self.answered[owner, conversation_id] = saved
        return found

    def preview(self, question: str, *, owner: str | None = None, clearance: Clearance = PUBLIC_ONLY) -> Answer:
        self.previewed.append(question)
        return self._answer(question)

    def answer(self, answer_id: str, *, owner: str, clearance: Clearance = PUBLIC_ONLY) -> SavedAnswer:
        found = self.saved.get(answer_id)
        if found is None and answer_id == answered().answer_id:
            return SavedAnswer(answered(), "产值？", owner, datetime(2025, 6, 1, tzinfo=UTC), "产值？")
        if found is None or found.owner != owner:
            raise UnknownAnswerError(f"没有回答 {answer_id!r}")
        return found

    def last_answer(
        self, conversation_id: str, *, owner: str, clearance: Clearance = PUBLIC_ONLY
    ) -> SavedAnswer | None:
        return self.answered.get((owner, conversation_id))

    def _answer(self, question: str) -> Answer:
        assert self.gate.wait(30)
        found = self.answers.get(question, answered())
        if isinstance(found, Exception):
            raise found
        return found

    def passage(self, passage_id: str, *, clearance: Clearance = PUBLIC_ONLY) -> View:
        if passage_id == NEXT.id:
            return View(NEXT, DOCUMENT, previous=PASSAGE)
        if passage_id != PASSAGE.id:
            raise DocumentNotFoundError(f"没有段落 {passage_id!r}")
        return View(PASSAGE, DOCUMENT, next=NEXT)

    def feedback(
        self, answer_id: str, *, owner: str, rating: str, reason: str | None = None, comment: str | None = None
    ) -> Outcome:
        if answer_id != "a" * 32:
            raise UnknownAnswerError(f"没有回答 {answer_id!r}")
        self.ratings.append((answer_id, owner, rating))
        self.reasons.append(reason)
        return self.outcome


@dataclass
class FakeRelated:
    """Has the same questions for every answer; ``knows`` them without looking, or not."""

    questions: tuple[str, ...] = ()
    knows: bool = True
    looked: int = 0

    def known(self, answer: Answer, clearance: Clearance = PUBLIC_ONLY) -> tuple[str, ...] | None:
        return self.questions if self.knows else None

    def find(self, answer: Answer, clearance: Clearance = PUBLIC_ONLY, *, behind: bool = False) -> tuple[str, ...]:
        self.looked += 1
        return self.questions


@dataclass
class FakeShown:
    """The messages of answers in memory."""

    answers: dict[tuple[str, int], str] = field(default_factory=dict)
    asked: dict[tuple[str, int], ShownAnswer] = field(default_factory=dict)

    def keep(
        self, place: str, message_ids: Sequence[int], answer_id: str, *, question_message_id: int | None = None
    ) -> None:
        self.answers.update({(place, message_id): answer_id for message_id in message_ids})
        if question_message_id is not None:
            self.asked[place, question_message_id] = ShownAnswer(answer_id, tuple(message_ids))

    def answer_of(self, place: str, message_id: int) -> str | None:
        asked = self.asked.get((place, message_id))
        return self.answers.get((place, message_id), asked.answer_id if asked else None)

    def shown_for(self, place: str, question_message_id: int) -> ShownAnswer | None:
        return self.asked.get((place, question_message_id))


ERRORS = {
    "太长": InvalidQuestionError("too long"),
    "没有索引": NotReadyError("no index"),
    "崩溃": RuntimeError("disk on fire at /secret/path"),
}
