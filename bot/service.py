"""The only use case: a question in, an answer with its evidence out. Every channel goes through here.

Synchronous and thread-safe. It knows no channel and names no concrete index, model or database.
"""

from __future__ import annotations

import logging
import secrets
import time
import unicodedata
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bot.answering.composing import Composed, compose
from bot.answering.followups import completed
from bot.answering.frames import frame_for
from bot.answering.language import question_language
from bot.answering.smalltalk import smalltalk_reply
from bot.answers import Answer, Outcome
from bot.errors import InvalidQuestionError
from bot.passage_view import PassageView
from bot.state.conversations import Conversation, Turn
from bot.state.store import StateStore
from retrieval.hits import Hit, Reader, Reading, TermStatistics

MAX_QUESTION_CHARS = 2000
MAX_TOP_K = 20
_log = logging.getLogger(__name__)


class Session(Protocol):
    """One snapshot held for one question."""

    @property
    def snapshot_id(self) -> str:
        """Names the snapshot."""
        ...

    @property
    def statistics(self) -> TermStatistics:
        """How rare terms are in it."""
        ...

    def search(self, question: str, *, top_k: int) -> list[Hit]:
        """The best passages, best first."""
        ...


class Search(Protocol):
    """Opens sessions on the snapshot that serves now."""

    def session(self) -> AbstractContextManager[Session]:
        """Held until the block is left."""
        ...


class Passages(Protocol):
    """Finds passages by id."""

    def view(self, passage_id: str) -> PassageView:
        """The passage in its place."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """How many passages are read for an answer, and from which probability on a reading is an answer."""

    passages_read: int = 8
    threshold: float = 0.5


class QAService:
    """Answers questions. Made once by the composition root."""

    def __init__(
        self, *, search: Search, reader: Reader, passages: Passages, state: StateStore, policy: Policy | None = None
    ) -> None:
        self._search = search
        self._reader = reader
        self._passages = passages
        self._state = state
        self._policy = policy or Policy()

    def ask(self, question: str, *, owner: str, conversation_id: str | None = None, top_k: int = 5) -> Answer:
        """Answer a question in a conversation of ``owner`` (a key, a chat, the local user).

        ``top_k`` bounds the ranking that comes with the answer, not what is read for it.
        Raises: InvalidQuestionError: empty, too long or not text. NoSnapshotError: nothing is indexed yet.
        """
        started = time.perf_counter()
        question = cleaned(question)
        conversation = self._state.conversations.open(conversation_id, owner)
        resolved = question
        reply = smalltalk_reply(question, frame_for(question_language(question)))
        if reply is not None:
            answer = self._chat(reply, conversation, started)
        else:
            resolved = self._resolved(question, conversation)
            answer = self._answer(question, resolved, conversation, started, min(max(top_k, 1), MAX_TOP_K))
        self._remember(answer, owner, question, resolved)
        return answer

    def passage(self, passage_id: str) -> PassageView:
        """A passage of a document that answers. Raises: DocumentNotFoundError."""
        return self._passages.view(passage_id)

    def feedback(
        self, answer_id: str, *, owner: str, rating: str, reason: str | None = None, comment: str | None = None
    ) -> None:
        """Keep what the asker thinks of an answer. Raises: UnknownAnswerError, InvalidFeedbackError."""
        self._state.answers.rate(answer_id, owner, rating, reason=reason, comment=comment)

    def _remember(self, answer: Answer, owner: str, question: str, resolved: str) -> None:
        self._state.answers.save(answer, question=question, owner=owner)
        first = answer.citations[0] if answer.citations else None
        turn = Turn(
            question=question,
            resolved_question=resolved,
            short_answer=answer.short_answer,
            outcome=answer.outcome,
            document_id=first.document_id if first else None,
            passage_id=first.passage_id if first else None,
            asked_at=datetime.now(UTC),
        )
        self._state.conversations.append(answer.conversation_id, owner, turn)

    def _resolved(self, question: str, conversation: Conversation) -> str:
        """Completed from the last question that was about the documents; as asked where that would be too long."""
        asked = [turn for turn in conversation.turns if turn.outcome != Outcome.CHAT]
        if not asked:
            return question
        resolved = completed(question, asked[-1].resolved_question, asked[-1].short_answer)
        # Else a chain of long follow-ups, each completed from the one before, would grow without end.
        return resolved if len(resolved) <= MAX_QUESTION_CHARS else question

    def _answer(self, question: str, resolved: str, conversation: Conversation, started: float, top_k: int) -> Answer:
        with self._search.session() as session:
            hits = session.search(resolved, top_k=max(top_k, self._policy.passages_read))
            read = self._reader.read(resolved, hits[: self._policy.passages_read], session.statistics)
            snapshot = session.snapshot_id
        composed = compose(resolved, read, hits, threshold=self._policy.threshold, language=question_language(question))
        if composed.blocked_numbers:
            _log.error("an answer was held back: %d numbers without evidence", len(composed.blocked_numbers))
        return self._finished(composed, conversation, started, snapshot, _ranking(read, hits)[:top_k])

    def _chat(self, reply: str, conversation: Conversation, started: float) -> Answer:
        said = Composed(Outcome.CHAT, reply, None, 1.0, (), ())
        return self._finished(said, conversation, started, None, ())

    def _finished(
        self,
        composed: Composed,
        conversation: Conversation,
        started: float,
        snapshot: str | None,
        ranking: tuple[tuple[str, str], ...],
    ) -> Answer:
        return Answer(
            answer_id=secrets.token_urlsafe(12),
            conversation_id=conversation.id,
            outcome=composed.outcome,
            text=composed.text,
            short_answer=composed.short_answer,
            confidence=round(composed.confidence, 4),
            citations=composed.citations,
            suggestions=composed.suggestions,
            snapshot=snapshot,
            latency_ms=round((time.perf_counter() - started) * 1000, 1),
            ranking=ranking,
            sources=composed.sources,
            alternatives=composed.alternatives,
        )


def cleaned(question: str) -> str:
    """The question without surrounding space. Raises: InvalidQuestionError: empty, too long, or not text."""
    text = question.strip()
    if not any(unicodedata.category(character)[0] in "LN" for character in text):
        raise InvalidQuestionError("问题是空的：请输入要问的内容，例如“杜阮凉瓜产值多少？”。")
    if len(text) > MAX_QUESTION_CHARS:
        raise InvalidQuestionError(
            f"问题有 {len(text)} 个字，超过上限 {MAX_QUESTION_CHARS} 个字：请缩短问题，或分几次提问。"
        )
    if any(unicodedata.category(c) in {"Cc", "Cs", "Cn"} and c not in "\t\n\r" for c in text):
        raise InvalidQuestionError("问题里有不是文字的内容（控制字符或损坏的编码）：请重新输入文字。")
    return text


def _ranking(read: Sequence[Reading], hits: Sequence[Hit]) -> tuple[tuple[str, str], ...]:
    """Distinct passages as the reader ranks them, then those it did not read as they were found."""
    ranked = [reading.hit for reading in read] + list(hits)
    return tuple(dict.fromkeys((hit.document.id, hit.passage.id) for hit in ranked))
