"""What the Telegram channel needs of administration, as narrow protocols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bot.catalogue import DocumentCard, DocumentPage
from bot.gaps import GapCluster
from bot.health import Health
from bot.staging import StagedUpload
from bot.uploads import Upload
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, Clearance


class JobView(Protocol):
    """A job as it stands. ``kind`` is reindex, dry_run or embedding, ``state`` queued, running, succeeded or failed.

    ``report`` as in ``yiju index --json``.
    """

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def done(self) -> int: ...  # noqa: D102
    @property
    def total(self) -> int: ...  # noqa: D102
    @property
    def phase(self) -> str | None: ...  # noqa: D102
    @property
    def rate(self) -> float | None: ...  # noqa: D102
    @property
    def eta_seconds(self) -> float | None: ...  # noqa: D102
    @property
    def paused(self) -> bool: ...  # noqa: D102
    @property
    def report(self) -> Mapping[str, Any] | None: ...  # noqa: D102
    @property
    def error(self) -> str | None: ...  # noqa: D102


class JobAdministration(Protocol):
    """Re-indexing, and what a person decides about it."""

    def start_reindex(
        self, full: bool = False, dry_run: bool = False, allow_mass_removal: bool = False, *, started_by: str
    ) -> str:
        """Start a re-index; the job's id. Raises: JobConflictError: one is running."""
        ...

    def start_previewed(
        self, preview_id: str, full: bool = False, allow_mass_removal: bool = False, *, started_by: str
    ) -> str:
        """Start what a dry run showed. Raises: PreviewOutdatedError, UnknownJobError, JobConflictError."""
        ...

    def cancel_preview(self, preview_id: str, *, by: str) -> None:
        """Have what a dry run showed not be started."""
        ...

    def job(self, job_id: str) -> JobView:
        """A job as it stands now. Raises: UnknownJobError."""
        ...

    def pause_embedding(self, *, by: str) -> None:
        """Pause embedding, whoever does it now or later."""
        ...

    def resume_embedding(self, *, by: str) -> None:
        """End a pause, and take up again what was stopped."""
        ...

    def stop_job(self, job_id: str, *, by: str) -> JobView:
        """Have a job stop. Raises: UnknownJobError, JobEndedError."""
        ...

    def stop_running(self, *, by: str) -> str | None:
        """Have the running job stop; its id, None where none runs."""
        ...

    def accept_snapshot(self, snapshot_id: str, *, by: str) -> None:
        """Serve a snapshot that was held back. Raises: SnapshotUnknownError: it does not wait any more."""
        ...

    def reject_snapshot(self, snapshot_id: str, *, by: str) -> None:
        """Give such a snapshot up. Raises: SnapshotUnknownError."""
        ...


class CorpusAdministration(Protocol):
    """Files and documents."""

    def stage_upload(self, upload_id: str | None, name: str, data: bytes, *, by: str) -> StagedUpload:
        """Check a file and keep it aside. Raises: UploadError: why it is refused."""
        ...

    def staged_upload(self, upload_id: str) -> StagedUpload:
        """What waits. Raises: UploadGoneError."""
        ...

    def confirm_upload(self, upload_id: str, *, by: str) -> tuple[Upload, ...]:
        """Put files that wait into the corpus. Raises: UploadGoneError."""
        ...

    def discard_upload(self, upload_id: str, *, by: str) -> StagedUpload:
        """Throw files away that wait. Raises: UploadGoneError."""
        ...

    def documents(
        self, *, offset: int, limit: int, retired: bool, words: str = "", clearance: Clearance = PUBLIC_ONLY
    ) -> DocumentPage:
        """A page of documents, with ``words`` of those named so."""
        ...

    def document_card(self, version: int, *, clearance: Clearance = PUBLIC_ONLY) -> DocumentCard:
        """The document of a line of a list. Raises: DocumentNotFoundError."""
        ...

    def retire(self, document_id: str, *, by: str, clearance: Clearance = PUBLIC_ONLY) -> None:
        """From now on the document never answers. Raises: DocumentNotFoundError."""
        ...

    def restore(self, document_id: str, *, by: str, clearance: Clearance = PUBLIC_ONLY) -> bool:
        """Undo that; whether the document answers at once. Raises: DocumentNotFoundError."""
        ...


class Administration(JobAdministration, CorpusAdministration, Protocol):
    """What administrators do. Synchronous and thread-safe."""

    def status(self, clearance: Clearance = EVERYTHING) -> Mapping[str, Any]:
        """Figures about the corpus and the bot by name; documents and passages are those that may be seen."""
        ...

    def hides(self, clearance: Clearance) -> bool:
        """Whether some document may not be seen with the clearance."""
        ...

    def health(self) -> Health:
        """How the program fares."""
        ...

    def gaps(self) -> Sequence[GapCluster]:
        """Questions without an answer, gathered."""
        ...
