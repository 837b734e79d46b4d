"""Who asked and did what, when, with what outcome: kept so that it can be looked up, never changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, insert, select

from bot.state.conversations import now_utc
from bot.state.pruning import delete_before
from bot.state.tables import audit
from corpus.database import reading, write

QUESTION = "question"
MAX_DETAIL_CHARS = 4000


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody did. ``detail``: the question, or what was done to what; ``sources``: document ids."""

    actor: str
    channel: str
    action: str
    detail: str = ""
    place: str | None = None
    outcome: str | None = None
    sources: tuple[str, ...] = ()
    answer_id: str | None = None
    latency_ms: float | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A deed with its moment."""

    at: datetime
    deed: Deed


class AuditLog:
    """The deeds in the database. Safe to use from several threads. Every method may raise StoreError."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = now_utc) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, deed: Deed) -> None:
        """Keep a deed, done now."""
        row = {
            "at": self._clock(),
            "actor": deed.actor,
            "channel": deed.channel,
            "action": deed.action,
            "place": deed.place,
            "detail": _storable(deed.detail),
            "outcome": deed.outcome,
            "sources": json.dumps(deed.sources, ensure_ascii=False) if deed.sources else None,
            "answer_id": deed.answer_id,
            "latency_ms": deed.latency_ms,
        }
        write(self._engine, lambda connection: connection.execute(insert(audit).values(row)))

    def find(
        self,
        *,
        since: datetime | None = None,
        actors: Sequence[str] = (),
        action: str | None = None,
        limit: int = 100,
    ) -> list[AuditEntry]:
        """The latest deeds, latest first; ``actors``: only of one of these, where there are any."""
        query = select(audit).order_by(audit.c.at.desc(), audit.c.id.desc()).limit(limit)
        if since is not None:
            query = query.where(audit.c.at >= since)
        if actors:
            query = query.where(audit.c.actor.in_(actors))
        if action is not None:
            query = query.where(audit.c.action == action)
        with reading(self._engine) as connection:
            return [AuditEntry(row.at, deed_of(row)) for row in connection.execute(query)]

    def prune(self, before: datetime) -> int:
        """Delete what was done before that moment; how many."""
        return delete_before(self._engine, audit, audit.c.at, before)


def deed_of(row: Row[Any]) -> Deed:
    """What a row of the audit says was done."""
    return Deed(
        actor=row.actor,
        channel=row.channel,
        action=row.action,
        detail=row.detail,
        place=row.place,
        outcome=row.outcome,
        sources=tuple(json.loads(row.sources)) if row.sources else (),
        answer_id=row.answer_id,
        latency_ms=row.latency_ms,
    )


def _storable(text: str) -> str:
    """What every database takes: no lone surrogates, no NUL, and not more than somebody would read."""
    return text[:MAX_DETAIL_CHARS].encode("utf-8", "replace").decode("utf-8").replace("\x00", "�")
