"""Where what is backed up stands, and the lock that lets one backup or restore at a time at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from retrieval.errors import BackupError

_LOCK, _BACKUP, _RESTORE = ".backup.lock", ".backup", ".restore"
Progress = Callable[[str, int, int], None]
"""Told the phase, and how many MiB of how many are done; 0 of 0 where that is not known."""
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of an installation; its database is given beside them."""

    data_dir: Path
    index_dir: Path
    uploads_dir: Path

    @property
    def backup_work(self) -> Path:
        """What a backup holds on to while it copies."""
        return self.data_dir / _BACKUP

    @property
    def restore_work(self) -> Path:
        """What a restore has unpacked and replaced, until it is done."""
        return self.data_dir / _RESTORE

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock of backups and restores; the system frees it when its holder dies.

        Raises: BackupError: another process holds it; OSError: the folder cannot be written.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.data_dir / _LOCK, timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout as error:
            raise BackupError(
                f"another backup or restore of {str(self.data_dir)!r} is going on; nothing was changed; wait for it to "
                "end, then try again"
            ) from error
        try:
            yield
        finally:
            lock.release()
