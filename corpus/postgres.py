"""What PostgreSQL needs so that the rest may take it for SQLite: writers take turns, and a lost server is noticed.

Nothing here opens an engine; ``database`` does. Locks are advisory ones, which PostgreSQL keeps apart by database.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import DBAPIError

# A server that is gone without a word is noticed within a minute; libpq by itself would wait for hours.
_CONNECTING = {
    "application_name": "yiju",
    "connect_timeout": "10",
    "keepalives_idle": "20",
    "keepalives_interval": "5",
    "keepalives_count": "6",
    "tcp_user_timeout": "60000",
}
# Threads that answer, index and poll at once hold one each for some milliseconds; the rest waits for a free one.
POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 20, "pool_timeout": 30, "pool_recycle": 1800}
# Stands for U+0000 in the database: Unicode has it for programs alone, so no text of people holds it.
_NUL = "\ufdd0"
_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


def is_postgres(engine: Engine | Connection) -> bool:
    """Whether the database is PostgreSQL."""
    return engine.dialect.name == "postgresql"


def with_driver(url: URL) -> URL:
    """``url`` with the driver that yiju installs, where it is PostgreSQL's and names none."""
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def connect_arguments(url: URL) -> dict[str, Any]:
    """How to connect with psycopg, for all that the URL leaves open."""
    if url.drivername != "postgresql+psycopg":
        return {}
    return {name: value for name, value in _CONNECTING.items() if name not in url.query}


def set_up(connection: Any, _record: object) -> None:
    """Let a new psycopg connection keep U+0000, which a source may hold and PostgreSQL's texts may not."""
    connection.adapters.register_dumper(str, _dumper())
    connection.adapters.register_loader("text", _loader())


@cache
def _dumper() -> type[Any]:
    from psycopg.types.string import StrDumper  # noqa: PLC0415 - only where PostgreSQL is used

    class Dumper(StrDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", _NUL) if "\0" in obj else obj)

    return Dumper


@cache
def _loader() -> type[Any]:
    from psycopg.types.string import TextLoader  # noqa: PLC0415 - only where PostgreSQL is used

    class Loader(TextLoader):
        def load(self, data: Any) -> Any:
            loaded = super().load(data)
            return loaded.replace(_NUL, "\0") if isinstance(loaded, str) and _NUL in loaded else loaded

    return Loader


def take_turn(connection: Connection, domain: str, timeout_seconds: float) -> None:
    """Wait until no other transaction that writes to ``domain`` is open; the turn ends with this one's transaction.

    PostgreSQL would let two transactions read, decide and write at once, where SQLite has one writer at a time.
    Raises: DBAPIError: the wait was too long.
    """
    connection.execute(
        text("SELECT set_config('lock_timeout', :milliseconds, true), pg_advisory_xact_lock(:key)"),
        {"milliseconds": str(int(timeout_seconds * 1000)), "key": lock_key(f"write {domain}")},
    )


def try_hold(engine: Engine, name: str) -> Connection | None:
    """The connection that now holds the lock ``name``; None where another holds it.

    The server frees it when this process or its host dies, as soon as it notices. Raises: DBAPIError.
    """
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": lock_key(name)}).scalar():
        return connection
    connection.close()
    return None


def let_go(connection: Connection, name: str) -> None:
    """Let the lock go that ``try_hold`` gave, and the connection."""
    try:
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": lock_key(name)})
    except DBAPIError:
        connection.invalidate()  # the server is lost, and the lock with it
    connection.close()


def lock_key(name: str) -> int:
    """The number of a lock: 63 bits that nobody else is likely to use."""
    return int.from_bytes(hashlib.sha256(f"yiju {name}".encode()).digest()[:8]) >> 1
