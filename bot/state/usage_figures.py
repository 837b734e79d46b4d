"""How many questions were asked a day, how they ended and how long they took, counted by the database."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, select

from bot.state.audit import QUESTION
from bot.state.conversations import now_utc
from bot.state.tables import audit
from corpus.database import reading

MAX_DAYS = 366


@dataclass(frozen=True, slots=True)
class UsageDay:
    """One day. ``outcomes`` and ``channels`` count questions by name (``failed``: ended in an error); times in ms."""

    day: date
    questions: int
    outcomes: Mapping[str, int]
    channels: Mapping[str, int]
    people: int
    p50_ms: float | None
    p95_ms: float | None


class UsageFigures:
    """Reads the audit of one database. Thread-safe. Every method may raise StoreError.

    ``zone``: whose midnights part the days; None: of this machine.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = now_utc, zone: tzinfo | None = None) -> None:
        self._engine = engine
        self._clock = clock
        self._zone = zone

    def days(self, count: int) -> list[UsageDay]:
        """The last days, oldest first, today last and not over yet. ``count``: 1 to ``MAX_DAYS``."""
        today = self._clock().astimezone(self._zone).date()
        first = today - timedelta(days=min(max(count, 1), MAX_DAYS) - 1)
        with reading(self._engine) as connection:
            return [self._day(connection, first + timedelta(days=n)) for n in range((today - first).days + 1)]

    def _day(self, connection: Connection, day: date) -> UsageDay:
        columns = audit.c
        asked = and_(
            columns.action == QUESTION, columns.at >= self._midnight(day), columns.at < self._midnight(day, later=1)
        )
        counted = select(columns.channel, columns.outcome, func.count()).where(asked)
        outcomes: dict[str, int] = {}
        channels: dict[str, int] = {}
        for channel, outcome, times in connection.execute(counted.group_by(columns.channel, columns.outcome)):
            name = str(outcome or "").partition(":")[0]
            outcomes[name] = outcomes.get(name, 0) + times
            channels[channel] = channels.get(channel, 0) + times
        total = sum(outcomes.values())
        if not total:
            return UsageDay(day, 0, {}, {}, 0, None, None)
        people = connection.execute(select(func.count(columns.actor.distinct())).where(asked)).scalar_one()
        p50, p95 = (_percentile(connection, asked, share) for share in (0.5, 0.95))
        return UsageDay(day, total, outcomes, channels, people, p50, p95)

    def _midnight(self, day: date, *, later: int = 0) -> datetime:
        # Each midnight is converted by itself: where clocks are changed a day has 23 or 25 hours.
        start = datetime.combine(day + timedelta(days=later), time())
        return start.replace(tzinfo=self._zone) if self._zone is not None else start.astimezone()


def _percentile(connection: Connection, asked: ColumnElement[bool], share: float) -> float | None:
    """The nearest rank, of the questions that took a known time."""
    took = and_(asked, audit.c.latency_ms.is_not(None))
    count = connection.execute(select(func.count()).select_from(audit).where(took)).scalar_one()
    if not count:
        return None
    rank = max(0, math.ceil(share * count) - 1)
    ranked = select(audit.c.latency_ms).where(took).order_by(audit.c.latency_ms).offset(rank).limit(1)
    return float(connection.execute(ranked).scalar_one())
