"""Turns what a database driver says into a sentence: what happened, what was kept, what to do.

Knows the words of SQLite and, for the common cases, of PostgreSQL. Nothing here opens a database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Error as SqliteError

from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from corpus.errors import StoreError

# A fragment of the driver's message, lower case, to what happened and the cure. The first that fits is used.
_CAUSES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("readonly", "read-only", "permission denied"),
        "is read-only",
        "give the user that runs yiju write access to the file and its folder, or choose another with YIJU_DATA_DIR",
    ),
    (
        ("disk is full", "disk full", "no space left", "disk i/o error", "quota"),
        "could not be written: the disk is full or failing",
        "free space there, then run the same command again",
    ),
    (
        ("malformed", "not a database", "file is encrypted"),
        "is damaged",
        "stop yiju, move the file and its -wal and -shm files aside, put back a backup if there is one, and run: "
        "yiju index (documents are read again from their sources; conversations and keys come only from a backup)",
    ),
    (
        ("locked", "busy", "deadlock", "could not serialize", "lock timeout"),
        "is held by another program that does not let go",
        "wait for the other yiju command to end, or stop it, then try again",
    ),
    (
        ("no such table", "no such column", "does not exist", "undefinedtable"),
        "has not the tables that this program needs",
        "run: yiju index (which creates them), or point YIJU_DATABASE_URL at the right database",
    ),
    (
        ("surrogates not allowed", "null characters", "nul (0x00)", "invalid byte sequence"),
        "cannot hold text that is not valid Unicode",
        "rename the file whose name or content has such bytes, then try again",
    ),
    (
        ("authentication failed", "no password supplied", "pg_hba.conf"),
        "does not let this user in",
        "check the user and the password in YIJU_DATABASE_URL, or in the file that YIJU_DATABASE_URL_FILE names",
    ),
    (
        ("too many clients", "remaining connection slots", "queuepool limit"),
        "has no connection left",
        "try again; if it lasts, raise max_connections of the server: each yiju process takes up to 30",
    ),
    (
        (
            *("unable to open", "could not connect", "connection refused", "could not translate", "connection failed"),
            *("server closed the connection", "terminating connection", "connection is lost", "connection timeout"),
            *("failed to resolve host", "the database system is", "consuming input failed", "connection is"),
        ),
        "cannot be reached",
        "check that the folder exists and may be entered, or that the database server runs, and YIJU_DATABASE_URL",
    ),
)


def store_error(url: URL, error: Exception) -> StoreError:
    """The sentence for ``error``; a password in ``url`` is not shown."""
    said = str(getattr(error, "orig", None) or error).strip()
    lowered = said.lower()
    what, cure = "refused what was asked", "see the message; if it is not clear, run: yiju doctor"
    for fragments, happened, remedy in _CAUSES:
        if any(fragment in lowered for fragment in fragments):
            what, cure = happened, remedy
            break
    first_line = said.splitlines()[0] if said else type(error).__name__
    return StoreError(
        f"database '{shown(url)}' {what} ({first_line}); this step was undone as a whole, what was stored before is "
        f"kept; {cure}"
    )


def lost_at_commit(url: URL) -> StoreError:
    """The sentence for a server that was lost while it was told to keep a transaction: it may have kept it."""
    return StoreError(
        f"database '{shown(url)}' was lost while a step was being stored; it is stored as a whole or not at all; look "
        "whether it is there before it is done again"
    )


def shown(url: URL) -> str:
    """``url`` for people: a SQLite file as its path, a server without its password."""
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database
    return url.render_as_string(hide_password=True)


def is_contention(error: Exception) -> bool:
    """Whether the same transaction may well succeed when it is tried again.

    "duplicate key" is PostgreSQL's, where two writers found a row missing at the same time; the second finds it now.
    """
    said = str(getattr(error, "orig", None) or error).lower()
    return any(
        word in said for word in ("locked", "busy", "deadlock", "could not serialize", "duplicate key", "lock timeout")
    )


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Raise what the database says inside the block as StoreError."""
    try:
        yield
    except (SQLAlchemyError, SqliteError, UnicodeEncodeError) as error:
        raise store_error(url, error) from error
