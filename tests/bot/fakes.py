"""Hand-written stand-ins for the service, the keys and the administration: what they say can be worked out by hand."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from bot.answers import Answer, AnswerSpan, Citation, Outcome, Suggestion, SuggestionKind
from bot.catalogue import DocumentRun, Listing
from bot.conversations import (
    ConversationPage,
    ShownConversation,
    ShownTurn,
    UnknownConversationError,
)
from bot.document_editing import DocumentEditing
from bot.document_query import MARK_SIZES, DocumentQuery, Mark
from bot.earlier import Exchange
from bot.errors import InvalidQuestionError, JobConflictError, NotReadyError, UnknownAnswerError
from bot.indexing_jobs import JobEndedError, UnknownJobError
from bot.passage_view import PassageView
from bot.state.answers import SavedAnswer
from bot.state.conversation_list import Begun, Place
from bot.state.jobs import JobView
from bot.uploads import Upload, checked_name
from corpus.document_edits import NO_EDIT, DocumentEdit
from corpus.documents import Document, Passage
from corpus.errors import DocumentNotFoundError
from corpus.visibility import PUBLIC_ONLY, Clearance
from retrieval.stages import stage

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TEXT = "北京大学创办于1898年。现有学生四万余人。"
DOCUMENT = Document("d1", "北京大学简介", TEXT, "校办", date(2023, 5, 4), None, "简介.txt")
PASSAGES = (
    Passage("p1", "d1", TEXT[:13], 0, 13, None),
    Passage("p2", "d1", TEXT[13:], 13, len(TEXT), "规模"),
)


def answer(question: str, conversation_id: str | None = None) -> Answer:
    """An answered question about the one document."""
    start = TEXT.index("1898年")
    span = AnswerSpan("1898年", start, start + 5)
    citation = Citation(
        1,
        "d1",
        DOCUMENT.title,
        "校办",
        date(2023, 5, 4),
        None,
        "简介.txt",
        "p1",
        None,
        TEXT[:13],
        0,
        TEXT[:13],
        0,
        13,
        (span,),
    )
    return Answer(
        answer_id="a1",
        conversation_id=conversation_id or "c1",
        outcome=Outcome.ANSWERED,
        text="1898年 [1]\n北京大学创办于1898年。[1]",
        short_answer="1898年",
        confidence=0.875,
        citations=(citation,),
        suggestions=(Suggestion(SuggestionKind.QUESTION, f"{question}？", None),),
        snapshot="s1",
        latency_ms=12.345,
        ranking=(("d1", "p1"),),
        embedded=0.5,
    )


class KeptTrail:
    """Keeps what was done, to be looked at."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str, str]] = []

    def record(self, by: str, action: str, detail: str = "") -> None:
        self.kept.append((by, action, detail))


@dataclass
class FakeQuestions:
    """Answers everything from one document; ``error`` is raised instead, ``gate`` holds every question back."""

    error: Exception | None = None
    gate: threading.Event | None = None
    asked: list[tuple[str, str, str | None, int]] = field(default_factory=list)
    rated: list[tuple[str, str, str, str | None, str | None]] = field(default_factory=list)
    earlier: list[Sequence[Exchange] | None] = field(default_factory=list)
    stages: tuple[str, ...] = ()
    closed: bool = False

    def ask(
        self,
        question: str,
        *,
        owner: str,
        conversation_id: str | None = None,
        top_k: int = 5,
        clearance: Clearance = PUBLIC_ONLY,
        earlier: Sequence[Exchange] | None = None,
    ) -> Answer:
        self.asked.append((question, owner, conversation_id, top_k))
        self.earlier.append(earlier)
        if self.gate is not None:
            self.gate.wait(10)
        if question.strip():
            for name in self.stages:
                with stage(name):
                    pass
        if self.error is not None:
            raise self.error
        if not question.strip() or len(question) > 2000 or "\x00" in question:
            raise InvalidQuestionError(f"问题长 {len(question)} 字，应为 1 到 2000 字的文字。")
        return answer(question, conversation_id)

    def answer(self, answer_id: str, *, owner: str, clearance: Clearance = PUBLIC_ONLY) -> SavedAnswer:
        if answer_id != "a1" or self.closed:
            raise UnknownAnswerError(f"没有回答 {answer_id!r}。")
        return SavedAnswer(answer("哪年？", None), "哪年？", owner, NOW, "哪年？")

    def passage(self, passage_id: str, *, clearance: Clearance = PUBLIC_ONLY) -> PassageView:
        if passage_id != "p1":
            raise DocumentNotFoundError(f"没有段落 {passage_id!r}。")
        return PassageView(PASSAGES[0], DOCUMENT, None, PASSAGES[1])

    def feedback(
        self, answer_id: str, *, owner: str, rating: str, reason: str | None = None, comment: str | None = None
    ) -> None:
        if answer_id != "a1":
            raise UnknownAnswerError(f"没有回答 {answer_id!r}。")
        self.rated.append((answer_id, owner, rating, reason, comment))


@dataclass
class FakeConversations:
    """One conversation of the local asker, with one answer."""

    ids: list[str] = field(default_factory=lambda: ["c1"])

    def listed(self, owner: str, *, limit: int = 30, after: Place | None = None) -> ConversationPage:
        own = self.ids[0 if after is None else after.row :] if owner == "local" else []
        page = tuple(Begun(each, "北京大学哪年创办？", 1, NOW, NOW) for each in own[:limit])
        return ConversationPage(page, Place(NOW, limit) if len(own) > limit else None)

    def opened(self, conversation_id: str, *, owner: str, clearance: Clearance = PUBLIC_ONLY) -> ShownConversation:
        if owner != "local" or conversation_id not in self.ids:
            raise UnknownConversationError("没有这个对话。")
        question = "北京大学哪年创办？"
        saved = SavedAnswer(answer(question, conversation_id), question, owner, NOW, question)
        return ShownConversation(conversation_id, (ShownTurn(question, NOW, saved), ShownTurn("规模？", NOW, None)))

    def forget(self, conversation_id: str, *, owner: str) -> None:
        self.opened(conversation_id, owner=owner)
        self.ids.remove(conversation_id)


@dataclass
class FakeEdits:
    """What is said of documents, and who said it."""

    kept: dict[str, DocumentEdit] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    recorded: list[tuple[str, str, str]] = field(default_factory=list)

    def resolve_alias(self, document_id: str) -> str:
        return document_id

    def edit_of(self, document_id: str) -> DocumentEdit:
        return self.kept.get(document_id, NO_EDIT)

    def put_edit(self, document_id: str, said: Mapping[str, str | None], *, by: str, changes: int) -> bool:
        if self.edit_of(document_id).changes != changes:
            return False
        self.kept[document_id] = DocumentEdit(dict(said), by, NOW, changes + 1)
        return True

    def hold_label(self, document_id: str, label: str) -> None:
        self.held[document_id] = label

    def record(self, by: str, action: str, detail: str = "") -> None:
        self.recorded.append((by, action, detail))


@dataclass
class FakeAdmin:
    """Keeps uploads and retirements in memory; a second re-index conflicts with the first."""

    retired: set[str] = field(default_factory=set)
    uploads: dict[str, bytes] = field(default_factory=dict)
    started: list[tuple[bool, bool, bool, str]] = field(default_factory=list)
    edits: FakeEdits = field(default_factory=FakeEdits)
    orders: list[tuple[str, str]] = field(default_factory=list)
    browsed: list[tuple[DocumentQuery, Clearance]] = field(default_factory=list)
    ended: bool = False
    loading: bool = False

    def start_reindex(
        self, full: bool = False, dry_run: bool = False, allow_mass_removal: bool = False, *, started_by: str
    ) -> str:
        if self.started:
            raise JobConflictError("任务 j1 正在重建索引", job_id="j1")
        self.started.append((full, dry_run, allow_mass_removal, started_by))
        return "j1"

    def job(self, job_id: str) -> JobView:
        if job_id != "j1" or not self.started:
            raise UnknownJobError(f"没有任务 {job_id!r}。")
        return JobView("j1", "reindex", "running", 3, 10, None, None, "local", NOW, NOW, "embedding", 2.5, 2.8)

    def pause_job(self, job_id: str, *, by: str) -> JobView:
        return self._ordered("pause", job_id, by)

    def resume_job(self, job_id: str, *, by: str) -> JobView:
        return self._ordered("resume", job_id, by)

    def stop_job(self, job_id: str, *, by: str) -> JobView:
        return self._ordered("stop", job_id, by)

    def _ordered(self, order: str, job_id: str, by: str) -> JobView:
        job = self.job(job_id)
        if self.ended:
            raise JobEndedError(f"任务 {job_id} 已经结束。")
        self.orders.append((order, by))
        return replace(job, paused=order == "pause", stop_asked_by=by if order == "stop" else None)

    def status(self) -> dict[str, object]:
        if self.loading:
            raise NotReadyError("正在加载模型与索引。")
        return {
            "snapshot": "s1",
            "created_at": NOW,
            "documents": 5,
            "passages": 40,
            "embedded": 10,
            "embedded_share": 0.25,
            "pending_documents": 2,
            "failed_documents": 1,
            "blocked": ["s2"],
            "paused_by": "local",
            "retired": len(self.retired),
            "last_job": self.job("j1") if self.started else None,
            "embedding_job": None,
        }

    def browse(
        self,
        query: DocumentQuery,
        *,
        limit: int,
        after: Mark | None = None,
        offset: int = 0,
        clearance: Clearance = PUBLIC_ONLY,
    ) -> DocumentRun:
        self.browsed.append((query, clearance))
        listings = [
            Listing(f"d{n}", f"文档{n}", None, None, None, f"{n}.txt", 2, query.retired, n)
            for n in range(1, 6)
            if (f"d{n}" in self.retired) == query.retired
        ]
        rest = [each for each in listings if after is None or each.version > after[-1]][offset:]
        filling = (0,) * (MARK_SIZES[query.sorted_by] - 1)
        end = (*filling, rest[limit - 1].version) if len(rest) > limit else None
        return DocumentRun(tuple(rest[:limit]), len(listings), end)

    def document(self, document_id: str, *, clearance: Clearance = PUBLIC_ONLY) -> Document:
        if document_id != "d1" or "d1" in self.retired:
            raise DocumentNotFoundError(f"没有文档 {document_id!r}。")
        return DOCUMENT

    @property
    def editing(self) -> DocumentEditing:
        return DocumentEditing(self.edits, lambda document_id, _: self.document(document_id), self.edits)

    def retire(self, document_id: str, *, by: str, clearance: Clearance = PUBLIC_ONLY) -> None:
        if document_id != "d1":
            raise DocumentNotFoundError(f"没有文档 {document_id!r}。")
        self.retired.add(document_id)

    def restore(self, document_id: str, *, by: str, clearance: Clearance = PUBLIC_ONLY) -> bool:
        if document_id != "d1":
            raise DocumentNotFoundError(f"没有文档 {document_id!r}。")
        self.retired.discard(document_id)
        return True

    def save_upload_chunks(self, name: str, chunks: Iterable[bytes], *, by: str) -> Upload:
        data = b"".join(chunks)
        clean = checked_name(name)
        replaced = clean in self.uploads
        self.uploads[clean] = data
        return Upload(f"@uploads/{clean}", len(data), replaced)


@dataclass(frozen=True, slots=True)
class FakeKey:
    """A key and what it allows."""

    id: str
    scopes: tuple[str, ...]
    name: str = "门户网站"
    clearance: Clearance = PUBLIC_ONLY


@dataclass
class FakeKeys:
    """Keys by their secret."""

    keys: dict[str, FakeKey] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        return hash(tuple(self.keys.items()))

    def any_keys(self) -> bool:
        return bool(self.keys)

    def verify(self, plain: str) -> FakeKey | None:
        return self.keys.get(plain)
