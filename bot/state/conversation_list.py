"""An owner's conversations as a list, the latest first, each by its first question.

Reads what ``conversations`` keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, and_, func, or_, select

from bot.state.tables import conversations, turns
from corpus.database import reading


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
