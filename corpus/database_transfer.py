"""Copies everything from one database into another, of whichever kind: from SQLite to PostgreSQL, or back.

All of it arrives in one transaction and is compared, or nothing does. The target has its tables already, without rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, delete, func, insert, inspect, select, text

from corpus.database import reading, write
from corpus.errors import StoreError
from corpus.postgres import is_postgres
from corpus.store_errors import shown

_ROWS_AT_ONCE = 1000
Progress = Callable[[str, int, int], None]
"""Told the table, and how many of how many rows are copied."""


def transfer(
    source: Engine, target: Engine, tables: Sequence[Table], seeded: Collection[Table], progress: Progress
) -> dict[str, int]:
    """Copy every row of ``tables``, which stand in the order of their foreign keys; how many of each, by name.

    ``seeded``: tables that a migration fills with a row, which gives way to the copied one.
    Raises: StoreError: the target holds something, or there is another table in the source; nothing was copied.
    """
    _check_known(source, tables)
    _check_empty(target, [table for table in tables if table not in seeded])

    def work(into: Connection) -> dict[str, int]:
        with reading(source) as origin:
            copied = {table.name: _copy(origin, into, table, table in seeded, progress) for table in tables}
            differing = [table.name for table in tables if _print(origin, table) != _print(into, table)]
        if differing:
            raise StoreError(f"what arrived differs from what was sent in {', '.join(differing)}; nothing was copied")
        return copied

    return write(target, work)


def _check_known(source: Engine, tables: Iterable[Table]) -> None:
    with reading(source) as connection:
        there = {name for name in inspect(connection).get_table_names() if not name.startswith("alembic_version")}
    if unknown := there - {table.name for table in tables}:
        raise StoreError(
            f"database '{shown(source.url)}' has tables that yiju does not know ({', '.join(sorted(unknown))}), which "
            "would be left behind; nothing was copied; move them elsewhere, or copy with the tools of the databases"
        )


def _check_empty(target: Engine, tables: Iterable[Table]) -> None:
    with reading(target) as connection:
        filled = [table.name for table in tables if connection.execute(select(table).limit(1)).first() is not None]
    if filled:
        raise StoreError(
            f"database '{shown(target.url)}' is in use already ({', '.join(filled)} have rows); nothing was copied; "
            "name an empty one"
        )


def _copy(origin: Connection, into: Connection, table: Table, seeded: bool, progress: Progress) -> int:
    if seeded:
        into.execute(delete(table))
    total = origin.execute(select(func.count()).select_from(table)).scalar_one()
    done = 0
    rows = origin.execute(select(table).execution_options(yield_per=_ROWS_AT_ONCE))
    for batch in rows.mappings().partitions():
        into.execute(insert(table), [dict(row) for row in batch])
        done += len(batch)
        progress(table.name, done, total)
    if done and is_postgres(into):
        _go_on_counting(into, table)
    return done


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let the next row get a number that no copied row has."""
    column = table.autoincrement_column
    if column is None:
        return
    sequence = connection.execute(
        text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
    ).scalar()
    if sequence is not None:
        highest = connection.execute(select(func.max(column))).scalar_one()
        connection.execute(text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest})


def _print(connection: Connection, table: Table) -> tuple[int, int]:
    """How many rows, and a digest of them that does not depend on their order, which collations may change."""
    count = digest = 0
    for row in connection.execute(select(table).execution_options(yield_per=_ROWS_AT_ONCE)):
        count += 1
        digest ^= int.from_bytes(hashlib.sha256(repr(_plain(row)).encode("utf-8", "surrogatepass")).digest()[:16])
    return count, digest


def _plain(row: Row[Any]) -> list[Any]:
    return [bytes(value) if isinstance(value, memoryview | bytearray) else value for value in row]
