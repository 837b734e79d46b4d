"""The lock of the index folder: one writer at a time in any process. The system frees it when its holder dies.

Locks of files may not reach beyond one host: where several share the folder, a turn of the database is held beside it.
A holder that only fills in vectors offers the lock: who comes then asks for it and gets it within seconds.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from retrieval.durable import write_atomically
from retrieval.errors import IndexLockedError

_LOCK, _HOLDER, _WANTED = ".index.lock", ".index.lock.json", ".index.wanted"
# How long to wait for a holder who offers the lock: it ends its batch, or a snapshot that it has begun to write.
OFFERED_SECONDS = 60.0
_ASK_SECONDS = 0.2
Turn = Callable[[], AbstractContextManager[bool]]
"""Holds a turn among hosts; whether it was free."""


class HeldLock:
    """The lock in the hands of its holder."""

    def __init__(self, index_dir: Path) -> None:
        self._holder = index_dir / _HOLDER
        self._wanted = index_dir / _WANTED
        self._said: dict[str, Any] = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        self._say()

    def offer(self) -> None:
        """Tell others that the lock will be let go as soon as one of them asks."""
        self._said["offered"] = True
        self._say()

    def is_wanted(self) -> bool:
        """Whether another process has asked."""
        return self._wanted.exists()

    def _say(self) -> None:
        # Whole at any instant: another process may be reading it.
        write_atomically(self._holder, json.dumps(self._said).encode())


class _BothLocks:
    """The lock of the folder and, inside it, the turn among hosts."""

    def __init__(self, index_dir: Path, turn: Turn | None) -> None:
        self._file = FileLock(index_dir / _LOCK, timeout=0, thread_local=False)
        self._turn = turn
        self._held = ExitStack()

    def acquire(self, timeout_seconds: float = 0) -> bool:
        """Whether both are held now; otherwise neither is."""
        try:
            self._file.acquire(timeout=timeout_seconds)
        except Timeout:
            return False
        try:
            free = self._turn is None or self._held.enter_context(self._turn())
        except BaseException:
            self._file.release()
            raise
        if not free:
            self.release()
            time.sleep(timeout_seconds)
        return free

    def release(self) -> None:
        try:
            self._held.close()
        finally:
            self._file.release()


@contextmanager
def index_lock(index_dir: Path, turn: Turn | None = None) -> Iterator[HeldLock]:
    """Hold the lock, and with ``turn`` that among hosts.

    Raises: IndexLockedError: another run holds it, says who; OSError: the folder is not writable; what ``turn`` raises.
    """
    index_dir.mkdir(parents=True, exist_ok=True)
    lock = _BothLocks(index_dir, turn)
    holder, wanted = index_dir / _HOLDER, index_dir / _WANTED
    if not lock.acquire() and not _acquired_when_offered(lock, holder, wanted):
        raise IndexLockedError(
            f"{str(index_dir)!r} is being indexed by {_describe(holder)}; nothing was changed. Wait for it to end, "
            "or stop it, then run: yiju index"
        )
    try:
        wanted.unlink(missing_ok=True)
        yield HeldLock(index_dir)
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _acquired_when_offered(lock: _BothLocks, holder: Path, wanted: Path) -> bool:
    until = time.monotonic() + OFFERED_SECONDS
    while time.monotonic() < until and _said(holder).get("offered", False):
        wanted.touch()
        if lock.acquire(_ASK_SECONDS):
            return True
    # Its holder may have let go a moment ago, for this one or by itself.
    return lock.acquire()


def _said(holder: Path) -> dict[str, Any]:
    try:
        said = json.loads(holder.read_text())
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _describe(holder: Path) -> str:
    said = _said(holder)
    try:
        return f"process {said['pid']} on {said['host']} since {said['since']}"
    except KeyError:
        return "another process"
