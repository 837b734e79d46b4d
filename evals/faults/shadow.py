"""What a disk would still hold after a power loss: watched inside a child, written down beside its data folder.

The content of a file counts as kept when ``os.fsync`` was called on it, a folder's names when it was called on the
folder, a database when a transaction under ``PRAGMA synchronous = FULL`` has ended. Syncing done by native code counts
for nothing, so the watch is stricter than any disk.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import stat
from pathlib import Path

from evals.faults.events import Events

JOURNAL, COPIES = "journal.jsonl", "copies"
DATABASE_FILES = ("", "-wal")
_SYNCHRONOUS = re.compile(r"\s*PRAGMA\s+synchronous\s*=\s*(\w+)", re.IGNORECASE)
_FULL = ("FULL", "EXTRA", "2", "3")


class Shadow:
    """Keeps copies of everything that is safe. Lines of the journal:

    ``{"folder": inode, "names": {name: inode}}``, ``{"file": inode, "copy": path}``,
    ``{"database": name, "copy": folder}``; the last line about a thing is what is safe of it.
    """

    def __init__(self, data: Path, place: Path) -> None:
        self._data = data
        (place / COPIES).mkdir(parents=True)
        self._copies = place / COPIES
        self._count = 0
        self._journal = (place / JOURNAL).open("w", encoding="utf-8")
        # Descriptors of everything that was safe: while they are open no other file gets the same inode number.
        self._held: list[int] = []
        self._modes: dict[int, str] = {}
        self._ending: list[tuple[Path, sqlite3.Connection]] = []

    def begin(self) -> None:
        """Everything that is there now is safe."""
        for folder, _, names in os.walk(self._data):
            self.synced(Path(folder))
            for name in names:
                if not is_database(self._data, Path(folder, name)):
                    self.synced(Path(folder, name))
        for database in sorted(self._data.glob("*.db")):
            self._keep_database(database)

    def synced(self, path: Path) -> None:
        """``os.fsync`` was called on a file or folder."""
        status = path.stat()
        self._held.append(os.open(path, os.O_RDONLY))
        if stat.S_ISDIR(status.st_mode):
            self._write({"folder": status.st_ino, "names": {entry.name: entry.inode() for entry in os.scandir(path)}})
            return
        copy = self._copies / str(self._count)
        self._count += 1
        shutil.copyfile(path, copy)
        self._write({"file": status.st_ino, "copy": str(copy)})

    def statement(self, path: Path, connection: sqlite3.Connection, statement: str) -> None:
        """A connection is about to run a statement."""
        if found := _SYNCHRONOUS.match(statement):
            if self._modes.get(id(connection)) in _FULL:
                self._keep_database(path)  # what was done without a statement, a copy of pages, has ended
            self._modes[id(connection)] = found[1].upper()
        elif "wal_checkpoint" in statement or (
            self._modes.get(id(connection), "FULL") in _FULL and not statement.lstrip().upper().startswith("SELECT")
        ):
            self._ending.append((path, connection))

    def settle(self) -> None:
        """Keep what transactions that have ended made safe; called before anything else happens."""
        for path, connection in self._ending:
            try:
                ended = not connection.in_transaction
            except sqlite3.ProgrammingError:
                ended = True  # closed meanwhile
            if ended and path.exists():
                self._keep_database(path)
        self._ending = [(path, connection) for path, connection in self._ending if _open_in(connection)]

    def _keep_database(self, path: Path) -> None:
        if not is_database(self._data, path):
            return
        folder = self._copies / f"database-{self._count}"
        self._count += 1
        folder.mkdir()
        for suffix in DATABASE_FILES:
            file = path.with_name(path.name + suffix)
            if file.exists():
                shutil.copyfile(file, folder / file.name)
        self._write({"database": path.name, "copy": str(folder)})

    def _write(self, line: dict[str, object]) -> None:
        self._journal.write(json.dumps(line) + "\n")
        self._journal.flush()


def _open_in(connection: sqlite3.Connection) -> bool:
    try:
        return connection.in_transaction
    except sqlite3.ProgrammingError:
        return False


def is_database(data: Path, path: Path) -> bool:
    """Whether the file belongs to one of the databases, which keep their own journal."""
    return path.parent == data and bool(re.search(r"\.db(-wal|-shm|-journal)?$", path.name))


def watch(events: Events, shadow: Shadow) -> None:
    """Let the shadow see everything from now on. Before ``events.install``."""
    shadow.begin()
    events.before = shadow.settle
    events.after_sync = shadow.synced
    events.on_statement = shadow.statement
