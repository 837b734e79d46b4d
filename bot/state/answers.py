"""Answers that were given. What readers thought of them is read in ``ratings``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select

from bot.answers import Answer, Outcome
from bot.errors import InvalidFeedbackError, UnknownAnswerError
from bot.state.answer_json import answer_from_json, answer_to_json
from bot.state.conversations import now_utc
from bot.state.pruning import delete_before
from bot.state.tables import answers, feedback
from corpus.database import reading, write

RATINGS = ("up", "down")
MAX_COMMENT_CHARS = 4000


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """An answer with the question it was given to and whom.

    ``resolved_question`` is the question completed from its conversation.
    """

    answer: Answer
    question: str
    owner: str
    created_at: datetime
    resolved_question: str


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question about the documents, completed where it was a follow-up, and how many times it was asked."""

    question: str
    times: int


class Answers:
    """The answers in the database. Safe to use from several threads. Every method may raise StoreError."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = now_utc) -> None:
        self._engine = engine
        self._clock = clock

    def save(self, answer: Answer, *, question: str, owner: str, resolved_question: str | None = None) -> None:
        """Keep an answer; one with the same id is replaced. ``resolved_question``: None where it is the question."""
        row = {
            "answer_id": answer.answer_id,
            "owner": owner,
            "conversation_id": answer.conversation_id,
            "question": question,
            "outcome": str(answer.outcome),
            "confidence": answer.confidence,
            "snapshot": answer.snapshot,
            "body": answer_to_json(answer),
            "created_at": self._clock(),
            "resolved_question": resolved_question or question,
        }

        def replace(connection: Connection) -> None:
            connection.execute(delete(answers).where(answers.c.answer_id == answer.answer_id))
            connection.execute(insert(answers).values(row))

        write(self._engine, replace)

    def get(self, answer_id: str, owner: str | None = None) -> SavedAnswer:
        """An answer. With ``owner``, one that was given to another counts as unknown. Raises: UnknownAnswerError."""
        query = select(answers).where(answers.c.answer_id == answer_id)
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        if row is None or owner not in {None, row.owner}:
            raise UnknownAnswerError(f"没有编号为 {answer_id[:80]!r} 的回答。")
        return _saved(row)

    def latest(self, owner: str, conversation_id: str) -> SavedAnswer | None:
        """The owner's last answer with citations in a conversation; None where there is none."""
        query = (
            select(answers)
            .where(
                answers.c.conversation_id == conversation_id,
                answers.c.owner == owner,
                answers.c.outcome == str(Outcome.ANSWERED),
            )
            .order_by(answers.c.id.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return _saved(row) if row is not None else None

    def rate(
        self, answer_id: str, owner: str, rating: str, *, reason: str | None = None, comment: str | None = None
    ) -> Outcome:
        """Keep what the owner thinks of an answer, and say its outcome; a later rating replaces an earlier one.

        Raises: UnknownAnswerError: no such answer, or another's; InvalidFeedbackError.
        """
        if rating not in RATINGS:
            raise InvalidFeedbackError(f"评价 {rating[:80]!r} 不可用：只能是 up 或 down。")
        if max(len(reason or ""), len(comment or "")) > MAX_COMMENT_CHARS:
            raise InvalidFeedbackError(f"原因或意见太长：最多 {MAX_COMMENT_CHARS} 字。")
        rated = self.get(answer_id, owner)
        row = {
            "answer_id": answer_id,
            "rating": rating,
            "reason": reason,
            "comment": comment,
            "created_at": self._clock(),
        }

        def replace(connection: Connection) -> None:
            connection.execute(delete(feedback).where(feedback.c.answer_id == answer_id))
            connection.execute(insert(feedback).values(row))

        write(self._engine, replace)
        return rated.answer.outcome

    def most_asked(self, limit: int, *, days: float) -> list[AskedQuestion]:
        """The questions about the documents that were asked most in the last days, the most first, then the latest."""
        asked = func.coalesce(answers.c.resolved_question, answers.c.question)
        times, last = func.count(), func.max(answers.c.created_at)
        query = (
            select(asked, times)
            .where(answers.c.created_at >= self._since(days), answers.c.outcome != str(Outcome.CHAT))
            .group_by(asked)
            .order_by(times.desc(), last.desc(), asked)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [AskedQuestion(question, count) for question, count in connection.execute(query)]

    def wanted_documents(self, latest: int, *, days: float) -> dict[str, int]:
        """How often each document was cited, or named as nearest, in the latest answers of the last days, by its id."""
        query = (
            select(answers.c.body)
            .where(answers.c.created_at >= self._since(days), answers.c.outcome != str(Outcome.CHAT))
            .order_by(answers.c.created_at.desc())
            .limit(latest)
        )
        counts: Counter[str] = Counter()
        with reading(self._engine) as connection:
            for body in connection.execute(query).scalars():
                said = json.loads(body)
                shown = (*said["citations"], *said["suggestions"])
                counts.update({each["document_id"] for each in shown if each["document_id"]})
        return dict(counts)

    def prune(self, before: datetime) -> int:
        """Delete answers from before that moment with what was thought of them; how many."""
        return delete_before(self._engine, answers, answers.c.created_at, before)

    def _since(self, days: float) -> datetime:
        return self._clock() - timedelta(days=days)


def _saved(row: Row[Any]) -> SavedAnswer:
    resolved = row.resolved_question or row.question
    return SavedAnswer(answer_from_json(row.body), row.question, row.owner, row.created_at, resolved)
