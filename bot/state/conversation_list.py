"""An owner's conversations as a list, the latest first, each by its first question.

Reads what ``conversations`` keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, and_, func, or_, select

from bot.state.tables import conversations, turns
from corpus.database import reading

_EPOCH, _STEP = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
# Later than any turn, and a date that every database takes.
_LAST_STEP = (datetime(9000, 1, 1, tzinfo=UTC) - _EPOCH) // _STEP


@dataclass(frozen=True, slots=True)
class Begun:
    """One line of the list: ``title`` is the first question, ``turns`` counts the questions."""

    id: str
    title: str
    turns: int
    created_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list ends; the next one goes on behind it, whatever has come to its head since."""

    last_used_at: datetime
    row: int

    @property
    def mark(self) -> tuple[int, int]:
        """The place as whole numbers: microseconds since 1970, and the row."""
        return (self.last_used_at - _EPOCH) // _STEP, self.row

    @classmethod
    def at(cls, mark: Sequence[int]) -> Place:
        """The place of a mark; any two numbers name one."""
        steps, row = mark
        return cls(_EPOCH + min(max(steps, 0), _LAST_STEP) * _STEP, row)


def list_conversations(
    engine: Engine, owner: str, *, limit: int, since: datetime, after: Place | None = None
) -> tuple[list[Begun], Place | None]:
    """At most ``limit`` conversations that were used since then, and where to go on; None at the end.

    Raises: StoreError.
    """
    counted = (
        select(turns.c.conversation, func.min(turns.c.id).label("first"), func.count().label("turns"))
        .group_by(turns.c.conversation)
        .subquery()
    )
    opening = turns.alias()
    query = (
        select(conversations, opening.c.question, counted.c.turns)
        .join(counted, counted.c.conversation == conversations.c.id)
        .join(opening, opening.c.id == counted.c.first)
        .where(conversations.c.owner == owner, conversations.c.last_used_at >= since)
        .order_by(conversations.c.last_used_at.desc(), conversations.c.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        same = and_(conversations.c.last_used_at == after.last_used_at, conversations.c.id < after.row)
        query = query.where(or_(conversations.c.last_used_at < after.last_used_at, same))
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    page = rows[:limit]
    listed = [Begun(row.conversation_id, row.question, row.turns, row.created_at, row.last_used_at) for row in page]
    more = len(rows) > limit
    return listed, Place(page[-1].last_used_at, page[-1].id) if more else None
