from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.admin import AdminParts, AdminService, IndexStatus
from bot.catalogue import Catalogue
from bot.channels.failures import in_words
from bot.indexing_jobs import IndexingJobs, JobParts, Listener, ReindexOptions
from bot.state.jobs import JobProgress
from bot.state.store import StateStore
from bot.uploads import UploadNameError
from corpus.database import open_database
from corpus.store import DocumentStore

REPORT: dict[str, object] = {"snapshot": "s2", "seconds": 0.1}


@dataclass
class Desk:
    """An administration over a real database; what a re-index does is set by each test."""

    state: StateStore
    admin: AdminService
    uploads: Path
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
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_database(f"sqlite:///{tmp_path / 'yiju.db'}")
    documents, state = DocumentStore(engine), StateStore(engine)
    documents.migrate()
    state.migrate()
    made: list[Desk] = []
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
        index_status=lambda: IndexStatus("s1", datetime(2026, 1, 2, tzinfo=UTC), 3, 7, 2),
        unfinished=lambda: {"pending": 4, "indexed": 9, "failed": 1},
        blocked=lambda: ("s2",),
        gaps=state.answers.gaps,
        max_upload_bytes=1000,
    )
    made.append(Desk(state, AdminService(parts), tmp_path / "uploads"))
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
    assert (after["embedded"], after["embedded_share"]) == (2, 2 / 7)
    assert (after["pending_documents"], after["failed_documents"], after["blocked"]) == (4, 1, ["s2"])
    assert after["embedding_job"] is None


def test_before_the_first_index_no_share_is_told_and_an_empty_one_is_whole() -> None:
    assert IndexStatus(None, None, 0, 0, 0).embedded_share is None
    assert IndexStatus("s1", None, 0, 0, 0).embedded_share == 1.0


def test_gaps_are_empty_before_anyone_asked(desk: Desk) -> None:
    assert list(desk.admin.gaps(5)) == []
