"""Which messages of a chat carry which answer: a reply to one goes on from it, an edited question changes it.

A place is a chat as one bot sees it; the numbers of messages mean something only there. Rows go with their answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, or_, select

from bot.state.tables import answer_messages
from corpus.database import reading, write


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """An answer and the messages that carry it, in their order."""

    answer_id: str
    message_ids: tuple[int, ...]


class AnswerMessages:
    """The messages with answers in the database. Thread-safe. Every method may raise StoreError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(
        self, place: str, message_ids: Sequence[int], answer_id: str, *, question_message_id: int | None = None
    ) -> None:
        """Remember the messages of an answer; those of an earlier answer to the same question are forgotten."""
        rows = [
            {
                "place": place,
                "message_id": message_id,
                "answer_id": answer_id,
                "question_message_id": question_message_id,
            }
            for message_id in dict.fromkeys(message_ids)
        ]
        earlier: ColumnElement[bool] = answer_messages.c.message_id.in_(list(message_ids))
        if question_message_id is not None:
            earlier = or_(earlier, answer_messages.c.question_message_id == question_message_id)

        def replace(connection: Connection) -> None:
            connection.execute(delete(answer_messages).where(answer_messages.c.place == place, earlier))
            if rows:
                connection.execute(insert(answer_messages), rows)

        write(self._engine, replace)

    def answer_of(self, place: str, message_id: int) -> str | None:
        """The answer that a message carries, or that the message which asked got; None where there is none."""
        carries = answer_messages.c.message_id == message_id
        asked = answer_messages.c.question_message_id == message_id
        query = select(answer_messages.c.answer_id).where(answer_messages.c.place == place, or_(carries, asked))
        with reading(self._engine) as connection:
            found: str | None = connection.execute(query.limit(1)).scalar()
        return found

    def shown_for(self, place: str, question_message_id: int) -> ShownAnswer | None:
        """The answer that a question got, with its messages; None where it got none."""
        query = (
            select(answer_messages.c.answer_id, answer_messages.c.message_id)
            .where(answer_messages.c.place == place, answer_messages.c.question_message_id == question_message_id)
            .order_by(answer_messages.c.message_id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return ShownAnswer(rows[0].answer_id, tuple(row.message_id for row in rows)) if rows else None
