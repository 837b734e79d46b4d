"""What users and groups of Telegram may see beside public documents, by their ids, whoever let them in."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection, Engine, delete, func, insert, select

from bot.state.tables import telegram_clearances
from corpus.database import reading, write
from corpus.visibility import Clearance, clearance_of

_columns = telegram_clearances.c
_BETWEEN = ","


class Clearances:
    """The clearances in the database. Safe to use from several threads. Every method may raise StoreError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def everyone(self) -> dict[int, Clearance]:
        """By id, those that may see more than is public."""
        query = select(_columns.telegram_id, _columns.labels).where(_columns.labels != "")
        with reading(self._engine) as connection:
            return {row.telegram_id: clearance_of(row.labels.split(_BETWEEN)) for row in connection.execute(query)}

    def fingerprint(self) -> tuple[int, int]:
        """Another value once any was changed; cheap where ``everyone`` is not."""
        query = select(func.count(), func.coalesce(func.sum(_columns.changes), 0)).select_from(telegram_clearances)
        with reading(self._engine) as connection:
            count, changes = connection.execute(query).one()
        return int(count), int(changes)

    def put(self, telegram_id: int, clearance: Clearance) -> None:
        """Replace what somebody may see."""
        write(self._engine, partial(_put, telegram_id=telegram_id, labels=_BETWEEN.join(clearance.stated())))

    def move(self, old_id: int, new_id: int) -> None:
        """Give a group's clearance to the id that it has now."""

        def change(connection: Connection) -> None:
            query = select(_columns.labels).where(_columns.telegram_id == old_id)
            labels = connection.execute(query).scalar()
            if labels is not None:
                _put(connection, telegram_id=new_id, labels=labels)
                _put(connection, telegram_id=old_id, labels="")

        write(self._engine, change)


def _put(connection: Connection, *, telegram_id: int, labels: str) -> None:
    # A row stays when its labels go, so that the sum of changes never falls.
    named = _columns.telegram_id == telegram_id
    changes = connection.execute(select(_columns.changes).where(named)).scalar()
    row = {"telegram_id": telegram_id, "labels": labels, "changes": 0 if changes is None else changes + 1}
    if changes is None and not labels:
        return
    connection.execute(delete(telegram_clearances).where(named))
    connection.execute(insert(telegram_clearances).values(row))
