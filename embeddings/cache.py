"""Vectors of passages already seen, kept in one SQLite file by model and by hash of the text.

A cache: losing it costs time only. Questions are not kept here; their vectors carry another prompt.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from embeddings.embedder import Vectors
from embeddings.errors import VectorCacheError

Vector = npt.NDArray[np.float32]
Result = TypeVar("Result")

_APPLICATION_ID = 0x59495645  # "YIVE": tells our file from any other SQLite database
_FORMAT = 1
_BUSY_SECONDS = 30.0
# Below SQLite's default limit of 32,766 variables; larger lists gain nothing.
_LOOKUP_ROWS = 2000
# One transaction each: short ones let other processes write between, and a full disk loses only the last.
_STORE_ROWS = 1000
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS models (id INTEGER PRIMARY KEY, model_id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS vectors (model INTEGER NOT NULL REFERENCES models (id), key BLOB NOT NULL,
    vector BLOB NOT NULL, checksum INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS vectors_by_key ON vectors (model, key);
"""

_log = logging.getLogger(__name__)


def text_key(text: str) -> bytes:
    """The key of a text: its SHA-256. Lone surrogates, which cannot be encoded otherwise, are hashed as they are."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class VectorCache:
    """Vectors by (model id, text key), float32, bit for bit as stored. Safe for several threads and processes.

    A damaged file is moved aside with a warning and begun anew.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        Raises: VectorCacheError: it cannot be opened or created, or is a database of something else.
        """
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None
        self._attempt(lambda connection: None)

    def lookup(self, model_id: str, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        """The vectors that are known, read-only, by key; unknown keys are left out.

        Raises: VectorCacheError: the file cannot be read.
        """
        return self._attempt(lambda connection: _lookup(connection, model_id, keys)) if keys else {}

    def store(self, model_id: str, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Keep one row of ``vectors`` for each key; a key already there is replaced.

        Raises:
            ValueError: not as many rows as keys.
            VectorCacheError: it cannot be written, for instance because the disk is full; earlier vectors are kept.

        """
        if vectors.ndim != 2 or len(vectors) != len(keys):
            raise ValueError(f"{len(keys)} keys, but vectors of shape {vectors.shape}")
        rows = np.ascontiguousarray(vectors, dtype="<f4")
        pairs = zip(keys, (row.tobytes() for row in rows), strict=True)
        while batch := list(islice(pairs, _STORE_ROWS)):
            self._attempt(lambda connection, batch=batch: _store(connection, model_id, batch))  # type: ignore[misc]

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            self._drop()

    def _attempt(self, use: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run one use of the open file; where the file is damaged, once more on a new one."""
        with self._lock:
            try:
                return use(self._open())
            except sqlite3.DatabaseError as error:
                if _code(error) not in _DAMAGED:
                    self._drop()
                    raise self._explained(error) from error
                self._set_aside(error)
            try:
                return use(self._open())
            except sqlite3.DatabaseError as error:
                self._drop()
                raise self._explained(error) from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise VectorCacheError(
                    f"the folder of the vector cache {self._path} cannot be made ({error.strerror}); check the path"
                ) from error
            # check_same_thread: self._lock already lets one thread in at a time.
            self._connection = sqlite3.connect(
                self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._prepare(self._connection)
            self._opened = self._identity()
        return self._connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Create the tables in an empty file; refuse one that is not ours rather than move it aside."""
        # In this order: tables and mark come in one transaction, which another process may end between the two looks.
        is_empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        found = connection.execute("PRAGMA application_id").fetchone()[0]
        if not is_empty and found != _APPLICATION_ID:
            self._drop()
            raise VectorCacheError(f"{self._path} is a database of something else; give the vector cache another path")
        connection.execute("PRAGMA journal_mode = WAL")
        # Every batch is on disk for good: a power cut makes nobody embed it again.
        connection.execute("PRAGMA synchronous = FULL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == _FORMAT:
            return
        if version > _FORMAT:
            self._drop()
            raise VectorCacheError(
                f"{self._path} has format {version}, this version reads {_FORMAT}; delete it (it is only a cache)"
            )
        connection.executescript(
            f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA application_id = {_APPLICATION_ID}; "
            f"PRAGMA user_version = {_FORMAT}; COMMIT;"
        )

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        """Rename the damaged file, unless another process has already done so."""
        opened = self._opened
        self._drop()
        if opened is not None and opened != self._identity():
            return
        aside = self._path.with_name(f"{self._path.name}.damaged-{time.time_ns()}")
        _log.warning("the vector cache %s is damaged (%s); moved to %s and begun anew", self._path, error, aside.name)
        try:
            self._path.replace(aside)
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        except FileNotFoundError:
            return
        except OSError as failure:
            raise VectorCacheError(
                f"the vector cache {self._path} is damaged and cannot be moved ({failure.strerror}); delete it"
            ) from failure

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._opened = None, None

    def _explained(self, error: sqlite3.DatabaseError) -> VectorCacheError:
        cures = {
            sqlite3.SQLITE_FULL: "the disk is full; vectors stored before are kept; free some space and try again",
            sqlite3.SQLITE_BUSY: "another process is writing to it all the time; try again when it has ended",
            sqlite3.SQLITE_READONLY: "it cannot be written; check the permissions of the file and its folder",
            sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check the path and the permissions of its folder",
        }
        cure = cures.get(_code(error), "vectors stored before are kept; check the disk, or delete the file")
        return VectorCacheError(f"the vector cache {self._path} failed ({error}): {cure}")


def _code(error: sqlite3.DatabaseError) -> int:
    """The primary result code; a plain DatabaseError of the Python module itself has none."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def _lookup(connection: sqlite3.Connection, model_id: str, keys: Iterable[bytes]) -> dict[bytes, Vector]:
    found: dict[bytes, Vector] = {}
    wanted = iter(dict.fromkeys(keys))
    while batch := list(islice(wanted, _LOOKUP_ROWS)):
        marks = ",".join("?" * len(batch))
        rows = connection.execute(
            "SELECT key, vector, checksum FROM vectors "  # noqa: S608 - only question marks are put in
            f"WHERE model = (SELECT id FROM models WHERE model_id = ?) AND key IN ({marks})",
            [model_id, *batch],
        )
        # SQLite does not notice changed bytes inside a value; such a vector counts as unknown and is made again.
        found.update((key, np.frombuffer(blob, "<f4")) for key, blob, checksum in rows if zlib.crc32(blob) == checksum)
    return found


def _store(connection: sqlite3.Connection, model_id: str, batch: Sequence[tuple[bytes, bytes]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("INSERT INTO models (model_id) VALUES (?) ON CONFLICT DO NOTHING", [model_id])
        model = connection.execute("SELECT id FROM models WHERE model_id = ?", [model_id]).fetchone()[0]
        connection.executemany(
            "INSERT OR REPLACE INTO vectors (model, key, vector, checksum) VALUES (?, ?, ?, ?)",
            ((model, key, blob, zlib.crc32(blob)) for key, blob in batch),
        )
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
