"""One poller a token on this machine; pollers elsewhere are noticed by Telegram's own conflict answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bot.channels.telegram.errors import SecondPollerError


@contextmanager
def single_poller(state_dir: Path, token: str) -> Iterator[None]:
    """Hold the lock of the token; the operating system frees it when the process dies.

    Raises: SecondPollerError: another process holds it.
    """
    state_dir.mkdir(parents=True, exist_ok=True)
    path = state_dir / f"poller-{hashlib.sha256(token.encode()).hexdigest()[:16]}.lock"
    lock = FileLock(path, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise SecondPollerError(
            f"another yiju process already receives Telegram messages with this token (lock {path}); "
            "stop it first (yiju serve includes Telegram), or use another token"
        ) from None
    try:
        yield
    finally:
        lock.release()
