"""What readers thought of answers, as it was kept with ``Answers.rate``: counted, listed, commented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select, update

from bot.answers import Outcome
from bot.state.answer_json import answer_from_json
from bot.state.answers import MAX_COMMENT_CHARS
from bot.state.conversations import now_utc
from bot.state.tables import answers, feedback
from corpus.database import reading, write


@dataclass(frozen=True, slots=True)
class RatedAnswer:
    """An answer with what its reader thought of it. ``documents``: the titles that it cites."""

    answer_id: str
    question: str
    short_answer: str | None
    outcome: Outcome
    documents: tuple[str, ...]
    rating: str
    reason: str | None
    comment: str | None
    owner: str
    rated_at: datetime
    asked_at: datetime


class Ratings:
    """The ratings in the database. Safe to use from several threads. Every method may raise StoreError."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = now_utc) -> None:
        self._engine = engine
        self._clock = clock

    def latest(self, limit: int, *, rating: str | None = None) -> list[RatedAnswer]:
        """The latest ratings, or those alone that say ``rating``, latest first."""
        query = (
            select(
                feedback, answers.c.question, answers.c.owner, answers.c.body, answers.c.created_at.label("asked_at")
            )
            .join(answers, answers.c.answer_id == feedback.c.answer_id)
            .order_by(feedback.c.created_at.desc())
            .limit(limit)
        )
        if rating is not None:
            query = query.where(feedback.c.rating == rating)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        found = []
        for row in rows:
            answer = answer_from_json(row.body)
            found.append(
                RatedAnswer(
                    answer_id=row.answer_id,
                    question=row.question,
                    short_answer=answer.short_answer,
                    outcome=answer.outcome,
                    documents=tuple(dict.fromkeys(citation.document_title for citation in answer.citations)),
                    rating=row.rating,
                    reason=row.reason,
                    comment=row.comment,
                    owner=row.owner,
                    rated_at=row.created_at,
                    asked_at=row.asked_at,
                )
            )
        return found

    def counts(self, *, days: float) -> dict[tuple[str, str | None], int]:
        """How many ratings of the last days say what, for which reason: the most frequent first."""
        times = func.count()
        query = (
            select(feedback.c.rating, feedback.c.reason, times)
            .where(feedback.c.created_at >= self._clock() - timedelta(days=days))
            .group_by(feedback.c.rating, feedback.c.reason)
            .order_by(times.desc(), feedback.c.rating, feedback.c.reason)
        )
        with reading(self._engine) as connection:
            return {(rating, reason): count for rating, reason, count in connection.execute(query)}

    def comment(self, owner: str, comment: str) -> bool:
        """Add words to the owner's latest rating; False where there is none. Too many words are cut."""
        rated_last = (
            select(feedback.c.answer_id)
            .join(answers, answers.c.answer_id == feedback.c.answer_id)
            .where(answers.c.owner == owner)
            .order_by(feedback.c.created_at.desc())
            .limit(1)
            .scalar_subquery()
        )
        statement = (
            update(feedback).where(feedback.c.answer_id == rated_last).values(comment=comment[:MAX_COMMENT_CHARS])
        )
        return write(self._engine, lambda connection: connection.execute(statement).rowcount > 0)
