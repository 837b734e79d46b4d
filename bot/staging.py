"""Files that were sent and wait for a word: checked, kept beside the uploads, then moved among them or thrown away.

What is kept survives a restart and expires by itself. Asking for something twice does it once.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from bot.uploads import Upload, UploadError, UploadTooLargeError, checked_name, save_upload
from corpus.intake import UPLOADS_PREFIX, SourceFile, read_source
from retrieval import durable

HOURS = 24.0
# What may wait in all, so that files nobody decides about cannot fill the disk.
MAX_STAGED_BYTES = 1024**3
# Larger files, and packed ones, are not looked into before they are indexed: that takes seconds beside questions.
MAX_READ_BYTES = 2 * 1024**2
MAX_TITLES = 3
_ABOUT = "about.json"
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_PACKED = (".gz", ".xz")


class UploadGoneError(UploadError):
    """Nothing waits under that name any more: it was taken, thrown away, or has expired."""


class UploadUnreadableError(UploadError):
    """No document can be read out of the file."""


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file that waits. ``documents`` is None where it was not looked into; ``titles`` are the first of them.

    ``replaces``: a file of that name is among the uploads. ``failures``: what could not be read, in words.
    """

    name: str
    size_bytes: int
    replaces: bool = False
    documents: int | None = None
    titles: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StagedUpload:
    """Files that were sent together."""

    id: str
    by: str
    created_at: datetime
    files: tuple[StagedFile, ...]


class StagedUploads:
    """The folder of files that wait. Thread-safe."""

    def __init__(
        self,
        folder: Path,
        uploads_dir: Path,
        *,
        max_bytes: int,
        hours: float = HOURS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder
        self._uploads = uploads_dir
        self._max_bytes = max_bytes
        self._lifetime = timedelta(hours=hours)
        self._clock = clock
        self._lock = threading.Lock()
        self._log = structlog.get_logger(__name__)

    def add(self, upload_id: str | None, name: str, chunks: Iterable[bytes], *, by: str) -> StagedUpload:
        """Keep one more file under ``upload_id``, or under a new id; all that waits there.

        Raises: UploadError: why it is refused; OSError. What waited before waits still.
        """
        upload_id = upload_id or secrets.token_urlsafe(9)
        self._checked_id(upload_id)
        self.prune()
        clean = checked_name(name)
        left = MAX_STAGED_BYTES - sum(map(_size, self._folder.glob("*/*")))
        if left <= 0:
            raise UploadTooLargeError("等待确认的文件太多：请先确认或放弃已发送的文件。")
        folder = self._folder / upload_id
        try:
            saved = save_upload(folder, clean, chunks, max_bytes=min(self._max_bytes, left))
            try:
                file = self._read(StagedFile(clean, saved.size_bytes), folder / clean)
            except UploadUnreadableError:
                (folder / clean).unlink(missing_ok=True)
                raise
            return self._keep(upload_id, file, by)
        except BaseException:
            if not (folder / _ABOUT).exists():
                durable.remove_tree(folder)
            raise

    def get(self, upload_id: str) -> StagedUpload:
        """What waits under an id. Raises: UploadGoneError."""
        return self._marked(self._known(upload_id))

    def waiting(self) -> list[StagedUpload]:
        """All that waits, what was sent last first."""
        found = []
        for folder in self._folders():
            try:
                found.append(self.get(folder.name))
            except UploadGoneError:  # expired, or just being made
                continue
        return sorted(found, key=lambda each: each.created_at, reverse=True)

    def confirm(self, upload_id: str) -> tuple[Upload, ...]:
        """Move what waits among the uploads. Raises: UploadGoneError; OSError: the rest waits still."""
        with self._lock:
            waiting = self._known(upload_id)
            self._uploads.mkdir(parents=True, exist_ok=True)
            moved = tuple(self._moved(upload_id, file) for file in waiting.files)
            durable.remove_tree(self._folder / upload_id)
        return moved

    def discard(self, upload_id: str) -> StagedUpload:
        """Throw away what waits; what it was. Raises: UploadGoneError; OSError."""
        with self._lock:
            waiting = self._known(upload_id)
            durable.remove_tree(self._folder / upload_id)
        return waiting

    def prune(self) -> int:
        """Throw away what has waited too long; how many."""
        with self._lock:
            old = [path for path in self._folders() if self._expired(path)]
            for path in old:
                durable.remove_tree(path)
        if old:
            self._log.info("staged_uploads_expired", count=len(old))
        return len(old)

    def _folders(self) -> Iterator[Path]:
        if self._folder.is_dir():
            yield from (path for path in self._folder.iterdir() if path.is_dir())

    def _expired(self, folder: Path) -> bool:
        try:
            since = _read_about(folder)[1]
        except (OSError, ValueError, KeyError, TypeError):
            # Just being made, or cut off by a crash: its own age decides.
            since = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
        return self._clock() - since > self._lifetime

    def _known(self, upload_id: str) -> StagedUpload:
        self._checked_id(upload_id)
        folder = self._folder / upload_id
        try:
            by, created_at, files = _read_about(folder)
        except (OSError, ValueError, KeyError, TypeError):
            raise _gone() from None
        if self._clock() - created_at > self._lifetime:
            raise _gone()
        return StagedUpload(upload_id, by, created_at, files)

    def _marked(self, upload: StagedUpload) -> StagedUpload:
        files = (replace(file, replaces=(self._uploads / file.name).exists()) for file in upload.files)
        return replace(upload, files=tuple(files))

    def _read(self, file: StagedFile, path: Path) -> StagedFile:
        """The file with what is in it. Raises: UploadUnreadableError: nothing is."""
        if file.size_bytes > MAX_READ_BYTES or file.name.lower().endswith(_PACKED):
            return file
        outcome = read_source(SourceFile(f"{UPLOADS_PREFIX}{file.name}", path))
        if not outcome.documents:
            raise UploadUnreadableError(f"读不出任何文档：{'；'.join(outcome.failures) or '没有正文'}")
        titles = tuple(each.document.title for each in outcome.documents[:MAX_TITLES])
        return replace(file, documents=len(outcome.documents), titles=titles, failures=tuple(outcome.failures))

    def _keep(self, upload_id: str, file: StagedFile, by: str) -> StagedUpload:
        with self._lock:
            try:
                waiting = self._known(upload_id)
            except UploadGoneError:
                waiting = StagedUpload(upload_id, by, self._clock(), ())
            others = tuple(each for each in waiting.files if each.name != file.name)
            waiting = replace(waiting, files=(*others, file))
            about = {
                "by": waiting.by,
                "created_at": waiting.created_at.isoformat(),
                "files": [asdict(each) for each in waiting.files],
            }
            content = json.dumps(about, ensure_ascii=False)
            durable.write_atomically(self._folder / upload_id / _ABOUT, content.encode("utf-8", "replace"))
        return self._marked(waiting)

    def _moved(self, upload_id: str, file: StagedFile) -> Upload:
        target = self._uploads / file.name
        replaced = target.exists()
        try:
            durable.rename(self._folder / upload_id / file.name, target)
        except FileNotFoundError:
            # Moved before the process died that was told to.
            if not replaced:
                raise
        return Upload(f"{UPLOADS_PREFIX}{file.name}", file.size_bytes, replaced)

    def _checked_id(self, upload_id: str) -> None:
        if not _ID.fullmatch(upload_id):
            raise _gone()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0  # taken or thrown away just now


def _gone() -> UploadGoneError:
    return UploadGoneError("这些文件已经处理过，或等待太久已被删除；要加入资料请重新发送。")


def _read_about(folder: Path) -> tuple[str, datetime, tuple[StagedFile, ...]]:
    about: dict[str, Any] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    files = tuple(
        StagedFile(**{**each, "titles": tuple(each["titles"]), "failures": tuple(each["failures"])})
        for each in about["files"]
    )
    return str(about["by"]), datetime.fromisoformat(about["created_at"]), files
