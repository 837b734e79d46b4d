"""Copies the content of a SQLite database while others read and write it, and puts a copy in its place in one step."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from corpus.database import open_database
from corpus.errors import StoreError
from corpus.store_errors import shown, translated

# 4 MB of the usual pages: between two steps the progress is told.
_PAGES_PER_STEP = 1024
# Writers wait for as long.
_LOG_PATIENCE_MS = 200
OnPages = Callable[[int, int], None]
"""Told how many pages of how many were copied."""


def is_sqlite(engine: Engine) -> bool:
    """Whether this module can do anything with the database."""
    return engine.dialect.name == "sqlite"


def copy_to_file(engine: Engine, target: Path, on_pages: OnPages) -> None:
    """Write one state of the database, that of now, into a new file: checked, complete in itself, not synced.

    Others go on reading and writing. Raises: StoreError: the database is damaged, or cannot be read; OSError.
    """
    with translated(engine.url), _raw(engine) as source:
        # An open transaction holds this state, so that writers do not make the copy begin anew.
        source.execute("BEGIN")
        try:
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            with closing(sqlite3.connect(target, isolation_level=None)) as copy:
                source.backup(copy, pages=_PAGES_PER_STEP, progress=lambda _, left, all_: on_pages(all_ - left, all_))
                copy.execute("PRAGMA journal_mode = DELETE")
                (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            source.execute("ROLLBACK")
    if verdict != "ok":
        raise StoreError(
            f"database '{shown(engine.url)}' is damaged ({verdict}); put back a backup made before: yiju restore FILE"
        )


def replace_content(engine: Engine, source: Path) -> None:
    """Let the database hold what the file ``source`` holds, durably, in one transaction: all of it or nothing.

    Who reads meanwhile sees the old state to the end of their transaction; who writes waits.
    Raises: StoreError: the database cannot be written.
    """
    opened = closing(sqlite3.connect(source, isolation_level=None))
    with translated(engine.url), opened as content, _raw(engine) as target:
        _check_page_size(engine, content, target)
        target.execute("PRAGMA synchronous = FULL")
        try:
            content.backup(target, pages=-1)
        finally:
            target.execute("PRAGMA synchronous = NORMAL")


def shrink_log(engine: Engine) -> None:
    """Let the log, which holds all of a content that was put in place, be small again; not where others are busy."""
    if not is_sqlite(engine):
        return
    with translated(engine.url), _raw(engine) as connection:
        (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
        connection.execute(f"PRAGMA busy_timeout = {_LOG_PATIENCE_MS}")
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute(f"PRAGMA busy_timeout = {patience}")


@contextmanager
def opened_copy(file: Path) -> Iterator[Engine]:
    """A copy as a database of its own, all in the one file again when the block ends. Raises: StoreError."""
    engine = open_database(f"sqlite:///{file}")
    try:
        yield engine
        with _raw(engine) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        engine.dispose()


@contextmanager
def _raw(engine: Engine) -> Iterator[sqlite3.Connection]:
    with closing(engine.raw_connection()) as pooled:
        connection = pooled.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        yield connection


def _check_page_size(engine: Engine, content: sqlite3.Connection, target: sqlite3.Connection) -> None:
    # In WAL mode the size of pages cannot change; SQLite would say that the database is read-only.
    (ours,), (theirs,) = (each.execute("PRAGMA page_size").fetchone() for each in (target, content))
    if ours != theirs:
        raise StoreError(
            f"database '{shown(engine.url)}' has pages of {ours} bytes, the backup of {theirs}; stop the servers, move "
            "the database file away and restore again"
        )
