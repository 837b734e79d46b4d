"""The audit for those who look into it: filtered, page by page, and whole for an export. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Select, and_, func, or_, select

from bot.state.audit import Deed, deed_of
from bot.state.tables import audit
from corpus.database import reading

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which deeds; None, "" and () leave none out. ``words``: stands in detail or actor, whatever the case.

    ``outcome``: begins so, as every error begins with ``failed``. ``since`` is taken in, ``until`` is not.
    """

    since: datetime | None = None
    until: datetime | None = None
    actor: str = ""
    channel: str = ""
    action: str = ""
    outcome: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A deed with its moment and its number, which rises."""

    id: int
    at: datetime
    deed: Deed


class AuditPages:
    """Reads the audit of one database. Thread-safe. Every method may raise StoreError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, chosen: AuditFilter, *, before: int | None = None, limit: int = 50) -> list[AuditLine]:
        """The latest, latest first; ``before``: those with a smaller number alone."""
        query = select(audit).where(_condition(chosen)).order_by(audit.c.id.desc()).limit(limit)
        return self._read(query if before is None else query.where(audit.c.id < before))

    def all(self, chosen: AuditFilter) -> Iterator[AuditLine]:
        """All, oldest first, read in batches: what is added meanwhile may come too, nothing comes twice."""
        last = 0
        while True:
            query = select(audit).where(_condition(chosen), audit.c.id > last).order_by(audit.c.id).limit(_BATCH)
            lines = self._read(query)
            yield from lines
            if len(lines) < _BATCH:
                return
            last = lines[-1].id

    def count(self, chosen: AuditFilter) -> int:
        """How many there are."""
        with reading(self._engine) as connection:
            return int(
                connection.execute(select(func.count()).select_from(audit).where(_condition(chosen))).scalar_one()
            )

    def names(self) -> tuple[list[str], list[str]]:
        """The actions and the channels that stand in the audit, for a form to choose from."""
        with reading(self._engine) as connection:
            actions = connection.execute(select(audit.c.action).distinct().order_by(audit.c.action)).scalars().all()
            channels = connection.execute(select(audit.c.channel).distinct().order_by(audit.c.channel)).scalars().all()
        return list(actions), list(channels)

    def _read(self, query: Select[Any]) -> list[AuditLine]:
        with reading(self._engine) as connection:
            return [_line(row) for row in connection.execute(query)]


def _condition(chosen: AuditFilter) -> ColumnElement[bool]:
    columns = audit.c
    wanted: list[ColumnElement[bool]] = [columns.id > 0]
    if chosen.since is not None:
        wanted.append(columns.at >= chosen.since)
    if chosen.until is not None:
        wanted.append(columns.at < chosen.until)
    for column, value in (
        (columns.actor, chosen.actor),
        (columns.channel, chosen.channel),
        (columns.action, chosen.action),
    ):
        if value:
            wanted.append(column == value)
    if chosen.outcome:
        wanted.append(columns.outcome.startswith(chosen.outcome, autoescape=True))
    if chosen.words:
        said = (
            columns.detail.icontains(chosen.words, autoescape=True),
            columns.actor.icontains(chosen.words, autoescape=True),
        )
        wanted.append(or_(*said))
    return and_(*wanted)


def _line(row: Row[Any]) -> AuditLine:
    return AuditLine(row.id, row.at, deed_of(row))
