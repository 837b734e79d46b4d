"""What administrators do, for HTTP and Telegram alike: re-index jobs, uploads, retire and restore, status, gaps.

Decides nothing about who may; channels ask that first.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from bot.catalogue import Catalogue, DocumentPage
from bot.errors import BotError, JobConflictError
from bot.state.answers import Gap
from bot.state.jobs import Jobs, JobView
from bot.uploads import Upload, save_upload
from corpus.documents import Document
from corpus.errors import StoreError

REINDEX = "reindex"
# A job's progress is written at most this often: each write is a transaction.
PROGRESS_INTERVAL_SECONDS = 0.4
_SHUTDOWN_SECONDS = 10.0

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The serving snapshot; all None or 0 before the first."""

    snapshot: str | None
    created_at: datetime | None
    documents: int
    passages: int


@dataclass(frozen=True, slots=True)
class ReindexOptions:
    """How to re-index."""

    full: bool = False
    dry_run: bool = False
    allow_mass_removal: bool = False


class UnknownJobError(BotError):
    """No job with that id."""


class StoppedError(Exception):
    """The program is being stopped; raised inside a job at its next sign of progress."""


@dataclass(frozen=True, slots=True)
class AdminParts:
    """What administration is made of. ``reindex`` runs one whole re-index and returns its report."""

    jobs: Jobs
    catalogue: Catalogue
    uploads_dir: Path
    reindex: Callable[[ReindexOptions, Progress], dict[str, object]]
    index_status: Callable[[], IndexStatus]
    gaps: Callable[[int], Sequence[Gap]]
    words_for: Callable[[Exception], str]
    max_upload_bytes: int


class AdminService:
    """Synchronous and thread-safe; re-indexing goes on in a thread of its own."""

    def __init__(self, parts: AdminParts) -> None:
        self._parts = parts
        self._log = structlog.get_logger(__name__)
        self._stopping = threading.Event()
        self._begin = threading.Lock()
        self._running: tuple[str, threading.Thread] | None = None

    def start_reindex(
        self, full: bool = False, dry_run: bool = False, allow_mass_removal: bool = False, *, started_by: str
    ) -> str:
        """Start a re-index in the background; its job's id. Raises: JobConflictError: names the one that runs."""
        options = ReindexOptions(full, dry_run, allow_mass_removal)
        with self._begin:
            if self._running is not None and self._running[1].is_alive():
                running_id = self._running[0]
                raise JobConflictError(f"任务 {running_id} 正在重建索引", job_id=running_id)
            job_id = self._parts.jobs.begin(REINDEX, started_by=started_by)
            # A daemon, so that a job that hangs in native code cannot keep the process alive; close() waits for it.
            thread = threading.Thread(target=self._run, args=(job_id, options), name=f"yiju-{job_id}", daemon=True)
            self._running = (job_id, thread)
            thread.start()
        return job_id

    def _run(self, job_id: str, options: ReindexOptions) -> None:
        log = self._log.bind(job_id=job_id)
        log.info("reindex_started", full=options.full, dry_run=options.dry_run)
        try:
            report = self._parts.reindex(options, self._progress_of(job_id))
            self._parts.jobs.succeed(job_id, report)
            log.info("reindex_succeeded", snapshot=report.get("snapshot"), seconds=report.get("seconds"))
        except StoppedError:
            self._fail(job_id, "程序停止，任务中断；原索引仍在使用，再次启动后可重新运行。")
        except Exception as error:
            # The end of a thread: whatever happened must reach the job.
            log.warning("reindex_failed", exc_info=error)
            self._fail(job_id, self._parts.words_for(error))

    def _fail(self, job_id: str, reason: str) -> None:
        try:
            self._parts.jobs.fail(job_id, reason)
        except Exception as error:  # noqa: BLE001 - whatever it is, the log is what is left
            # A full disk can refuse this too; the log is what is left.
            self._log.error("job_not_saved", job_id=job_id, reason=reason, exc_info=error)

    def _progress_of(self, job_id: str) -> Progress:
        last = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal last
            if self._stopping.is_set():
                raise StoppedError
            now = time.monotonic()
            if now - last >= PROGRESS_INTERVAL_SECONDS:
                last = now
                self._save_progress(job_id, done, total)

        return progress

    def _save_progress(self, job_id: str, done: int, total: int) -> None:
        try:
            self._parts.jobs.progress(job_id, done, total)
        except StoreError as error:
            # Only for people to look at: not worth failing the run.
            self._log.warning("progress_not_saved", job_id=job_id, reason=str(error))

    def job(self, job_id: str) -> JobView:
        """A job as it stands. Raises: UnknownJobError."""
        found = self._parts.jobs.get(job_id)
        if found is None:
            raise UnknownJobError(f"没有任务 {job_id!r}。")
        return found

    def documents(self, *, offset: int, limit: int, retired: bool) -> DocumentPage:
        """A page of the documents that answer, or of the retired ones."""
        return self._parts.catalogue.documents(offset=offset, limit=limit, retired=retired)

    def document(self, document_id: str) -> Document:
        """A document that answers. Raises: DocumentNotFoundError."""
        return self._parts.catalogue.document(document_id)

    def retire(self, document_id: str) -> None:
        """From now on the document never answers. Raises: DocumentNotFoundError."""
        self._parts.catalogue.retire(document_id)
        self._log.info("document_retired", document_id=document_id)

    def restore(self, document_id: str) -> bool:
        """Undo ``retire``; False where only a re-index brings the document back. Raises: DocumentNotFoundError."""
        indexed = self._parts.catalogue.restore(document_id)
        self._log.info("document_restored", document_id=document_id, indexed=indexed)
        return indexed

    def save_upload(self, name: str, data: bytes) -> Upload:
        """Put a file into the uploads. Raises: UploadError: says why it is refused."""
        return self.save_upload_chunks(name, (data,))

    def save_upload_chunks(self, name: str, chunks: Iterable[bytes]) -> Upload:
        """Put a file into the uploads as it arrives. Raises: UploadError: says why it is refused."""
        saved = save_upload(self._parts.uploads_dir, name, chunks, max_bytes=self._parts.max_upload_bytes)
        self._log.info("upload_saved", source_path=saved.source_path, size_bytes=saved.size_bytes)
        return saved

    def status(self) -> dict[str, object]:
        """Figures about the index by name: snapshot, created_at, documents, passages, and the last re-index."""
        index = self._parts.index_status()
        last = self._parts.jobs.latest(REINDEX)
        return {
            "snapshot": index.snapshot,
            "created_at": index.created_at,
            "documents": index.documents,
            "passages": index.passages,
            "retired": self._parts.catalogue.retired_count(),
            "last_job": last,
        }

    def gaps(self, limit: int) -> Sequence[Gap]:
        """The latest questions without an answer, latest first."""
        return self._parts.gaps(limit)

    def close(self) -> None:
        """Stop a running re-index at its next sign of progress; the serving snapshot is not touched."""
        self._stopping.set()
        running = self._running
        if running is not None:
            running[1].join(_SHUTDOWN_SECONDS)
