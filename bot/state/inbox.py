"""The inbox: what a channel was handed, kept from before its receipt is confirmed until it has been dealt with.

An update is ``received``, then ``begun`` (something of it may have gone out, or been changed), then ``done``. What
people wrote is forgotten as soon as it is done; the number stays for some days, so that the same one is known again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, update

from bot.state.conversations import now_utc
from bot.state.tables import inbox
from corpus.database import reading, write

RECEIVED, BEGUN, DONE = "received", "begun", "done"
# Telegram offers an update again for a day, and after a week without any it may count from a new random number.
KEPT_DAYS = 3.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update that has arrived. ``body`` is its JSON."""

    update_id: int
    chat_id: int | None
    body: str


@dataclass(frozen=True, slots=True)
class Mark:
    """How far an update is. ``answer_id``: the stored answer that is being sent, where there is one.

    ``tried``: it was begun after a restart, which counts.
    """

    update_id: int
    state: str
    answer_id: str | None = None
    tried: bool = False


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An update that an earlier process left. ``tries``: how many times it was begun after a restart."""

    update_id: int
    state: str
    body: str
    answer_id: str | None
    tries: int
    received_at: datetime


class Inbox:
    """The inbox in the database. Safe to use from several threads. Every method may raise StoreError."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = now_utc) -> None:
        self._engine = engine
        self._clock = clock

    def keep(self, bot_id: str, arrivals: Sequence[Arrival], marks: Sequence[Mark] = ()) -> frozenset[int]:
        """Store what arrived and how far other updates are, in one transaction; the numbers that are new."""
        now = self._clock()

        def work(connection: Connection) -> frozenset[int]:
            new = _unknown(connection, bot_id, arrivals)
            if new:
                rows = [
                    {
                        "bot_id": bot_id,
                        "update_id": each.update_id,
                        "chat_id": each.chat_id,
                        "body": each.body,
                        "state": RECEIVED,
                        "tries": 0,
                        "received_at": now,
                    }
                    for each in new
                ]
                connection.execute(insert(inbox), rows)
            _mark(connection, bot_id, marks)
            return frozenset(each.update_id for each in new)

        return write(self._engine, work)

    def unfinished(self, bot_id: str) -> list[Unfinished]:
        """What is not done, in the order of arrival."""
        query = select(inbox).where(inbox.c.bot_id == bot_id, inbox.c.state != DONE).order_by(inbox.c.id)
        with reading(self._engine) as connection:
            return [
                Unfinished(row.update_id, row.state, row.body or "", row.answer_id, row.tries, row.received_at)
                for row in connection.execute(query)
            ]

    def prune(self, *, days: float = KEPT_DAYS) -> int:
        """Forget the numbers of what was done that many days ago; how many were forgotten."""
        before = self._clock() - timedelta(days=days)
        old = delete(inbox).where(inbox.c.state == DONE, inbox.c.received_at < before)
        return write(self._engine, lambda connection: connection.execute(old).rowcount)


def _unknown(connection: Connection, bot_id: str, arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Those that were never stored, each once."""
    once = {each.update_id: each for each in arrivals}
    if not once:
        return []
    known = select(inbox.c.update_id).where(inbox.c.bot_id == bot_id, inbox.c.update_id.in_(list(once)))
    for update_id in connection.execute(known).scalars():
        del once[update_id]
    return list(once.values())


def _mark(connection: Connection, bot_id: str, marks: Sequence[Mark]) -> None:
    if not marks:
        return
    which = (inbox.c.bot_id == bot_id, inbox.c.update_id == bindparam("number"), inbox.c.state != DONE)
    statement = (
        update(inbox)
        .where(*which)
        .values(
            state=bindparam("now"),
            answer_id=func.coalesce(bindparam("answer"), inbox.c.answer_id),
            tries=inbox.c.tries + bindparam("tried"),
        )
    )
    connection.execute(
        statement,
        [
            {"number": each.update_id, "now": each.state, "answer": each.answer_id, "tried": int(each.tried)}
            for each in marks
        ],
    )
    if done := [each.update_id for each in marks if each.state == DONE]:
        forget = update(inbox).where(inbox.c.bot_id == bot_id, inbox.c.update_id.in_(done)).values(body=None)
        connection.execute(forget)
