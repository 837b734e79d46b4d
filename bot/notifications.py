"""“通知我”: a question without an answer is kept, and whoever asked is told once the documents answer it.

What channels use: keeping, listing and cancelling, and taking what is due so that nothing is sent twice. Who asks the
questions again is ``asking_again``; how an answer gets to people is the channel's affair.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from bot.answering.language import question_language
from bot.answers import Answer, Outcome
from bot.errors import UnknownAnswerError
from bot.state.answers import Answers
from bot.state.kept_questions import FOUND, SENDING, SENT, KeptQuestion, KeptQuestions, NewQuestion
from corpus.errors import DocumentNotFoundError
from corpus.visibility import PUBLIC_ONLY, Clearance

DAYS, PER_USER = 90, 20
_MOST_AT_A_TIME = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """A question that is kept from now on, or was before (``new`` False), for at most ``days``."""

    question: KeptQuestion
    new: bool
    days: int


class Notifications:
    """What people wait for. Safe to use from several threads; every method may raise StoreError.

    ``passage`` raises DocumentNotFoundError for a passage that does not answer any longer. ``clearance``: what may be
    seen where the answer to a question goes.
    """

    def __init__(
        self,
        kept: KeptQuestions,
        answers: Answers,
        *,
        passage: Callable[[str, Clearance], object],
        clearance: Callable[[KeptQuestion], Clearance] = lambda _: PUBLIC_ONLY,
        days: int = DAYS,
        per_user: int = PER_USER,
    ) -> None:
        self._kept = kept
        self._answers = answers
        self._passage = passage
        self._clearance = clearance
        self._days = days
        self._per_user = per_user
        self._log = structlog.get_logger(__name__)

    def keep(self, answer_id: str, *, owner: str, asker: str, channel: str, address: Mapping[str, Any]) -> Kept:
        """Keep the question that got this answer, once for each owner.

        Raises: UnknownAnswerError: no such answer of this owner, or one that found something. TooManyKeptError.
        """
        saved = self._answers.get(answer_id, owner)
        if saved.answer.outcome is not Outcome.NOT_FOUND:
            raise UnknownAnswerError(f"回答 {answer_id[:80]!r} 已经有答案，不需要通知。")
        new = NewQuestion(
            owner=owner,
            asker=asker,
            channel=channel,
            address=address,
            question=saved.question,
            resolved_question=saved.resolved_question,
            language=question_language(saved.question),
            asked_answer_id=answer_id,
            asked_at=saved.created_at,
            snapshot=saved.answer.snapshot,
        )
        question, is_new = self._kept.keep(new, per_asker=self._per_user)
        if is_new:
            self._log.info("question_kept", kept_id=question.id, asker=asker)
        return Kept(question, is_new, self._days)

    def waiting(self, owner: str) -> list[KeptQuestion]:
        """What a place waits for, oldest first."""
        return self._kept.of_owner(owner)

    def cancel(self, kept_id: int, *, owner: str, asker: str | None) -> KeptQuestion | None:
        """Wait no longer; ``asker`` None cancels whoever asked. None where there is nothing to cancel."""
        return self._kept.cancel(kept_id, owner=owner, asker=asker)

    def forget(self, asker: str) -> int:
        """Drop everything that somebody waits for, who may not ask any longer; returns how many."""
        return self._kept.drop_of(asker)

    def due(self, channel: str) -> list[KeptQuestion]:
        """Questions of a channel that have their answer and were not sent, oldest first, some at a time."""
        return self._kept.in_state(FOUND, channel, limit=_MOST_AT_A_TIME)

    def take(self, kept_id: int) -> Answer | None:
        """The answer to send now; from here on it counts as sent unless told otherwise.

        None where another process has it, or it rests on a passage that is gone: then the question waits again.
        """
        question = self._kept.get(kept_id)
        if question is None or question.state != FOUND:
            return None
        try:
            answer = self._answer(question)
            clearance = self._clearance(question)
            shown = [citation.passage_id for citation in answer.citations]
            for passage_id in (*shown, *(alternative.passage_id for alternative in answer.alternatives)):
                self._passage(passage_id, clearance)
        except (UnknownAnswerError, DocumentNotFoundError):
            self._kept.wait_again(kept_id)
            return None
        return answer if self._kept.move(kept_id, FOUND, SENDING) else None

    def sent(self, kept_id: int) -> None:
        """The asker has the answer."""
        self._kept.move(kept_id, SENDING, SENT)

    def not_sent(self, kept_id: int) -> None:
        """The asker surely has not got it: it is due again."""
        self._kept.move(kept_id, SENDING, FOUND)

    def drop(self, kept_id: int) -> None:
        """It cannot be delivered, now or ever."""
        self._kept.drop(kept_id)

    def interrupted(self, channel: str) -> list[KeptQuestion]:
        """Questions whose answer a process was sending when it died: nobody knows whether it arrived."""
        return self._kept.in_state(SENDING, channel, limit=_MOST_AT_A_TIME)

    def answered(self, kept_id: int, *, owner: str) -> tuple[KeptQuestion, Answer]:
        """A question of this owner with the answer that was found. Raises: UnknownAnswerError."""
        question = self._kept.get(kept_id)
        if question is None or question.owner != owner:
            raise UnknownAnswerError(f"没有编号为 {kept_id} 的问题。")
        return question, self._answer(question)

    def _answer(self, question: KeptQuestion) -> Answer:
        if question.answer_id is None:
            raise UnknownAnswerError(f"问题 {question.id} 还没有答案。")
        return self._answers.get(question.answer_id, question.owner).answer
