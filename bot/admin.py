"""What administrators do, for HTTP and Telegram alike: jobs, uploads, retire and restore, status, gaps.

Decides nothing about who may; channels ask that first. How jobs run is in ``indexing_jobs``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from bot.catalogue import Catalogue, DocumentPage
from bot.indexing_jobs import EMBEDDING, REINDEX, IndexingJobs, ReindexOptions
from bot.state.answers import Gap
from bot.state.jobs import JobView
from bot.uploads import Upload, save_upload
from corpus.documents import Document


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
        return self.embedded / self.passages if self.passages else 1.0


@dataclass(frozen=True, slots=True)
class AdminParts:
    """What administration is made of.

    ``unfinished`` counts documents by state (pending, failed); ``blocked`` names snapshots that wait to be accepted.
    """

    jobs: IndexingJobs
    catalogue: Catalogue
    uploads_dir: Path
    index_status: Callable[[], IndexStatus]
    unfinished: Callable[[], Mapping[str, int]]
    blocked: Callable[[], Sequence[str]]
    gaps: Callable[[int], Sequence[Gap]]
    max_upload_bytes: int


class AdminService:
    """Synchronous and thread-safe."""

    def __init__(self, parts: AdminParts) -> None:
        self._parts = parts
        self._log = structlog.get_logger(__name__)

    def start_reindex(
        self, full: bool = False, dry_run: bool = False, allow_mass_removal: bool = False, *, started_by: str
    ) -> str:
        """Start a re-index in the background; its job's id. Raises: JobConflictError: names the one that runs."""
        options = ReindexOptions(full, dry_run, allow_mass_removal, fill=False)
        return self._parts.jobs.start_reindex(options, started_by=started_by)

    def job(self, job_id: str) -> JobView:
        """A job as it stands. Raises: UnknownJobError."""
        return self._parts.jobs.job(job_id)

    def pause_job(self, job_id: str, *, by: str) -> JobView:
        """Pause the embedding that a job does or leads to. Raises: UnknownJobError, JobEndedError."""
        return self._parts.jobs.pause(job_id, by=by)

    def resume_job(self, job_id: str, *, by: str) -> JobView:
        """End a pause. Raises: UnknownJobError, JobEndedError."""
        return self._parts.jobs.resume(job_id, by=by)

    def stop_job(self, job_id: str, *, by: str) -> JobView:
        """Have a job stop; what it embedded is kept. Raises: UnknownJobError, JobEndedError."""
        return self._parts.jobs.stop(job_id, by=by)

    def pause_embedding(self, *, by: str) -> None:
        """Pause embedding, whoever does it now or later."""
        self._parts.jobs.pause_embedding(by=by)

    def resume_embedding(self, *, by: str) -> None:
        """End a pause, and take up again what was stopped."""
        self._parts.jobs.resume_embedding(by=by)

    def stop_running(self, *, by: str) -> str | None:
        """Have the running job stop, a re-index rather than embedding; its id, None where none runs."""
        for kind in (REINDEX, EMBEDDING):
            job = self._parts.jobs.latest(kind)
            if job is not None and job.active:
                return self._parts.jobs.stop(job.id, by=by).id
        return None

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
        """Figures about index and jobs by name; ``embedded_share`` is 0 to 1, ``paused_by`` null unless paused."""
        index = self._parts.index_status()
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
            "blocked": list(self._parts.blocked()),
            "paused_by": None if paused is None else paused.by,
            "retired": self._parts.catalogue.retired_count(),
            "last_job": self._parts.jobs.latest(REINDEX),
            "embedding_job": self._parts.jobs.latest(EMBEDDING),
        }

    def gaps(self, limit: int) -> Sequence[Gap]:
        """The latest questions without an answer, latest first."""
        return self._parts.gaps(limit)

    def close(self) -> None:
        """Stop jobs of this process at their next sign of progress; the serving snapshot is not touched."""
        self._parts.jobs.close()
