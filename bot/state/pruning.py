"""Deletes old rows a few at a time, so that nobody who writes has to wait long."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Engine, Table, and_, delete, select

from corpus.database import write

BATCH_ROWS = 500


def delete_before(
    engine: Engine, table: Table, at: ColumnElement[datetime], before: datetime, *also: ColumnElement[bool]
) -> int:
    """Delete the rows whose moment ``at`` lies before ``before`` and that are ``also`` so; how many.

    Raises: StoreError.
    """
    (key,) = table.primary_key.columns
    old = select(key).where(and_(at < before, *also)).limit(BATCH_ROWS)
    statement = delete(table).where(key.in_(old.scalar_subquery()))
    total = 0
    while True:
        deleted = write(engine, lambda connection: connection.execute(statement).rowcount)
        total += deleted
        if deleted < BATCH_ROWS:
            return total
