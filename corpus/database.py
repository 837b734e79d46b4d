"""Opens the database, runs transactions on it and brings its tables up to date.

Used by every package that keeps tables (``corpus``, ``bot.state``). Says nothing about what the tables are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from corpus import postgres
from corpus.errors import StoreError
from corpus.frozen_database import CAUSE, read_without_writing
from corpus.store_errors import is_contention, lost_at_commit, shown, store_error, translated

BUSY_TIMEOUT_SECONDS = 10.0
ATTEMPTS = 4
_WRITES, _DOMAIN = "yiju_writes", "yiju_domain"
Result = TypeVar("Result")


def open_database(url: str) -> Engine:
    """An engine for ``url``; no connection is made before the first use. A SQLite file's folder is created.

    Raises: StoreError: the URL cannot be used, its driver is missing, or the folder cannot be created.
    """
    try:
        parsed = postgres.with_driver(make_url(url))
    except ArgumentError as error:
        raise StoreError(
            f"YIJU_DATABASE_URL is not a database URL (it begins {url[:12]!r}); "
            "write for example sqlite:////var/lib/yiju/yiju.db or postgresql+psycopg://user@host/name"
        ) from error
    sqlite = parsed.get_backend_name() == "sqlite"
    if sqlite:
        _prepare_sqlite_file(parsed)
    try:
        # hide_parameters: an error's text gets into logs, and parameters hold what people asked.
        engine = create_engine(parsed, hide_parameters=True, **_options(parsed))
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(
            f"no driver for '{parsed.drivername}' is installed ({error}); "
            "install it (for PostgreSQL: pip install 'yiju[postgres]', URL postgresql+psycopg://...) or use SQLite"
        ) from error
    if sqlite:
        if parsed.database and not parsed.database.startswith("file:"):
            read_without_writing(engine, parsed.database)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    if parsed.drivername == "postgresql+psycopg":
        event.listen(engine, "connect", postgres.set_up)
    return engine


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {}
    # A connection may have been lost since it was used last: it is tried first, and made anew.
    options: dict[str, Any] = {"pool_pre_ping": True, "connect_args": postgres.connect_arguments(url)}
    return options | (postgres.POOL if url.get_backend_name() == "postgresql" else {})


def in_domain(engine: Engine, domain: str) -> Engine:
    """The same database for the tables of one domain, whose writers do not wait for those of another.

    On SQLite they do. No transaction may write to two domains.
    """
    return engine.execution_options(**{_DOMAIN: domain})


def _prepare_sqlite_file(url: URL) -> None:
    if not url.database or url.database == ":memory:" or "mode=memory" in url.render_as_string():
        raise StoreError(
            "YIJU_DATABASE_URL asks for an in-memory SQLite database, which each connection would have for itself; "
            "name a file: sqlite:///yiju.db"
        )
    if url.database.startswith("file:"):
        return
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise store_error(url, error) from error


def _set_up_sqlite(connection: Any, record: Any) -> None:
    # Transactions are begun by _begin_sqlite: the driver's own way would begin them too late for a read to be stable.
    connection.isolation_level = None
    if CAUSE in record.info:
        return
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_SECONDS * 1000)}")
        if cursor.execute("PRAGMA journal_mode").fetchone()[0].lower() != "wal":
            cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
    finally:
        cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that will write takes the lock at once; one that reads first and writes later cannot wait for it.
    writes = connection.get_execution_options().get(_WRITES, False)
    if writes and CAUSE in connection.info:
        raise connection.info[CAUSE]
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A short transaction that sees one state of the database. Raises: StoreError."""
    with translated(engine.url), engine.connect() as connection:
        if postgres.is_postgres(engine):  # its default lets each statement see another state; SQLite's does not
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def write(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """Run ``work`` in one transaction: all of it is stored, or nothing. Transactions that write run one at a time.

    ``work`` runs again from its beginning where another writer was in the way or the server was lost before the
    commit, so it must have no effect outside the database. Raises: StoreError.
    """
    with translated(engine.url):
        for attempt in range(1, ATTEMPTS):
            try:
                return _write_once(engine, work)
            except DBAPIError as error:
                if not is_contention(error) and not error.connection_invalidated:
                    raise
                time.sleep(0.05 * 2**attempt)
        return _write_once(engine, work)


def _write_once(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    with engine.connect().execution_options(**{_WRITES: True}) as connection:
        connection.begin()
        if postgres.is_postgres(engine):
            domain = engine.get_execution_options().get(_DOMAIN, "state")
            postgres.take_turn(connection, domain, BUSY_TIMEOUT_SECONDS)
        result = work(connection)
        try:
            connection.commit()
        except DBAPIError as error:
            if error.connection_invalidated:
                raise lost_at_commit(engine.url) from error
            raise
        return result


@contextmanager
def held_across_hosts(engine: Engine, name: str) -> Iterator[bool]:
    """Hold the lock ``name`` among all hosts that use this database; whether it was free.

    On SQLite, which is one host's, nothing is held and it is always free. Raises: StoreError.
    """
    if not postgres.is_postgres(engine):
        yield True
        return
    with translated(engine.url):
        holder = postgres.try_hold(engine, name)
    try:
        yield holder is not None
    finally:
        if holder is not None:
            postgres.let_go(holder, name)


def make_durable(engine: Engine, statement: str) -> None:
    """Commit ``statement``, which must change something, and with it everything committed before: on disk, for good.

    SQLite's other commits may be lost in a power cut (decision 0005). PostgreSQL's are durable: nothing is done.
    Raises: StoreError.
    """
    if engine.dialect.name != "sqlite":
        return
    with translated(engine.url), closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        try:
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute(statement)
        finally:
            cursor.execute("PRAGMA synchronous = NORMAL")
            cursor.close()


def migrate(engine: Engine, script_location: Path, version_table: str) -> None:
    """Bring the tables of one package to the state this program knows; nothing is done where they are there already.

    The revisions are the files ``versions/NNNN_name.py`` under ``script_location``, NNNN being the revision.
    Raises: StoreError: the database is newer than this program, or cannot be written.
    """
    known = known_revisions(script_location)
    if _state(engine, known, version_table):
        return

    def upgrade(connection: Connection) -> None:
        _lock_migrations(connection)
        if _stored_revision(connection, version_table) == known[-1]:
            return  # another process did it while this one waited
        _run_alembic(connection, script_location, version_table)

    write(engine, upgrade)


def known_revisions(script_location: Path) -> list[str]:
    """The revisions that this program has, oldest first."""
    return sorted(path.name.split("_", 1)[0] for path in (script_location / "versions").glob("[0-9]*_*.py"))


def _state(engine: Engine, known: list[str], version_table: str) -> bool:
    """Whether the tables are up to date."""
    with reading(engine) as connection:
        stored = _stored_revision(connection, version_table)
    if stored is not None and stored not in known:
        raise StoreError(
            f"database '{shown(engine.url)}' is at revision {stored} of {version_table}, this program knows up to "
            f"{known[-1]}: it was written by a newer yiju; nothing was changed; install that version, or put back the "
            "backup made before it"
        )
    return stored == known[-1]


def _stored_revision(connection: Connection, version_table: str) -> str | None:
    if not inspect(connection).has_table(version_table):
        return None
    return connection.execute(text(f"SELECT version_num FROM {version_table}")).scalar()  # noqa: S608 - a constant name


def _lock_migrations(connection: Connection) -> None:
    # SQLite's write transaction is such a lock already.
    if postgres.is_postgres(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(7915274)"))


def _run_alembic(connection: Connection, script_location: Path, version_table: str) -> None:
    # Imported here: a database that is up to date, the usual case, needs no Alembic (0.2 s of start-up).
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(script_location).replace("%", "%%"))
    config.attributes.update(connection=connection, version_table=version_table)
    command.upgrade(config, "head")
