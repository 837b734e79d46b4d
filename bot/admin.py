"""What administrators do, for HTTP, Telegram and a console alike: jobs, uploads, documents, snapshots, status, gaps.

Decides nothing about who may; channels ask that first, and say who did it. How jobs run is in ``indexing_jobs``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot.catalogue import Catalogue, DocumentCard, DocumentPage, DocumentRun
from bot.document_query import DocumentQuery, Mark
from bot.errors import BotError
from bot.gaps import GapCluster
from bot.health import Health
from bot.indexing_jobs import DRY_RUN, EMBEDDING, REINDEX, IndexingJobs, ReindexOptions
from bot.staging import StagedUpload, StagedUploads
from bot.state.jobs import SUCCEEDED, JobView
from bot.uploads import Upload, save_upload
from corpus.documents import Document
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, Clearance

# After so long the sources are likely to hold something else than what was shown.
PREVIEW_LASTS = timedelta(hours=1)


class PreviewOutdatedError(BotError):
    """What a dry run showed is no longer what a re-index would do."""


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The serving snapshot; all None or 0 before the first. ``embedded``: how many passages have a vector."""

    snapshot: str | None
    created_at: datetime | None
    documents: int
    passages: int
    embedded: int

    @property
    def embedded_share(self) -> float | None:
        """The share of passages with a vector, 0 to 1; None before the first index."""
        if self.snapshot is None:
            return None
        return min(1.0, self.embedded / self.passages) if self.passages else 1.0


class Trail(Protocol):
    """Keeps who did what."""

    def record(self, by: str, action: str, detail: str = "") -> None:
        """``by``: such as ``telegram:7``; ``action``: a name of ours; ``detail``: what it was done to."""
        ...


@dataclass(frozen=True, slots=True)
class SnapshotOrders:
    """What is done about snapshots that a switch was blocked to. ``waiting`` names them.

    Both orders raise SnapshotUnknownError where the snapshot does not wait, and IndexLockedError.
    """

    waiting: Callable[[], Sequence[str]]
    accept: Callable[[str], None]
    reject: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AdminParts:
    """What administration is made of.

    ``unfinished`` counts documents by state (pending, failed); ``gaps``: unanswered questions, gathered.
    """

    jobs: IndexingJobs
    catalogue: Catalogue
    uploads_dir: Path
    staged: StagedUploads
    index_status: Callable[[Clearance], IndexStatus]
    unfinished: Callable[[], Mapping[str, int]]
    snapshots: SnapshotOrders
    gaps: Callable[[], Sequence[GapCluster]]
    health: Callable[[], Health]
    max_upload_bytes: int
    trail: Trail
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


class AdminService:
    """Synchronous and thread-safe. ``by`` says who asks for something, and is kept."""

    def __init__(self, parts: AdminParts) -> None:
        self._parts = parts
        # Kept in memory: a preview is good for an hour, and its buttons go when it is cancelled.
        self._cancelled: set[str] = set()

    # jobs

    def start_reindex(
        self, full: bool = False, dry_run: bool = False, allow_mass_removal: bool = False, *, started_by: str
    ) -> str:
        """Start a re-index in the background; its job's id. Raises: JobConflictError: names the one that runs."""
        options = ReindexOptions(full, dry_run, allow_mass_removal, fill=False)
        job_id = self._parts.jobs.start_reindex(options, started_by=started_by)
        self._parts.trail.record(started_by, "reindex_previewed" if dry_run else "reindex_started", job_id)
        return job_id

    def start_previewed(
        self, preview_id: str, full: bool = False, allow_mass_removal: bool = False, *, started_by: str
    ) -> str:
        """Start the re-index that a dry run showed; once, and only while that still holds. The job's id.

        Raises: UnknownJobError; PreviewOutdatedError; JobConflictError: names the one that runs.
        """
        preview, last = self._parts.jobs.job(preview_id), self._parts.jobs.latest(REINDEX)
        if preview.kind != DRY_RUN or preview.state != SUCCEEDED:
            raise PreviewOutdatedError("这不是一次完成的试运行，没有开始更新。")
        if preview_id in self._cancelled:
            raise PreviewOutdatedError("这次更新已经取消，请重新试运行。")
        # One that runs is the caller's own, pressed twice, or another's: starting says so by its conflict.
        if last is not None and not last.active and last.created_at >= preview.created_at:
            raise PreviewOutdatedError("这次试运行之后索引已经更新过，请重新试运行。")
        if self._parts.clock() - preview.updated_at > PREVIEW_LASTS:
            raise PreviewOutdatedError("这次试运行已经过时，请重新试运行。")
        return self.start_reindex(full, False, allow_mass_removal, started_by=started_by)

    def cancel_preview(self, preview_id: str, *, by: str) -> None:
        """Have what a dry run showed not be started: whoever has its button still, presses it in vain."""
        self._cancelled.add(preview_id)
        self._parts.trail.record(by, "reindex_cancelled", preview_id)

    def job(self, job_id: str) -> JobView:
        """A job as it stands. Raises: UnknownJobError."""
        return self._parts.jobs.job(job_id)

    def recent_jobs(self, limit: int = 20) -> list[JobView]:
        """The last jobs of every kind, the latest first, without their reports."""
        return self._parts.jobs.recent(limit)

    def previewed(self) -> JobView | None:
        """The last dry run; None where there was none."""
        return self._parts.jobs.latest(DRY_RUN)

    def pause_job(self, job_id: str, *, by: str) -> JobView:
        """Pause the embedding that a job does or leads to. Raises: UnknownJobError, JobEndedError."""
        job = self._parts.jobs.pause(job_id, by=by)
        self._parts.trail.record(by, "embedding_paused", job_id)
        return job

    def resume_job(self, job_id: str, *, by: str) -> JobView:
        """End a pause. Raises: UnknownJobError, JobEndedError."""
        job = self._parts.jobs.resume(job_id, by=by)
        self._parts.trail.record(by, "embedding_resumed", job_id)
        return job

    def stop_job(self, job_id: str, *, by: str) -> JobView:
        """Have a job stop; what it embedded is kept. Raises: UnknownJobError, JobEndedError."""
        job = self._parts.jobs.stop(job_id, by=by)
        self._parts.trail.record(by, "job_stopped", job_id)
        return job

    def pause_embedding(self, *, by: str) -> None:
        """Pause embedding, whoever does it now or later."""
        self._parts.jobs.pause_embedding(by=by)
        self._parts.trail.record(by, "embedding_paused", "")

    def resume_embedding(self, *, by: str) -> None:
        """End a pause, and take up again what was stopped."""
        self._parts.jobs.resume_embedding(by=by)
        self._parts.trail.record(by, "embedding_resumed", "")

    def stop_running(self, *, by: str) -> str | None:
        """Have the running job stop, a re-index rather than embedding; its id, None where none runs."""
        for kind in (REINDEX, DRY_RUN, EMBEDDING):
            job = self._parts.jobs.latest(kind)
            if job is not None and job.active:
                return self.stop_job(job.id, by=by).id
        return None

    # snapshots that wait for a person

    def accept_snapshot(self, snapshot_id: str, *, by: str) -> None:
        """Serve a snapshot that was held back. Raises: SnapshotError: it does not wait; IndexLockedError."""
        self._parts.snapshots.accept(snapshot_id)
        self._parts.trail.record(by, "snapshot_accepted", snapshot_id)

    def reject_snapshot(self, snapshot_id: str, *, by: str) -> None:
        """Give a snapshot up that was held back. Raises: SnapshotError: it does not wait; IndexLockedError."""
        self._parts.snapshots.reject(snapshot_id)
        self._parts.trail.record(by, "snapshot_rejected", snapshot_id)

    # documents

    def documents(
        self, *, offset: int, limit: int, retired: bool, words: str = "", clearance: Clearance = PUBLIC_ONLY
    ) -> DocumentPage:
        """A page of the documents that answer, or of the retired ones; with ``words``, of those named so."""
        return self._parts.catalogue.documents(
            offset=offset, limit=limit, retired=retired, words=words, clearance=clearance
        )

    def browse(
        self,
        query: DocumentQuery,
        *,
        limit: int,
        after: Mark | None = None,
        offset: int = 0,
        clearance: Clearance = PUBLIC_ONLY,
    ) -> DocumentRun:
        """Documents that a query is about, behind a place in their order."""
        return self._parts.catalogue.browse(query, limit=limit, after=after, offset=offset, clearance=clearance)

    def document(self, document_id: str, *, clearance: Clearance = PUBLIC_ONLY) -> Document:
        """A document that answers. Raises: DocumentNotFoundError."""
        return self._parts.catalogue.document(document_id, clearance)

    def document_card(self, version: int, *, clearance: Clearance = PUBLIC_ONLY) -> DocumentCard:
        """The document of a line of a list, as it is now. Raises: DocumentNotFoundError."""
        return self._parts.catalogue.card(version, clearance)

    def retire(self, document_id: str, *, by: str, clearance: Clearance = PUBLIC_ONLY) -> None:
        """From now on the document never answers. Raises: DocumentNotFoundError."""
        self._parts.catalogue.retire(document_id, clearance)
        self._parts.trail.record(by, "document_retired", document_id)

    def restore(self, document_id: str, *, by: str, clearance: Clearance = PUBLIC_ONLY) -> bool:
        """Undo ``retire``; False where only a re-index brings the document back. Raises: DocumentNotFoundError."""
        indexed = self._parts.catalogue.restore(document_id, clearance)
        self._parts.trail.record(by, "document_restored", document_id)
        return indexed

    # uploads

    def save_upload_chunks(self, name: str, chunks: Iterable[bytes], *, by: str) -> Upload:
        """Put a file into the uploads as it arrives. Raises: UploadError: says why it is refused."""
        saved = save_upload(self._parts.uploads_dir, name, chunks, max_bytes=self._parts.max_upload_bytes)
        self._parts.trail.record(by, "file_added", saved.source_path)
        return saved

    def stage_upload(self, upload_id: str | None, name: str, data: bytes, *, by: str) -> StagedUpload:
        """Check a file and keep it aside until somebody decides; with ``upload_id``, beside others sent with it.

        Raises: UploadError: says why it is refused.
        """
        return self._parts.staged.add(upload_id, name, (data,), by=by)

    def staged_uploads(self) -> list[StagedUpload]:
        """All that waits, what was sent last first."""
        return self._parts.staged.waiting()

    def staged_upload(self, upload_id: str) -> StagedUpload:
        """What waits under an id. Raises: UploadGoneError."""
        return self._parts.staged.get(upload_id)

    def confirm_upload(self, upload_id: str, *, by: str) -> tuple[Upload, ...]:
        """Put files that wait into the uploads. Raises: UploadGoneError: none wait under that id any more."""
        saved = self._parts.staged.confirm(upload_id)
        for each in saved:
            self._parts.trail.record(by, "file_added", each.source_path)
        return saved

    def discard_upload(self, upload_id: str, *, by: str) -> StagedUpload:
        """Throw files away that wait. Raises: UploadGoneError."""
        gone = self._parts.staged.discard(upload_id)
        self._parts.trail.record(by, "upload_discarded", ", ".join(file.name for file in gone.files))
        return gone

    # how things are

    def status(self, clearance: Clearance = EVERYTHING) -> dict[str, object]:
        """Figures about index and jobs by name; ``embedded_share`` is 0 to 1, ``paused_by`` null unless paused.

        ``documents`` and ``passages`` count what may be seen with the clearance.
        """
        index = self._parts.index_status(clearance)
        paused = self._parts.jobs.paused()
        unfinished = self._parts.unfinished()
        return {
            "snapshot": index.snapshot,
            "created_at": index.created_at,
            "documents": index.documents,
            "passages": index.passages,
            "embedded": index.embedded,
            "embedded_share": index.embedded_share,
            "pending_documents": unfinished.get("pending", 0),
            "failed_documents": unfinished.get("failed", 0),
            "blocked": list(self._parts.snapshots.waiting()),
            "paused_by": None if paused is None else paused.by,
            "retired": self._parts.catalogue.retired_count(),
            "last_job": self._parts.jobs.latest(REINDEX),
            "embedding_job": self._parts.jobs.latest(EMBEDDING),
        }

    def hides(self, clearance: Clearance) -> bool:
        """Whether the serving snapshot holds a document that may not be seen with the clearance."""
        if clearance.everything:
            return False
        return self._parts.index_status(clearance).documents < self._parts.index_status(EVERYTHING).documents

    def health(self) -> Health:
        """How fast and how often questions are answered, errors, disk, version. Raises: StoreError."""
        return self._parts.health()

    def gaps(self) -> Sequence[GapCluster]:
        """Questions that still have no answer, gathered where they ask for the same, those asked most first."""
        return self._parts.gaps()

    def close(self) -> None:
        """Stop jobs of this process at their next sign of progress; the serving snapshot is not touched."""
        self._parts.jobs.close()
