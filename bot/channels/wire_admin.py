"""What administrators see and order as it crosses the wire: snapshots, gaps, ratings, health, audit, keys, uploads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.channels.wire import WHOLE, RequestBody, Text
from bot.channels.wire_queries import PageQuery
from bot.channels.wire_records import UploadBody
from bot.feedback import Overview
from bot.gap_board import Gap
from bot.health import Health
from bot.snapshot_keeping import MAX_KEPT
from bot.staging import StagedUpload
from bot.state.audit_pages import AuditFilter, AuditLine
from bot.state.keys import KeyInfo
from bot.uploads import Upload
from retrieval.snapshots import SnapshotInfo

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _no_number(value: object) -> object:
    """What is read as a time has to begin with a date: 400 and 6e-5 would be seconds of 1970."""
    if isinstance(value, str) and not _DATE.match(value):
        raise ValueError("应为时间，如 2024-06-12T08:00:00+08:00")
    return value


Moment = Annotated[datetime, BeforeValidator(_no_number)]
GapState = Literal["open", "done", "ignored"]


class SnapshotBody(BaseModel):
    """A snapshot; ``own_bytes``: what no other one shares; ``problem``, ``blocked``: why it does not serve."""

    id: str
    created_at: str
    documents: int
    passages: int
    embedded: int
    bytes: int
    own_bytes: int
    serving: bool
    problem: str | None
    blocked: str | None

    @classmethod
    def of(cls, info: SnapshotInfo) -> Self:
        """The wire form of a snapshot."""
        return cls(**asdict(info))


class RolledBackBody(BaseModel):
    """That somebody went back to an older snapshot."""

    source: str
    target: str
    since: str


class SnapshotListBody(BaseModel):
    """The snapshots, newest first; ``rolled_back`` is null where nobody went back."""

    snapshots: list[SnapshotBody]
    rolled_back: RolledBackBody | None


class VerifiedBody(BaseModel):
    """Whether every file of a snapshot is as it was written; ``problem`` in words where it is not."""

    id: str
    ok: bool
    problem: str | None


class ServingBody(BaseModel):
    """The snapshot that serves from now on; null where none does."""

    serving: str | None


class PruneRequest(RequestBody):
    """How many of the newest snapshots to keep."""

    keep: Annotated[int, Field(ge=1, le=MAX_KEPT), WHOLE] | None = None


class PrunedBody(BaseModel):
    """The snapshots that went."""

    removed: list[str]


class GapBody(BaseModel):
    """Questions without an answer that ask for the same; ``people`` counts keys, accounts and chats."""

    id: str
    question: str
    others: list[str]
    times: int
    people: int
    asked_at: datetime
    state: GapState
    reopened: bool
    assignee: str | None
    note: str | None

    @classmethod
    def of(cls, gap: Gap) -> Self:
        """The wire form of a gap."""
        cluster = gap.cluster
        said = {"state": gap.state, "reopened": gap.reopened, "assignee": gap.assignee, "note": gap.note}
        told = {"others": list(cluster.others), "times": cluster.times, "people": cluster.people}
        return cls.model_validate(
            {"id": gap.id, "question": cluster.question, "asked_at": cluster.asked_at, **told, **said}
        )


class GapListBody(BaseModel):
    """Gaps, those asked most first; ``counts`` says how many there are in each state."""

    gaps: list[GapBody]
    total: int
    counts: dict[str, int]
    next_offset: int | None


class GapQuery(BaseModel):
    """Which gaps."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: Annotated[GapState | None, Field(description="不写：全部")] = None
    assignee: Annotated[Text, Field(min_length=1, max_length=100)] | None = None
    offset: Annotated[int, Field(ge=0, le=100_000)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class GapPatch(RequestBody):
    """What was decided about a gap."""

    state: GapState
    assignee: Annotated[Text, Field(max_length=100)] | None = None
    note: Annotated[Text, Field(max_length=1000)] | None = None


class RatingBody(BaseModel):
    """An answer with what its reader thought of it."""

    answer_id: str
    question: str
    short_answer: str | None
    outcome: str
    documents: list[str]
    rating: str
    reason: str | None
    comment: str | None
    owner: str
    rated_at: datetime
    asked_at: datetime


class FeedbackBody(BaseModel):
    """The ratings of the last ``days``, and the latest answers that were rated."""

    days: int
    up: int
    down: int
    reasons: dict[str, int]
    answers: list[RatingBody]

    @classmethod
    def of(cls, overview: Overview) -> Self:
        """The wire form of the overview."""
        rated = [
            RatingBody.model_validate(
                {**asdict(each), "outcome": each.outcome.value, "documents": list(each.documents)}
            )
            for each in overview.answers
        ]
        return cls(days=overview.days, up=overview.up, down=overview.down, reasons=overview.reasons, answers=rated)


class FeedbackQuery(BaseModel):
    """Which ratings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: Annotated[int, Field(ge=1, le=3660)] = 30
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    rating: Literal["up", "down"] | None = None


class AnsweredBody(BaseModel):
    """Questions of some time; percentiles in milliseconds, null where there were none."""

    questions: int
    not_found: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None


class HealthReportBody(BaseModel):
    """How the program fares; ``errors``: in the log in the last day; disk in bytes."""

    hour: AnsweredBody
    day: AnsweredBody
    errors: int
    last_error: str | None
    last_error_at: datetime | None
    disk_free: int
    disk_total: int
    version: str
    started_at: datetime

    @classmethod
    def of(cls, health: Health) -> Self:
        """The wire form of the figures."""
        name, at = health.last_error or (None, None)
        return cls.model_validate({**asdict(health), "last_error": name, "last_error_at": at})


class AuditQuery(PageQuery):
    """Which deeds; ``since`` is taken in, ``until`` is not."""

    since: Moment | None = None
    until: Moment | None = None
    actor: Annotated[Text, Field(max_length=200)] = ""
    channel: Annotated[Text, Field(max_length=50)] = ""
    action: Annotated[Text, Field(max_length=100)] = ""
    outcome: Annotated[Text, Field(max_length=100)] = ""
    q: Annotated[Text, Field(max_length=200)] = ""

    def chosen(self) -> AuditFilter:
        """The same without the page. A time without a zone is UTC."""
        return AuditFilter(
            _in_utc(self.since), _in_utc(self.until), self.actor, self.channel, self.action, self.outcome, self.q
        )


class AuditLineBody(BaseModel):
    """A deed; ``id`` rises."""

    id: int
    at: datetime
    actor: str
    channel: str
    action: str
    detail: str
    place: str | None
    outcome: str | None
    sources: list[str]
    answer_id: str | None
    latency_ms: float | None

    @classmethod
    def of(cls, line: AuditLine) -> Self:
        """The wire form of a deed."""
        deed = asdict(line.deed)
        return cls.model_validate({"id": line.id, "at": line.at, **deed, "sources": list(line.deed.sources)})


class AuditListBody(BaseModel):
    """Deeds, the latest first; ``next_cursor`` is null on the last page."""

    entries: list[AuditLineBody]
    next_cursor: str | None


class KeyRequest(RequestBody):
    """A key to be made; ``clearance``: labels that it may see beside public documents, ``["*"]`` for all."""

    name: Annotated[Text, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[Literal["ask", "documents", "admin"]], Field(min_length=1, max_length=3)]
    expires_on: Annotated[date, Field(strict=False)] | None = None
    clearance: Annotated[list[Annotated[Text, Field(max_length=64)]], Field(max_length=100)] | None = None


class KeyBody(BaseModel):
    """A key without its secret."""

    id: str
    name: str
    scopes: list[str]
    clearance: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, info: KeyInfo) -> Self:
        """The wire form of a key."""
        return cls.model_validate(_key(info))


class NewKeyBody(KeyBody):
    """A key that was just made. ``key`` is its secret and is never shown again."""

    key: str

    @classmethod
    def made(cls, info: KeyInfo, plain: str) -> Self:
        """The wire form with the secret."""
        return cls.model_validate({**_key(info), "key": plain})


class KeyListBody(BaseModel):
    """Every key, revoked ones too, oldest first."""

    keys: list[KeyBody]


class StagedFileBody(BaseModel, from_attributes=True):
    """A file that waits; ``documents``: null where it was not looked into; ``replaces``: one of that name is there."""

    name: str
    size_bytes: int
    replaces: bool
    documents: int | None
    titles: list[str]
    failures: list[str]


class StagedUploadBody(BaseModel):
    """Files that wait for a word, a day at most."""

    id: str
    by: str
    created_at: datetime
    files: list[StagedFileBody]

    @classmethod
    def of(cls, upload: StagedUpload) -> Self:
        """The wire form of what waits."""
        return cls.model_validate(upload, from_attributes=True)


class TakenBody(BaseModel):
    """Files that were taken among the sources; a re-index brings them into the answers."""

    files: list[UploadBody]

    @classmethod
    def of(cls, taken: Sequence[Upload]) -> Self:
        """The wire form of what was taken."""
        return cls(files=[UploadBody.of(each) for each in taken])


def _key(info: KeyInfo) -> dict[str, object]:
    said = asdict(info)
    return {**said, "scopes": list(info.scopes), "clearance": list(info.clearance.stated())}


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
