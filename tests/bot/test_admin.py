from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.admin import AdminParts, AdminService, IndexStatus, PreviewOutdatedError, SnapshotOrders
from bot.catalogue import Catalogue
from bot.channels.failures import in_words
from bot.errors import JobConflictError
from bot.health import ErrorTally, HealthCheck, HealthParts
from bot.indexing_jobs import DRY_RUN, IndexingJobs, JobParts, Listener, ReindexOptions, UnknownJobError
from bot.staging import StagedUploads
from bot.state.jobs import JobProgress
from bot.state.store import StateStore
from bot.uploads import UploadNameError
from corpus.database import open_database
from corpus.store import DocumentStore
from tests.bot.fakes import KeptTrail
from tests.databases import database_url

REPORT: dict[str, object] = {"snapshot": "s2", "seconds": 0.1}


@dataclass
class Desk:
    """An administration over a real database; what a re-index does is set by each test."""

    state: StateStore
    admin: AdminService
    uploads: Path
    trail: list[tuple[str, str, str]]
    decided: list[str]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    options: list[ReindexOptions] = field(default_factory=list)
    run: Callable[[Listener], dict[str, object]] = lambda _: REPORT

    def reindex(self, options: ReindexOptions, progress: Listener) -> dict[str, object]:
        self.options.append(options)
        return self.run(progress)

    def ended(self, job_id: str) -> str:
        end = time.monotonic() + 10
        while self.admin.job(job_id).state == "running" and time.monotonic() < end:
            time.sleep(0.02)
        return self.admin.job(job_id).state


@pytest.fixture
def desk(tmp_path: Path, backend: str) -> Iterator[Desk]:
    engine = open_database(database_url(tmp_path))
    documents, state = DocumentStore(engine), StateStore(engine)
    documents.migrate()
    state.migrate()
    made: list[Desk] = []
    trail, decided = KeptTrail(), list[str]()
    jobs = JobParts(
        jobs=state.jobs,
        index_dir=tmp_path / "index",
        reindex=lambda options, progress: made[0].reindex(options, progress),  # noqa: PLW0108 - made later
        fill=lambda _: REPORT,
        words_for=in_words,
    )
    parts = AdminParts(
        jobs=IndexingJobs(jobs),
        catalogue=Catalogue(documents, frozenset),
        uploads_dir=tmp_path / "uploads",
        staged=StagedUploads(tmp_path / "staged", tmp_path / "uploads", max_bytes=1000),
        index_status=lambda _: IndexStatus("s1", datetime(2026, 1, 2, tzinfo=UTC), 3, 7, 2),
        unfinished=lambda: {"pending": 4, "indexed": 9, "failed": 1},
        snapshots=SnapshotOrders(lambda: ("s2",), accept=decided.append, reject=decided.append),
        gaps=list,
        health=HealthCheck(HealthParts(lambda _: (), ErrorTally(), tmp_path, "1")).health,
        max_upload_bytes=1000,
        trail=trail,
        clock=lambda: made[0].now,
    )
    made.append(Desk(state, AdminService(parts), tmp_path / "uploads", trail.kept, decided))
    yield made[0]
    made[0].admin.close()
    engine.dispose()


def test_a_reindex_of_a_server_leaves_embedding_to_the_background(desk: Desk) -> None:
    job_id = desk.admin.start_reindex(True, started_by="local")

    assert desk.ended(job_id) == "succeeded"
    assert desk.options == [ReindexOptions(full=True, fill=False)]


def test_the_running_job_is_stopped_whichever_it_is(desk: Desk) -> None:
    begun = threading.Event()

    def run(listener: Listener) -> dict[str, object]:
        begun.set()
        while True:
            listener(JobProgress(1, 2))
            time.sleep(0.01)

    desk.run = run
    job_id = desk.admin.start_reindex(started_by="local")
    begun.wait(10)

    assert desk.admin.stop_running(by="telegram:7") == job_id
    assert desk.ended(job_id) == "failed"
    assert desk.admin.stop_running(by="telegram:7") is None


def test_embedding_is_paused_and_resumed_without_a_job(desk: Desk) -> None:
    desk.admin.pause_embedding(by="telegram:7")
    paused = desk.admin.status()["paused_by"]
    desk.admin.resume_embedding(by="telegram:7")

    assert (paused, desk.admin.status()["paused_by"]) == ("telegram:7", None)


def test_uploads_go_into_their_folder(desk: Desk) -> None:
    saved = desk.admin.save_upload_chunks("通知.txt", ["正文".encode()], by="local")

    assert saved.source_path == "@uploads/通知.txt"
    assert (desk.uploads / "通知.txt").read_text(encoding="utf-8") == "正文"
    with pytest.raises(UploadNameError):
        desk.admin.save_upload_chunks("../通知.txt", [b"x"], by="local")
    assert desk.trail == [("local", "file_added", "@uploads/通知.txt")]


def test_status_tells_index_and_last_job(desk: Desk) -> None:
    before = desk.admin.status()
    job_id = desk.admin.start_reindex(started_by="local")
    desk.ended(job_id)
    after = desk.admin.status()

    assert (before["snapshot"], before["documents"], before["passages"], before["last_job"]) == ("s1", 3, 7, None)
    assert getattr(after["last_job"], "id", None) == job_id
    assert (after["embedded"], after["embedded_share"]) == (2, 2 / 7)
    assert (after["pending_documents"], after["failed_documents"], after["blocked"]) == (4, 1, ["s2"])
    assert after["embedding_job"] is None


def test_before_the_first_index_no_share_is_told_and_an_empty_one_is_whole() -> None:
    assert IndexStatus(None, None, 0, 0, 0).embedded_share is None
    assert IndexStatus("s1", None, 0, 0, 0).embedded_share == 1.0


def test_a_preview_is_a_job_of_its_own_kind(desk: Desk) -> None:
    preview = desk.admin.start_reindex(dry_run=True, started_by="local")

    assert desk.ended(preview) == "succeeded"
    assert desk.admin.job(preview).kind == DRY_RUN
    assert desk.admin.status()["last_job"] is None
    assert desk.trail == [("local", "reindex_previewed", preview)]


def test_what_was_previewed_is_started_once(desk: Desk) -> None:
    preview = desk.admin.start_reindex(dry_run=True, started_by="local")
    desk.ended(preview)

    started = desk.admin.start_previewed(preview, True, True, started_by="telegram:7")
    desk.ended(started)

    assert desk.options[-1] == ReindexOptions(full=True, allow_mass_removal=True, fill=False)
    assert desk.trail[-1] == ("telegram:7", "reindex_started", started)
    with pytest.raises(PreviewOutdatedError, match="已经更新过"):
        desk.admin.start_previewed(preview, started_by="telegram:7")


def test_a_preview_is_soon_out_of_date(desk: Desk) -> None:
    preview = desk.admin.start_reindex(dry_run=True, started_by="local")
    desk.ended(preview)
    desk.now += timedelta(hours=2)

    with pytest.raises(PreviewOutdatedError, match="过时"):
        desk.admin.start_previewed(preview, started_by="local")
    assert len(desk.options) == 1


def test_only_a_preview_that_succeeded_can_be_started(desk: Desk) -> None:
    def fail(_: Listener) -> dict[str, object]:
        raise OSError("disk full")

    real = desk.admin.start_reindex(started_by="local")
    desk.ended(real)
    desk.run = fail
    failed = desk.admin.start_reindex(dry_run=True, started_by="local")
    desk.ended(failed)

    for job_id in (real, failed):
        with pytest.raises(PreviewOutdatedError):
            desk.admin.start_previewed(job_id, started_by="local")
    with pytest.raises(UnknownJobError):
        desk.admin.start_previewed("nope", started_by="local")
    assert len(desk.options) == 2


def test_a_cancelled_preview_starts_nothing(desk: Desk) -> None:
    preview = desk.admin.start_reindex(dry_run=True, started_by="local")
    desk.ended(preview)
    desk.admin.cancel_preview(preview, by="telegram:7")

    with pytest.raises(PreviewOutdatedError, match="取消"):
        desk.admin.start_previewed(preview, started_by="telegram:8")
    assert desk.trail[-1] == ("telegram:7", "reindex_cancelled", preview)


def test_a_preview_and_a_reindex_exclude_each_other(desk: Desk) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def run(_: Listener) -> dict[str, object]:
        begun.set()
        assert go_on.wait(10)
        return REPORT

    desk.run = run
    for first, second in ((True, False), (False, True)):
        begun.clear()
        go_on.clear()
        running = desk.admin.start_reindex(dry_run=first, started_by="local")
        begun.wait(10)
        with pytest.raises(JobConflictError) as conflict:
            desk.admin.start_reindex(dry_run=second, started_by="local")
        go_on.set()
        desk.ended(running)
        assert conflict.value.job_id == running


def test_a_snapshot_that_waits_is_decided_about_by_name(desk: Desk) -> None:
    desk.admin.accept_snapshot("s2", by="telegram:7")
    desk.admin.reject_snapshot("s3", by="telegram:7")

    assert desk.decided == ["s2", "s3"]
    assert [action for _, action, _ in desk.trail] == ["snapshot_accepted", "snapshot_rejected"]


def test_files_that_wait_are_added_or_thrown_away_by_name(desk: Desk) -> None:
    kept = desk.admin.stage_upload(None, "通知.txt", "停水通知\n\n周三停水。".encode(), by="telegram:7")
    other = desk.admin.stage_upload(None, "要闻.txt", "要闻\n\n周三开会。".encode(), by="telegram:7")

    assert [file.documents for file in desk.admin.staged_upload(kept.id).files] == [1]
    desk.admin.confirm_upload(kept.id, by="telegram:7")
    desk.admin.discard_upload(other.id, by="telegram:8")

    assert [path.name for path in desk.uploads.iterdir()] == ["通知.txt"]
    assert desk.trail == [
        ("telegram:7", "file_added", "@uploads/通知.txt"),
        ("telegram:8", "upload_discarded", "要闻.txt"),
    ]


def test_gaps_and_health_are_told_before_anyone_asked(desk: Desk) -> None:
    assert list(desk.admin.gaps()) == []
    assert desk.admin.health().day.questions == 0
