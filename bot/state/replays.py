"""Requests that may be sent again: each is carried out once, and its answer kept for a day.

Knows owners, keys and bytes; nothing of HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.state.conversations import now_utc
from bot.state.processes import ProcessMark, is_alive, this_process
from bot.state.pruning import delete_before
from bot.state.replay_tables import request_replays
from corpus.database import write

KEPT = timedelta(hours=24)
# A request of a machine that cannot be looked at is given up after so long: none takes longer.
SILENCE = timedelta(minutes=10)
# What is over must go also where all else is kept for ever.
PRUNED_EVERY = timedelta(hours=1)
_columns = request_replays.c


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a request was answered. ``fingerprint``: what the request was."""

    fingerprint: str
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class InFlight:
    """The same request is being carried out."""


class Replays:
    """The requests in the database. Safe to use from several threads and processes. Every method may raise StoreError.

    ``begin`` is followed by ``keep`` or ``release``; where the process dies between, the next ``begin`` sees that.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], datetime] = now_utc,
        process: ProcessMark | None = None,
        alive: Callable[[ProcessMark], bool | None] = is_alive,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._process = process or this_process()
        self._alive = alive
        self._pruned_at: datetime | None = None

    def begin(self, owner: str, key: str) -> KeptAnswer | InFlight | None:
        """What is known of a request; None where the caller is to carry it out now."""
        self._prune_now_and_then()
        return write(self._engine, lambda connection: self._begin(connection, owner, key))

    def _begin(self, connection: Connection, owner: str, key: str) -> KeptAnswer | InFlight | None:
        mine = (_columns.owner == owner, _columns.key == key)
        known = connection.execute(select(request_replays).where(*mine)).first()
        if known is not None and not self._is_over(known):
            return _kept(known)
        if known is not None:
            connection.execute(delete(request_replays).where(_columns.id == known.id))
        row = {"owner": owner, "key": key, "process": self._process.text(), "begun_at": self._clock()}
        try:
            with connection.begin_nested():
                connection.execute(insert(request_replays).values(row))
        except IntegrityError:  # another one began it just now
            return InFlight()
        return None

    def keep(self, owner: str, key: str, answer: KeptAnswer) -> None:
        """Keep what a request that was begun here was answered."""
        values = {
            "fingerprint": answer.fingerprint,
            "status": answer.status,
            "headers": json.dumps(dict(answer.headers), ensure_ascii=False),
            "body": answer.body,
        }
        statement = update(request_replays).where(*self._begun_here(owner, key)).values(values)
        write(self._engine, lambda connection: connection.execute(statement))

    def release(self, owner: str, key: str) -> None:
        """Forget a request that was begun here and did nothing: it may be carried out when it is sent again."""
        statement = delete(request_replays).where(*self._begun_here(owner, key))
        write(self._engine, lambda connection: connection.execute(statement))

    def prune(self) -> int:
        """Delete what is over, some at a time; how many."""
        return delete_before(self._engine, request_replays, _columns.begun_at, self._clock() - KEPT)

    def _prune_now_and_then(self) -> None:
        now = self._clock()
        if self._pruned_at is None or now - self._pruned_at > PRUNED_EVERY:
            self._pruned_at = now
            self.prune()

    def _begun_here(self, owner: str, key: str) -> tuple[Any, ...]:
        mine = (_columns.owner == owner, _columns.key == key, _columns.process == self._process.text())
        return (*mine, _columns.status.is_(None))

    def _is_over(self, row: Row[Any]) -> bool:
        age: timedelta = self._clock() - row.begun_at
        if row.status is not None or age > KEPT:
            return age > KEPT
        alive = self._alive(ProcessMark.parse(row.process))
        return not alive if alive is not None else age > SILENCE


def _kept(row: Row[Any]) -> KeptAnswer | InFlight:
    if row.status is None:
        return InFlight()
    return KeptAnswer(row.fingerprint, row.status, json.loads(row.headers), bytes(row.body))
