"""What stored answers and the audit tell those who look after the program: questions still unanswered, speed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from bot.answers import Outcome
from bot.gaps import Unanswered
from bot.state.audit import QUESTION
from bot.state.conversations import now_utc
from bot.state.tables import answers, audit
from corpus.database import reading
from corpus.store_rows import IDS_PER_QUERY, chunks

# The latest say how fast answers are; a very busy day has more than are worth reading.
MAX_ANSWERS_READ = 20_000


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """When a question was asked, how it ended (``failed`` and the error, where it did), and how long that took."""

    asked_at: datetime
    outcome: str
    latency_ms: float


class AnswerFigures:
    """Reads the answers and the audit of one database. Thread-safe. Every method may raise StoreError."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = now_utc) -> None:
        self._engine = engine
        self._clock = clock

    def unanswered(self, limit: int, *, days: float) -> list[Unanswered]:
        """Questions of the last days, by owner, that found no answer and none since; the latest first.

        A question that somebody asked again with an answer, in the same words, is no gap any more.
        """
        asked = func.coalesce(answers.c.resolved_question, answers.c.question)
        last = func.max(answers.c.created_at, type_=answers.c.created_at.type)
        query = (
            select(asked, answers.c.owner, func.count(), last)
            .where(answers.c.outcome == str(Outcome.NOT_FOUND), answers.c.created_at >= self._since(days))
            .group_by(asked, answers.c.owner)
            .order_by(last.desc(), asked)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            found = [Unanswered(*row) for row in connection.execute(query)]
        answered = self._answered({each.question for each in found})
        return [each for each in found if answered.get(each.question, each.asked_at) <= each.asked_at]

    def _answered(self, questions: set[str]) -> dict[str, datetime]:
        """When each question was answered last, where it was."""
        asked = func.coalesce(answers.c.resolved_question, answers.c.question)
        last = func.max(answers.c.created_at, type_=answers.c.created_at.type)
        found: dict[str, datetime] = {}
        for some in chunks(sorted(questions), IDS_PER_QUERY):
            query = select(asked, last).where(answers.c.outcome == str(Outcome.ANSWERED), asked.in_(some))
            with reading(self._engine) as connection:
                found.update((question, at) for question, at in connection.execute(query.group_by(asked)))
        return found

    def given(self, *, hours: float) -> Sequence[GivenAnswer]:
        """How the questions of the last hours ended, latest first, at most ``MAX_ANSWERS_READ``; no small talk."""
        columns = audit.c
        query = (
            select(columns.at, columns.outcome, columns.latency_ms)
            .where(columns.action == QUESTION, columns.at >= self._since(hours / 24))
            .where(columns.outcome != str(Outcome.CHAT), columns.latency_ms.is_not(None))
            .order_by(columns.at.desc())
            .limit(MAX_ANSWERS_READ)
        )
        with reading(self._engine) as connection:
            return [GivenAnswer(*row) for row in connection.execute(query)]

    def _since(self, days: float) -> datetime:
        return self._clock() - timedelta(days=days)
