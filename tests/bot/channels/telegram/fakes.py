"""Stand-ins for the service and the administration, and answers about documents of our own."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.admin import PreviewOutdatedError
from bot.answers import Answer, AnswerSpan, Citation, Outcome, Suggestion, SuggestionKind
from bot.catalogue import DocumentCard, DocumentPage, Listing
from bot.errors import InvalidQuestionError, JobConflictError, NotReadyError, UnknownAnswerError
from bot.gaps import GapCluster
from bot.health import Answered, Health
from bot.indexing_jobs import UnknownJobError
from bot.staging import StagedFile, StagedUpload, UploadGoneError
from bot.state.answer_messages import ShownAnswer
from bot.state.answers import SavedAnswer
from bot.uploads import Upload, checked_name
from corpus.documents import Document, Passage
from corpus.errors import DocumentNotFoundError
from retrieval.errors import SnapshotUnknownError

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
        self.saved: dict[str, SavedAnswer] = {}
        self.ratings: list[tuple[str, str, str]] = []
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
    ) -> Answer:
        self.asked.append((question, owner, conversation_id))
        self.linked.append((follows, replaces))
        found = self._answer(question)
        self.saved[found.answer_id] = SavedAnswer(found, question, owner, datetime(2025, 1, 1, tzinfo=UTC), question)
        return found

    def preview(self, question: str, *, owner: str | None = None) -> Answer:
        self.previewed.append(question)
        return self._answer(question)

    def answer(self, answer_id: str, *, owner: str) -> SavedAnswer:
        found = self.saved.get(answer_id)
        if found is None or found.owner != owner:
            raise UnknownAnswerError(f"没有回答 {answer_id!r}")
        return found

    def _answer(self, question: str) -> Answer:
        assert self.gate.wait(30)
        found = self.answers.get(question, answered())
        if isinstance(found, Exception):
            raise found
        return found

    def passage(self, passage_id: str) -> View:
        if passage_id == NEXT.id:
            return View(NEXT, DOCUMENT, previous=PASSAGE)
        if passage_id != PASSAGE.id:
            raise DocumentNotFoundError(f"没有段落 {passage_id!r}")
        return View(PASSAGE, DOCUMENT, next=NEXT)

    def feedback(
        self, answer_id: str, *, owner: str, rating: str, reason: str | None = None, comment: str | None = None
    ) -> None:
        if answer_id != "a" * 32:
            raise UnknownAnswerError(f"没有回答 {answer_id!r}")
        self.ratings.append((answer_id, owner, rating))


@dataclass
class FakeRelated:
    """Has the same questions for every answer; ``knows`` them without looking, or not."""

    questions: tuple[str, ...] = ()
    knows: bool = True
    looked: int = 0

    def known(self, answer: Answer) -> tuple[str, ...] | None:
        return self.questions if self.knows else None

    def find(self, answer: Answer, *, behind: bool = False) -> tuple[str, ...]:
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


@dataclass
class FakeJob:
    id: str = "job1"
    state: str = "running"
    done: int = 0
    total: int = 0
    report: Mapping[str, Any] | None = None
    error: str | None = None
    phase: str | None = None
    rate: float | None = None
    eta_seconds: float | None = None
    paused: bool = False
    kind: str = "reindex"


REPORT = {
    "snapshot": "s2",
    "documents": {"added": 3, "changed": 1, "removed": 0, "unchanged": 16},
    "files": [
        {"path": "甲.txt", "documents": 3},
        {"path": "坏<1>.txt", "documents": 0, "failure": "编码不明 & 读不出"},
    ],
    "passages": 40,
    "embedded": 12,
    "seconds": 3.25,
}


DRY_REPORT = {
    "snapshot": None,
    "documents": {"added": 2, "changed": 0, "removed": 12, "unchanged": 5},
    "files": [{"path": "坏.txt", "documents": 0, "failure": "编码不明"}],
    "changes": {
        "added": [{"id": "n1", "title": "停水<通知>"}, {"id": "n2", "title": ""}],
        "changed": [],
        "removed": [{"id": f"r{number}", "title": f"第{number}号简报"} for number in range(12)],
    },
    "mass_removal": False,
}


@dataclass
class FakeAdministration:
    """Jobs that go on a step each time they are looked at: ``dry1`` a dry run, any other a re-index."""

    steps: list[FakeJob] = field(default_factory=lambda: [FakeJob(done=5, total=10), succeeded()])
    dry_steps: list[FakeJob] = field(default_factory=lambda: [FakeJob("dry1", kind="dry_run"), previewed()])
    started: list[dict[str, Any]] = field(default_factory=list)
    conflict: bool = False
    outdated: bool = False
    orders: list[tuple[str, str]] = field(default_factory=list)
    running: str | None = "job1"
    blocked: list[str] = field(default_factory=list)
    shelf: list[Listing] = field(default_factory=lambda: [listing(number) for number in range(1, 21)])
    staged: dict[str, StagedUpload] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    clusters: list[GapCluster] = field(default_factory=lambda: [cluster("青石镇有几所<小学>？", "镇上几所小学")])

    def start_reindex(
        self, full: bool = False, dry_run: bool = False, allow_mass_removal: bool = False, *, started_by: str
    ) -> str:
        if self.conflict:
            raise JobConflictError("任务 job0 正在重建索引", job_id="job0")
        options = {"full": full, "dry_run": dry_run, "allow_mass_removal": allow_mass_removal}
        self.started.append({**options, "started_by": started_by})
        return "dry1" if dry_run else "job1"

    def start_previewed(
        self, preview_id: str, full: bool = False, allow_mass_removal: bool = False, *, started_by: str
    ) -> str:
        if self.outdated or preview_id != "dry1":
            raise PreviewOutdatedError("已经过时")
        return self.start_reindex(full, False, allow_mass_removal, started_by=started_by)

    def cancel_preview(self, preview_id: str, *, by: str) -> None:
        self.outdated = True

    def job(self, job_id: str) -> FakeJob:
        if job_id == "gone":
            raise UnknownJobError("没有任务 gone")
        steps = self.dry_steps if job_id == "dry1" else self.steps
        return steps.pop(0) if len(steps) > 1 else steps[0]

    def pause_embedding(self, *, by: str) -> None:
        self.orders.append(("pause", by))

    def resume_embedding(self, *, by: str) -> None:
        self.orders.append(("resume", by))

    def stop_job(self, job_id: str, *, by: str) -> FakeJob:
        self.orders.append((f"stop {job_id}", by))
        self.steps = [FakeJob(state="failed", error="应要求停止")]
        return self.steps[0]

    def stop_running(self, *, by: str) -> str | None:
        self.orders.append(("stop", by))
        return self.running

    def accept_snapshot(self, snapshot_id: str, *, by: str) -> None:
        self._decide("accept", snapshot_id, by)

    def reject_snapshot(self, snapshot_id: str, *, by: str) -> None:
        self._decide("reject", snapshot_id, by)

    def _decide(self, order: str, snapshot_id: str, by: str) -> None:
        if snapshot_id not in self.blocked:
            raise SnapshotUnknownError(f"no snapshot {snapshot_id!r} waits")
        self.blocked.remove(snapshot_id)
        self.orders.append((f"{order} {snapshot_id}", by))

    def stage_upload(self, upload_id: str | None, name: str, data: bytes, *, by: str) -> StagedUpload:
        file = StagedFile(checked_name(name), len(data), documents=1, titles=("停水<通知>",))
        before = self.staged.get(upload_id or "")
        files = (*(before.files if before is not None else ()), file)
        made = StagedUpload(upload_id or f"u{len(self.contents)}", by, datetime.now(UTC), files)
        self.staged[made.id] = made
        self.contents[file.name] = data
        return made

    def staged_upload(self, upload_id: str) -> StagedUpload:
        if upload_id not in self.staged:
            raise UploadGoneError("已经处理过")
        return self.staged[upload_id]

    def confirm_upload(self, upload_id: str, *, by: str) -> tuple[Upload, ...]:
        files = self.discard_upload(upload_id, by=by).files
        self.uploads |= {file.name: self.contents[file.name] for file in files}
        return tuple(Upload(f"@uploads/{file.name}", file.size_bytes, False) for file in files)

    def discard_upload(self, upload_id: str, *, by: str) -> StagedUpload:
        found = self.staged_upload(upload_id)
        del self.staged[upload_id]
        return found

    def documents(self, *, offset: int, limit: int, retired: bool, words: str = "") -> DocumentPage:
        found = [each for each in self.shelf if each.retired == retired and words in each.title]
        return DocumentPage(tuple(found[offset : offset + limit]), len(found))

    def document_card(self, version: int) -> DocumentCard:
        found = next((each for each in self.shelf if each.version == version), None)
        if found is None:
            raise DocumentNotFoundError(f"没有 {version}")
        return DocumentCard(found, True, 1234, "正文<开头>。")

    def retire(self, document_id: str, *, by: str) -> None:
        self._mark(document_id, retired=True)
        self.orders.append((f"retire {document_id}", by))

    def restore(self, document_id: str, *, by: str) -> bool:
        self._mark(document_id, retired=False)
        self.orders.append((f"restore {document_id}", by))
        return document_id != "d2"

    def _mark(self, document_id: str, *, retired: bool) -> None:
        self.shelf = [replace(each, retired=retired) if each.id == document_id else each for each in self.shelf]

    def status(self) -> Mapping[str, Any]:
        figures = {"snapshot": "s1", "documents": 17, "passages": 160, "created_at": None, "last_job": succeeded()}
        return {**figures, "blocked": self.blocked}

    def health(self) -> Health:
        now = datetime.now(UTC)
        day = Answered(questions=9, not_found=2, failed=1, p50_ms=120.0, p95_ms=1800.0)
        started = now - timedelta(hours=3)
        return Health(Answered(0, 0, 0, None, None), day, 1, ("job_failed", now), 3 * 1024**3, 10**11, "1.2.3", started)

    def gaps(self) -> Sequence[GapCluster]:
        return self.clusters


def listing(number: int, **changes: Any) -> Listing:
    made = Listing(
        id=f"d{number}",
        title=f"第{number}号<简报>",
        publisher="青石镇政府",
        published_at=date(2023, 6, number),
        url=None,
        source_path=f"{number}.txt",
        passages=2,
        retired=False,
        version=100 + number,
    )
    return replace(made, **changes)


def cluster(question: str, *others: str, times: int = 3) -> GapCluster:
    return GapCluster(question, others, times, 2, datetime(2026, 7, 1, 8, 30, tzinfo=UTC))


def previewed(**changes: Any) -> FakeJob:
    return FakeJob("dry1", "succeeded", report={**DRY_REPORT, **changes}, kind="dry_run")


def succeeded() -> FakeJob:
    return FakeJob(state="succeeded", done=10, total=10, report=REPORT)


ERRORS = {
    "太长": InvalidQuestionError("too long"),
    "没有索引": NotReadyError("no index"),
    "崩溃": RuntimeError("disk on fire at /secret/path"),
}
