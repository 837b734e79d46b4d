"""Questions that found no answer and are kept until they have one: for whom, and how far each is.

A question goes from ``waiting`` (no answer yet) over ``found`` to ``sending`` and ``sent``. Every step is one
conditional write, so that of several processes one takes it. What is cancelled or cannot be delivered is deleted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, func, insert, or_, select, text, update

from bot.errors import TooManyKeptError
from bot.state.conversations import now_utc
from bot.state.tables import UNSENT, kept_questions
from corpus.database import reading, write
from corpus.folding import fold_title

WAITING, FOUND, SENDING, SENT = "waiting", "found", "sending", "sent"


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question to be kept. ``asked_answer_id`` and ``snapshot``: what it got when it was asked.

    ``owner`` is the place that gets the answer, ``asker`` the person who wants it, ``address`` how ``channel`` gets
    there.
    """

    owner: str
    asker: str
    channel: str
    address: Mapping[str, Any]
    question: str
    resolved_question: str
    language: str
    asked_answer_id: str
    asked_at: datetime
    snapshot: str | None


@dataclass(frozen=True, slots=True)
class KeptQuestion:
    """A question that is kept. ``evidence``: a digest of what ``snapshot``, the last one asked, found for it."""

    id: int
    owner: str
    asker: str
    channel: str
    address: Mapping[str, Any]
    question: str
    resolved_question: str
    language: str
    asked_answer_id: str
    asked_at: datetime
    kept_at: datetime
    state: str
    snapshot: str | None
    evidence: str | None
    answer_id: str | None


class KeptQuestions:
    """The kept questions in the database. Safe to use from several threads. Every method may raise StoreError."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = now_utc) -> None:
        self._engine = engine
        self._clock = clock

    def keep(self, new: NewQuestion, *, per_asker: int) -> tuple[KeptQuestion, bool]:
        """The question as kept, and whether it is new: the same one of the same owner is kept once.

        Raises: TooManyKeptError: the asker has ``per_asker`` already.
        """
        folded = fold_title(new.resolved_question) or new.resolved_question
        now = self._clock()
        values = {
            "owner": new.owner,
            "asker": new.asker,
            "channel": new.channel,
            "address": json.dumps(new.address, ensure_ascii=False),
            "question": new.question,
            "resolved_question": new.resolved_question,
            "folded": folded,
            "language": new.language,
            "asked_answer_id": new.asked_answer_id,
            "asked_at": new.asked_at,
            "kept_at": now,
            "state": WAITING,
            "snapshot": new.snapshot,
            "changed_at": now,
        }

        def add(connection: Connection) -> tuple[KeptQuestion, bool]:
            same = (kept_questions.c.owner == new.owner, kept_questions.c.folded == folded, text(UNSENT))
            known = connection.execute(select(kept_questions).where(*same)).first()
            if known is not None:
                return _kept(known), False
            mine = select(func.count()).where(kept_questions.c.asker == new.asker, text(UNSENT))
            if (held := connection.execute(mine).scalar_one()) >= per_asker:
                raise TooManyKeptError(f"已有 {held} 个问题在等答案，最多 {per_asker} 个：请先取消一些。")
            added = connection.execute(insert(kept_questions).values(values))
            assert added.inserted_primary_key is not None
            query = select(kept_questions).where(kept_questions.c.id == added.inserted_primary_key[0])
            return _kept(connection.execute(query).one()), True

        return write(self._engine, add)

    def get(self, kept_id: int) -> KeptQuestion | None:
        """A kept question in whatever state; None where there is none."""
        found = self._select(kept_questions.c.id == kept_id)
        return found[0] if found else None

    def of_owner(self, owner: str) -> list[KeptQuestion]:
        """What a place waits for, oldest first."""
        return self._select(kept_questions.c.owner == owner, kept_questions.c.state.in_((WAITING, FOUND)))

    def in_state(self, state: str, channel: str, *, limit: int) -> list[KeptQuestion]:
        """The questions of a channel that are so far, oldest first."""
        wanted = (kept_questions.c.state == state, kept_questions.c.channel == channel)
        return self._select(*wanted, limit=limit)

    def to_ask(self, snapshot: str, *, after: int, limit: int) -> list[KeptQuestion]:
        """Waiting questions that this snapshot was not asked, by their ids, from behind ``after``."""
        asked_another = or_(kept_questions.c.snapshot.is_(None), kept_questions.c.snapshot != snapshot)
        waiting = (kept_questions.c.state == WAITING, kept_questions.c.id > after)
        return self._select(*waiting, asked_another, limit=limit)

    def asked_in_vain(self, kept_id: int, snapshot: str, evidence: str | None) -> None:
        """Note that a snapshot was asked and has no answer; ``evidence`` None: what it found is not known."""
        self._change(kept_id, WAITING, snapshot=snapshot, evidence=evidence)

    def found(self, kept_id: int, answer_id: str, snapshot: str) -> bool:
        """The question has its answer; False where it is no longer waited for."""
        return self._change(kept_id, WAITING, state=FOUND, answer_id=answer_id, snapshot=snapshot)

    def wait_again(self, kept_id: int) -> bool:
        """The answer that was found does not hold any longer: any snapshot is asked again."""
        return self._change(kept_id, FOUND, state=WAITING, answer_id=None, snapshot=None, evidence=None)

    def move(self, kept_id: int, before: str, after: str) -> bool:
        """From one state to another; False where it is not, or no longer, in the first."""
        return self._change(kept_id, before, state=after)

    def cancel(self, kept_id: int, *, owner: str, asker: str | None) -> KeptQuestion | None:
        """Forget a question of this owner, and of this asker unless None; None where there is nothing to cancel."""
        mine = [kept_questions.c.id == kept_id, kept_questions.c.owner == owner]
        if asker is not None:
            mine.append(kept_questions.c.asker == asker)
        mine.append(kept_questions.c.state.in_((WAITING, FOUND)))

        def take(connection: Connection) -> KeptQuestion | None:
            row = connection.execute(select(kept_questions).where(*mine)).first()
            if row is None:
                return None
            connection.execute(delete(kept_questions).where(kept_questions.c.id == kept_id))
            return _kept(row)

        return write(self._engine, take)

    def drop(self, kept_id: int) -> None:
        """Forget a question in whatever state."""
        self._delete(kept_questions.c.id == kept_id)

    def drop_of(self, asker: str) -> int:
        """Forget all that somebody waits for; returns how many."""
        return self._delete(kept_questions.c.asker == asker, text(UNSENT))

    def expire(self, kept_before: datetime) -> int:
        """Forget questions that are kept since before that moment; returns how many.

        Those that are being sent stay: somebody has to be told of them.
        """
        return self._delete(kept_questions.c.kept_at < kept_before, kept_questions.c.state != SENDING)

    def _select(self, *where: ColumnElement[bool], limit: int | None = None) -> list[KeptQuestion]:
        query = select(kept_questions).where(*where).order_by(kept_questions.c.id).limit(limit)
        with reading(self._engine) as connection:
            return [_kept(row) for row in connection.execute(query)]

    def _change(self, kept_id: int, before: str, **values: object) -> bool:
        statement = (
            update(kept_questions)
            .where(kept_questions.c.id == kept_id, kept_questions.c.state == before)
            .values(**values, changed_at=self._clock())
        )
        return write(self._engine, lambda connection: connection.execute(statement).rowcount > 0)

    def _delete(self, *where: ColumnElement[bool] | Any) -> int:
        statement = delete(kept_questions).where(*where)
        return write(self._engine, lambda connection: connection.execute(statement).rowcount)


def _kept(row: Row[Any]) -> KeptQuestion:
    return KeptQuestion(
        id=row.id,
        owner=row.owner,
        asker=row.asker,
        channel=row.channel,
        address=json.loads(row.address),
        question=row.question,
        resolved_question=row.resolved_question,
        language=row.language,
        asked_answer_id=row.asked_answer_id,
        asked_at=row.asked_at,
        kept_at=row.kept_at,
        state=row.state,
        snapshot=row.snapshot,
        evidence=row.evidence,
        answer_id=row.answer_id,
    )
