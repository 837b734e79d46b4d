"""The lock of the index folder: one writer at a time in any process. The system frees it when its holder dies."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from retrieval.errors import IndexLockedError

_LOCK, _HOLDER = ".index.lock", ".index.lock.json"


@contextmanager
def index_lock(index_dir: Path) -> Iterator[None]:
    """Hold the lock. Raises: IndexLockedError: another run holds it, says who; OSError: the folder is not writable."""
    index_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(index_dir / _LOCK, timeout=0, thread_local=False)
    holder = index_dir / _HOLDER
    try:
        lock.acquire()
    except Timeout as error:
        raise IndexLockedError(
            f"{str(index_dir)!r} is being indexed by {_describe(holder)}; nothing was changed. Wait for it to end, or "
            "stop it, then run: yiju index"
        ) from error
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        holder.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since}))
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _describe(holder: Path) -> str:
    try:
        said = json.loads(holder.read_text())
        return f"process {said['pid']} on {said['host']} since {said['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
