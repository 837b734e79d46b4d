"""Reading a SQLite database where nothing can be written: a full disk, a read-only volume.

SQLite's journal needs a file beside the database even to be read. Where that cannot be made and no journal is left
over, the database file alone is whole, and is read as one that nobody changes. Each use tries the ordinary way again.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, event

CAUSE = "yiju_frozen"
_CANNOT_WRITE = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY)


def read_without_writing(engine: Engine, database: str) -> None:
    """Let the engine's connections read where they cannot write. ``connection.info[CAUSE]`` is then why they cannot."""
    path = Path(database)

    def connect(dialect: Any, record: Any, arguments: list[Any], named: dict[str, Any]) -> Any:
        connection = dialect.connect(*arguments, **named)
        try:
            connection.execute("SELECT 1 FROM sqlite_master")
        except sqlite3.OperationalError as error:
            connection.close()
            if error.sqlite_errorcode & 0xFF not in _CANNOT_WRITE or not _whole(path):
                raise
            uri = f"file:{quote(str(path.resolve()))}?immutable=1"
            frozen = dialect.connect(uri, *arguments[1:], **{**named, "uri": True})
            record.info[CAUSE] = _cause(path, error)
            return frozen
        return connection

    def check_in(_connection: Any, record: Any) -> None:
        if CAUSE in record.info:
            record.invalidate()

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkin", check_in)


def _whole(path: Path) -> bool:
    """Whether everything committed is in the database file itself."""
    log = path.with_name(path.name + "-wal")
    return path.is_file() and path.stat().st_size > 0 and (not log.exists() or not log.stat().st_size)


def _cause(path: Path, error: sqlite3.OperationalError) -> sqlite3.OperationalError:
    if os.access(path.parent, os.W_OK):
        return error
    return sqlite3.OperationalError("attempt to write a readonly database")
