"""What was said before, where the asker brings it along instead of having it remembered here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answering.frames import frame_for
from bot.answering.language import question_language
from bot.answering.smalltalk import smalltalk_reply
from bot.responding import MAX_QUESTION_CHARS, resolved_question

LAST_EXCHANGES = 10


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question and the short answer it got, None where it got none."""

    question: str
    short_answer: str | None


def last_asked(exchanges: Sequence[Exchange]) -> tuple[str, str | None] | None:
    """The last question about the documents, completed from those before it, and its short answer; None: there is none.

    Looks no further back than a conversation that is remembered here.
    """
    before: tuple[str, str | None] | None = None
    for exchange in exchanges[-LAST_EXCHANGES:]:
        question = exchange.question.strip()
        if not question or len(question) > MAX_QUESTION_CHARS or _is_smalltalk(question):
            continue
        before = resolved_question(question, before), exchange.short_answer
    return before


def _is_smalltalk(question: str) -> bool:
    return smalltalk_reply(question, frame_for(question_language(question))) is not None
