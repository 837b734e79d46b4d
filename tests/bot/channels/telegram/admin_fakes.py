"""Stand-ins for administration: jobs that go on by themselves, files that wait, a shelf of documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.admin import PreviewOutdatedError
from bot.catalogue import DocumentCard, DocumentPage, Listing
from bot.errors import JobConflictError
from bot.gaps import GapCluster
from bot.health import Answered, Health
from bot.indexing_jobs import UnknownJobError
from bot.staging import StagedFile, StagedUpload, UploadGoneError
from bot.uploads import Upload, checked_name
from corpus.errors import DocumentNotFoundError
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, Clearance
from retrieval.errors import SnapshotUnknownError


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
    labelled: bool = False
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

    def documents(
        self, *, offset: int, limit: int, retired: bool, words: str = "", clearance: Clearance = PUBLIC_ONLY
    ) -> DocumentPage:
        found = [each for each in self.shelf if each.retired == retired and words in each.title]
        return DocumentPage(tuple(found[offset : offset + limit]), len(found))

    def document_card(self, version: int, *, clearance: Clearance = PUBLIC_ONLY) -> DocumentCard:
        found = next((each for each in self.shelf if each.version == version), None)
        if found is None:
            raise DocumentNotFoundError(f"没有 {version}")
        return DocumentCard(found, True, 1234, "正文<开头>。")

    def retire(self, document_id: str, *, by: str, clearance: Clearance = PUBLIC_ONLY) -> None:
        self._mark(document_id, retired=True)
        self.orders.append((f"retire {document_id}", by))

    def restore(self, document_id: str, *, by: str, clearance: Clearance = PUBLIC_ONLY) -> bool:
        self._mark(document_id, retired=False)
        self.orders.append((f"restore {document_id}", by))
        return document_id != "d2"

    def _mark(self, document_id: str, *, retired: bool) -> None:
        self.shelf = [replace(each, retired=retired) if each.id == document_id else each for each in self.shelf]

    def hides(self, clearance: Clearance) -> bool:
        return self.labelled and not clearance.everything

    def status(self, clearance: Clearance = EVERYTHING) -> Mapping[str, Any]:
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
