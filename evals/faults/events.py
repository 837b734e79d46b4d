"""The instants of a child's run at which it can be killed: what it is about to do to its files and databases.

Taken from outside the product: Python's audit events, SQLite's statements, and ``os.fsync``. What native code does
between them is met by killing from outside after a random time.
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

_CHANGING_FILES = frozenset(
    {"os.rename", "os.remove", "os.link", "os.symlink", "os.mkdir", "os.rmdir", "os.truncate", "shutil.copyfile"}
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGING_SQL = re.compile(r"\s*(BEGIN IMMEDIATE|COMMIT|(?:INSERT|UPDATE|DELETE|CREATE|DROP|ALTER)\s+\S+\s+\S+)")
Listener = Callable[[str], None]


class Events:
    """Tells a listener of each event below ``root``, just before it happens. Lasts as long as the process."""

    def __init__(self, root: Path, listener: Listener) -> None:
        self._root = str(root)
        self._listener = listener
        self._lock = threading.RLock()
        self._inside = threading.local()
        self._last_sql: dict[int, str] = {}
        # What a shadow of the disk wants to hear besides: before any event, after a sync, before any statement.
        self.before: Callable[[], None] = lambda: None
        self.after_sync: Callable[[Path], None] = lambda path: None
        self.on_statement: Callable[[Path, sqlite3.Connection, str], None] = lambda path, connection, statement: None

    def install(self) -> None:
        """Begin to listen."""
        synced = os.fsync

        def fsync(descriptor: int) -> None:
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            self._heard(f"fsync {path}")
            synced(descriptor)
            if self._ours(path):
                self._quietly(lambda: self.after_sync(path))

        connected = sqlite3.connect

        def connect(database: Any, *arguments: Any, **named: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connected(database, *arguments, **named)
            path = Path(str(database).removeprefix("file:").partition("?")[0])
            if self._ours(path):
                self._watch(path, connection)
            return connection

        os.fsync = fsync  # type: ignore[assignment]
        # SQLAlchemy knows the second name. The audit event of a connection comes before it can be used.
        sqlite3.connect = sqlite3.dbapi2.connect = connect  # type: ignore[assignment]
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING and self._ours(path):
                self._heard(f"open {path!s}")
        elif event in _CHANGING_FILES:
            paths = _paths(arguments)
            if any(self._ours(path) for path in paths):
                self._heard(f"{event} {' '.join(paths)}")

    def _ours(self, path: object) -> bool:
        return isinstance(path, (str, bytes, Path)) and os.fsdecode(path).startswith(self._root)

    def _watch(self, path: Path, connection: sqlite3.Connection) -> None:
        key = id(connection)

        def trace(statement: str) -> None:
            self._quietly(lambda: self.on_statement(path, connection, statement))
            found = _CHANGING_SQL.match(statement)
            # Row after row into one table is one event: else the tables would take all the kill points.
            if found and self._last_sql.get(key) != found[1]:
                self._last_sql[key] = found[1]
                self._heard(f"{path.name}: {found[1]}")

        connection.set_trace_callback(trace)

    def _heard(self, event: str) -> None:
        def listen() -> None:
            self.before()
            self._listener(event.replace(self._root, ""))

        self._quietly(listen)

    def _quietly(self, work: Callable[[], None]) -> None:
        """Do the listener's own work, which is no event, one thread at a time."""
        if getattr(self._inside, "now", False):
            return
        self._inside.now = True
        try:
            with self._lock:
                work()
        finally:
            self._inside.now = False


def _paths(arguments: tuple[object, ...]) -> list[str]:
    """The paths among an event's arguments; those that are relative to an open folder (``rmtree``), in full."""
    folders = [number for number in arguments if isinstance(number, int) and number >= 0]
    paths = []
    for path in arguments:
        if isinstance(path, (str, bytes, Path)):
            name = os.fsdecode(path)
            if not name.startswith("/") and folders:
                name = str(Path(f"/proc/self/fd/{folders[-1]}").readlink() / name)
            paths.append(name)
    return paths


class KillAt:
    """Counts events and ends the process at the ``at``-th (from 1); None: counts only."""

    def __init__(self, at: int | None = None) -> None:
        self._at = at
        self.heard: list[str] = []

    def __call__(self, event: str) -> None:
        self.heard.append(event)
        if self._at is not None and len(self.heard) == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
