"""Conversations: the latest turns of each, for the owner that began it and nobody else.

A conversation is forgotten some hours after its last turn. What was answered is kept in ``answers``.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, insert, select, update

from bot.answers import Outcome
from bot.errors import InvalidConversationError
from bot.state.conversation_list import Begun, Place, list_conversations
from bot.state.tables import conversations, turns
from corpus.database import reading, write

ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,64}")
LAST_TURNS = 10
# What is over is not loaded anyway; this only keeps the tables small.
_PURGE_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what became of it; ``resolved_question`` is the question completed from earlier turns.

    ``answer_id`` names its answer; None for turns of earlier versions.
    """

    question: str
    resolved_question: str
    short_answer: str | None
    outcome: Outcome
    document_id: str | None
    passage_id: str | None
    asked_at: datetime
    answer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as it is known to its owner: its latest turns, oldest first."""

    id: str
    owner: str
    turns: tuple[Turn, ...] = ()


def now_utc() -> datetime:
    """The moment of the call."""
    return datetime.now(UTC)


def new_conversation_id() -> str:
    """An id that cannot be guessed."""
    return secrets.token_urlsafe(16)


class Conversations:
    """The conversations in the database. Safe to use from several threads. Every method may raise StoreError."""

    def __init__(self, engine: Engine, *, hours: float, clock: Callable[[], datetime] = now_utc) -> None:
        self._engine = engine
        self._lifetime = timedelta(hours=hours)
        self._clock = clock
        self._last_purge = datetime.min.replace(tzinfo=UTC)

    def open(self, conversation_id: str | None, owner: str, *, last_turns: int = LAST_TURNS) -> Conversation:
        """The owner's conversation of that id with its latest turns; a new one where there is none, or it is over.

        Nothing is stored before its first turn. Raises: InvalidConversationError: the id cannot be one.
        """
        if conversation_id is None:
            return Conversation(new_conversation_id(), owner)
        if not ID_PATTERN.fullmatch(conversation_id):
            raise InvalidConversationError(
                f"会话编号 {conversation_id[:80]!r} 不可用：只能是 1 到 64 个字母、数字、下划线或连字符；"
                "也可以不填，由服务分配。"
            )
        begun = conversations.join(turns, turns.c.conversation == conversations.c.id)
        query = (
            select(turns)
            .select_from(begun)
            .where(self._is(owner, conversation_id), conversations.c.last_used_at >= self._cutoff())
            .order_by(turns.c.id.desc())
            .limit(last_turns)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        loaded = tuple(
            Turn(
                row.question,
                row.resolved_question,
                row.short_answer,
                Outcome(row.outcome),
                row.document_id,
                row.passage_id,
                row.asked_at,
                row.answer_id,
            )
            for row in reversed(rows)
        )
        return Conversation(conversation_id, owner, loaded)

    def append(self, conversation_id: str, owner: str, turn: Turn, *, replaces: str | None = None) -> None:
        """Keep a turn; what an expired conversation of that id held before is forgotten.

        ``replaces`` names the answer of an earlier turn that this one stands in for; where there is none, it is added.
        """
        write(self._engine, lambda connection: self._append(connection, conversation_id, owner, turn, replaces))
        if self._clock() - self._last_purge >= _PURGE_EVERY:
            self.purge()

    def _append(
        self, connection: Connection, conversation_id: str, owner: str, turn: Turn, replaces: str | None
    ) -> None:
        now = self._clock()
        mine = self._is(owner, conversation_id)
        connection.execute(delete(conversations).where(mine, conversations.c.last_used_at < self._cutoff()))
        connection.execute(update(conversations).where(mine).values(last_used_at=now))
        key = connection.execute(select(conversations.c.id).where(mine)).scalar()
        if key is None:
            begun = {"owner": owner, "conversation_id": conversation_id, "created_at": now, "last_used_at": now}
            added = connection.execute(insert(conversations).values(begun))
            assert added.inserted_primary_key is not None
            key = added.inserted_primary_key[0]
        row = {
            "question": turn.question,
            "resolved_question": turn.resolved_question,
            "short_answer": turn.short_answer,
            "outcome": str(turn.outcome),
            "document_id": turn.document_id,
            "passage_id": turn.passage_id,
            "asked_at": turn.asked_at,
            "answer_id": turn.answer_id,
        }
        if replaces is not None:
            earlier = and_(turns.c.conversation == key, turns.c.answer_id == replaces)
            if connection.execute(update(turns).where(earlier).values(row)).rowcount:
                return
        connection.execute(insert(turns).values(conversation=key, **row))

    def listed(self, owner: str, *, limit: int, after: Place | None = None) -> tuple[list[Begun], Place | None]:
        """The owner's conversations, the latest first, and where to go on; those that are over are left out."""
        return list_conversations(self._engine, owner, limit=limit, since=self._cutoff(), after=after)

    def forget(self, conversation_id: str, owner: str) -> bool:
        """Delete the owner's conversation with its turns; False where there was none."""
        statement = delete(conversations).where(self._is(owner, conversation_id))
        return write(self._engine, lambda connection: connection.execute(statement).rowcount > 0)

    def purge(self) -> int:
        """Delete every conversation that is over; returns how many."""
        self._last_purge = self._clock()
        statement = delete(conversations).where(conversations.c.last_used_at < self._cutoff())
        return write(self._engine, lambda connection: connection.execute(statement).rowcount)

    def _cutoff(self) -> datetime:
        return self._clock() - self._lifetime

    @staticmethod
    def _is(owner: str, conversation_id: str) -> ColumnElement[bool]:
        return and_(conversations.c.owner == owner, conversations.c.conversation_id == conversation_id)
