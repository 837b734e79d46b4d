from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.admin import AdminParts, AdminService, IndexStatus, Progress, ReindexOptions, UnknownJobError
from bot.catalogue import Catalogue
from bot.channels.failures import in_words
from bot.errors import JobConflictError
from bot.state.store import StateStore
from bot.uploads import UploadNameError
from corpus.database import open_database
from corpus.errors import StoreError
from corpus.store import DocumentStore
from retrieval.errors import IndexLockedError

REPORT: dict[str, object] = {"snapshot": "s2", "seconds": 0.1}


@dataclass
class Desk:
    """An administration over a real database; what a re-index does is set by each test."""

    state: StateStore
    admin: AdminService
    uploads: Path
    options: list[ReindexOptions] = field(default_factory=list)
    run: Callable[[Progress], dict[str, object]] = lambda _: REPORT

    def reindex(self, options: ReindexOptions, progress: Progress) -> dict[str, object]:
        self.options.append(options)
        return self.run(progress)

    def ended(self, job_id: str) -> str:
        end = time.monotonic() + 10
        while self.admin.job(job_id).state == "running" and time.monotonic() < end:
            time.sleep(0.02)
        return self.admin.job(job_id).state


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_database(f"sqlite:///{tmp_path / 'yiju.db'}")
    documents, state = DocumentStore(engine), StateStore(engine)
    documents.migrate()
    state.migrate()
    made: list[Desk] = []
    parts = AdminParts(
        jobs=state.jobs,
        catalogue=Catalogue(documents, frozenset),
        uploads_dir=tmp_path / "uploads",
        reindex=lambda options, progress: made[0].reindex(options, progress),  # noqa: PLW0108 - made later
        index_status=lambda: IndexStatus("s1", datetime(2026, 1, 2, tzinfo=UTC), 3, 7),
        gaps=state.answers.gaps,
        words_for=in_words,
        max_upload_bytes=1000,
    )
    made.append(Desk(state, AdminService(parts), tmp_path / "uploads"))
    yield made[0]
    made[0].admin.close()
    engine.dispose()


def test_reindex_runs_in_the_background_and_keeps_its_report(desk: Desk) -> None:
    job_id = desk.admin.start_reindex(True, started_by="local")

    assert desk.ended(job_id) == "succeeded"
    assert desk.admin.job(job_id).report == REPORT
    assert desk.options == [ReindexOptions(full=True)]


def test_second_reindex_conflicts_and_names_the_first(desk: Desk) -> None:
    gate = threading.Event()
    desk.run = lambda _: REPORT if gate.wait(10) else {}
    first = desk.admin.start_reindex(started_by="local")

    with pytest.raises(JobConflictError) as caught:
        desk.admin.start_reindex(started_by="telegram:1")
    gate.set()

    assert caught.value.job_id == first
    assert first in str(caught.value)
    assert desk.ended(first) == "succeeded"
    assert desk.ended(desk.admin.start_reindex(started_by="local")) == "succeeded"


def test_conflict_is_seen_by_another_administration_of_the_same_database(desk: Desk) -> None:
    gate = threading.Event()
    desk.run = lambda _: REPORT if gate.wait(10) else {}
    first = desk.admin.start_reindex(started_by="local")
    other = AdminService(desk.admin._parts)

    with pytest.raises(JobConflictError, match=first):
        other.start_reindex(started_by="local")
    gate.set()
    desk.ended(first)


def test_progress_is_kept_while_it_runs(desk: Desk) -> None:
    gate, begun = threading.Event(), threading.Event()

    def run(progress: Progress) -> dict[str, object]:
        progress(3, 10)
        begun.set()
        gate.wait(10)
        return REPORT

    desk.run = run
    job_id = desk.admin.start_reindex(started_by="local")
    begun.wait(10)
    job = desk.admin.job(job_id)
    gate.set()

    assert (job.state, job.done, job.total) == ("running", 3, 10)
    assert desk.ended(job_id) == "succeeded"


def test_progress_is_written_a_few_times_a_second_at_most(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    monkeypatch.setattr(desk.state.jobs, "progress", lambda _, done, __: written.append(done))

    def run(progress: Progress) -> dict[str, object]:
        for done in range(10_000):
            progress(done, 10_000)
        return REPORT

    desk.run = run
    desk.ended(desk.admin.start_reindex(started_by="local"))

    assert 1 <= len(written) < 20


def test_progress_that_cannot_be_kept_does_not_fail_the_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("database is locked")

    monkeypatch.setattr(desk.state.jobs, "progress", refuse)
    desk.run = lambda progress: progress(1, 2) or REPORT  # type: ignore[func-returns-value]

    assert desk.ended(desk.admin.start_reindex(started_by="local")) == "succeeded"


def test_lock_of_another_process_fails_the_job_with_the_reason(desk: Desk) -> None:
    def run(_: Progress) -> dict[str, object]:
        raise IndexLockedError("'data/index' is being indexed by process 7")

    desk.run = run
    job_id = desk.admin.start_reindex(started_by="local")

    assert desk.ended(job_id) == "failed"
    assert "process 7" in (desk.admin.job(job_id).error or "")


def test_unforeseen_error_fails_the_job(desk: Desk) -> None:
    def run(_: Progress) -> dict[str, object]:
        raise MemoryError

    desk.run = run

    assert desk.ended(desk.admin.start_reindex(started_by="local")) == "failed"


def test_stopping_ends_a_run_at_its_next_sign_of_progress(desk: Desk) -> None:
    begun = threading.Event()

    def run(progress: Progress) -> dict[str, object]:
        begun.set()
        while True:
            progress(1, 2)
            time.sleep(0.01)

    desk.run = run
    job_id = desk.admin.start_reindex(started_by="local")
    begun.wait(10)
    desk.admin.close()

    job = desk.admin.job(job_id)
    assert job.state == "failed"
    assert "原索引仍在使用" in (job.error or "")


def test_unknown_job(desk: Desk) -> None:
    with pytest.raises(UnknownJobError, match="none"):
        desk.admin.job("none")


def test_uploads_go_into_their_folder(desk: Desk) -> None:
    saved = desk.admin.save_upload("通知.txt", "正文".encode())

    assert saved.source_path == "@uploads/通知.txt"
    assert (desk.uploads / "通知.txt").read_text(encoding="utf-8") == "正文"
    with pytest.raises(UploadNameError):
        desk.admin.save_upload("../通知.txt", b"x")


def test_status_tells_index_and_last_job(desk: Desk) -> None:
    before = desk.admin.status()
    job_id = desk.admin.start_reindex(started_by="local")
    desk.ended(job_id)
    after = desk.admin.status()

    assert (before["snapshot"], before["documents"], before["passages"], before["last_job"]) == ("s1", 3, 7, None)
    assert getattr(after["last_job"], "id", None) == job_id


def test_gaps_are_empty_before_anyone_asked(desk: Desk) -> None:
    assert list(desk.admin.gaps(5)) == []
