"""One document for somebody who looks after it: its text cut into passages, its state, its file if that was uploaded.

Also deletes files from the uploads: their documents leave the index with the next run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from bot.snapshot_keeping import Trail
from bot.uploads import UploadError, checked_name
from corpus.documents import Document, Passage
from corpus.errors import DocumentNotFoundError
from corpus.intake import UPLOADS_PREFIX
from corpus.sidecar import sidecar_path
from corpus.store import DocumentStore
from corpus.visibility import PUBLIC_ONLY, Clearance
from retrieval import durable


class UploadMissingError(UploadError):
    """No file of that name is among the uploads."""


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document as it is stored. ``live``: the serving snapshot holds it; ``upload``: its file among the uploads."""

    document: Document
    passages: tuple[Passage, ...]
    version: int
    live: bool
    retired: bool
    aliases: tuple[str, ...]
    upload: str | None


class DocumentViews:
    """Synchronous and thread-safe; every call looks anew."""

    def __init__(
        self, store: DocumentStore, live_versions: Callable[[], Collection[int]], uploads_dir: Path, trail: Trail
    ) -> None:
        self._store = store
        self._live_versions = live_versions
        self._uploads_dir = uploads_dir
        self._trail = trail

    def view(self, document_id: str, clearance: Clearance = PUBLIC_ONLY) -> DocumentView:
        """A document that is stored, retired or not, by its id or an alias.

        Raises: DocumentNotFoundError: there is none, or none that may be seen.
        """
        own_id = self._store.resolve_alias(document_id)
        stored = self._store.find_versions(own_id)
        if not stored:
            raise DocumentNotFoundError(f"没有文档 {document_id!r}。")
        live = set(self._live_versions())
        version = max((each for each in stored if each in live), default=stored[-1])
        document = self._store.document(version)
        if self._store.hides(own_id, document.visibility, clearance):
            raise DocumentNotFoundError(f"没有文档 {document_id!r}。")
        aliases = self._store.aliases([version])
        return DocumentView(
            document=document,
            passages=tuple(row.passage for row in self._store.passage_rows([version])),
            version=version,
            live=version in live,
            retired=bool(self._store.retired() & {document_id, own_id}),
            aliases=tuple(sorted(aliases)),
            upload=self._upload_of(document.source_path),
        )

    def delete_upload(self, name: str, *, by: str) -> None:
        """Delete a file from the uploads, with what was said beside it. Raises: UploadError: there is none; OSError."""
        path = self._uploads_dir / checked_name(name)
        try:
            path.unlink()
        except FileNotFoundError:
            raise UploadMissingError(f"已上传的文件中没有 {name[:200]!r}，也许已经删除。") from None
        sidecar_path(path).unlink(missing_ok=True)
        durable.sync(self._uploads_dir)
        self._trail.record(by, "file_deleted", f"{UPLOADS_PREFIX}{path.name}")

    def _upload_of(self, source_path: str) -> str | None:
        name = source_path.removeprefix(UPLOADS_PREFIX)
        if name == source_path or "/" in name:
            return None
        return name if (self._uploads_dir / name).is_file() else None
