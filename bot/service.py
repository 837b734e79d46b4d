"""The only use case: a question in, an answer with its evidence out. Every channel goes through here.

Synchronous and thread-safe. It knows no channel and names no concrete index, model or database.
"""

from __future__ import annotations

import logging
import secrets
import time
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bot.answering.composing import Composed
from bot.answering.frames import frame_for
from bot.answering.language import question_language
from bot.answering.smalltalk import smalltalk_reply
from bot.answers import Answer, Outcome
from bot.audit import Trail, audited
from bot.earlier import Exchange, last_asked
from bot.errors import InvalidQuestionError, UnknownAnswerError
from bot.passage_view import PassageView
from bot.responding import MAX_QUESTION_CHARS, Policy, Responder, Session, resolved_question
from bot.state.answers import SavedAnswer
from bot.state.audit import Deed
from bot.state.conversations import Conversation, Turn, new_conversation_id
from bot.state.store import StateStore
from corpus.errors import StoreError
from retrieval.hits import Reader
from retrieval.stages import CONVERSATION, KEEP, StageWatch, stage, watched

MAX_TOP_K = 20
_log = logging.getLogger(__name__)


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
class Searched:
    """Where an answer was looked for; nowhere, for small talk."""

    snapshot: str | None
    embedded: float | None
    ranking: tuple[tuple[str, str], ...]


class QAService:
    """Answers questions. Made once by the composition root. ``watch`` learns of stages, ``counted`` of questions."""

    def __init__(
        self,
        *,
        search: Search,
        reader: Reader,
        passages: Passages,
        state: StateStore,
        policy: Policy | None = None,
        watch: StageWatch | None = None,
        counted: Callable[[Deed], None] = lambda _: None,
    ) -> None:
        self._search = search
        self._responder = Responder(reader, policy or Policy())
        self._passages = passages
        self._state = state
        self.watch = watch
        self.trail = Trail(state.audit, counted=counted)

    @audited
    @watched
    def ask(
        self,
        question: str,
        *,
        owner: str,
        conversation_id: str | None = None,
        top_k: int = 5,
        follows: str | None = None,
        replaces: str | None = None,
        earlier: Sequence[Exchange] | None = None,
    ) -> Answer:
        """Answer a question in a conversation of ``owner`` (a key, a chat, the local user).

        ``top_k`` bounds the ranking that comes with the answer, not what is read for it. ``follows`` is the id of the
        owner's answer that the question goes on from, where that is not the last one; ``replaces`` that of the answer
        to an earlier wording of the question, whose place in the conversation it takes. Unknown ones are as none.
        ``earlier``: what was said before, where the asker brings it along, oldest first: the answer is kept, the
        conversation is not.
        Raises: InvalidQuestionError: empty, too long or not text. NoSnapshotError: nothing is indexed yet.
        """
        started = time.perf_counter()
        question = cleaned(question)
        with stage(CONVERSATION):
            conversation = self._state.conversations.open(conversation_id, owner)
        resolved = question
        reply = smalltalk_reply(question, frame_for(question_language(question)))
        if reply is not None:
            answer = self._chat(reply, conversation, started)
        else:
            before = self._answered_before(follows, owner) or _last_asked(conversation, replaces, earlier)
            resolved = resolved_question(question, before)
            answer = self._answer(question, resolved, conversation, started, min(max(top_k, 1), MAX_TOP_K))
        try:
            with stage(KEEP):
                self._state.answers.save(answer, question=question, owner=owner, resolved_question=resolved)
                if earlier is None:
                    self._remember(answer, owner, question, resolved, replaces)
        except StoreError as error:
            # A full disk or a read-only volume: an answer that is not kept is better than none.
            _log.warning("an answer is given and not kept: %s", error)
        return answer

    @audited
    @watched
    def preview(self, question: str, *, owner: str | None = None) -> Answer:
        """Answer a question that stands alone and remember nothing: nobody has asked it, or not to the end yet.

        ``owner``: who sees it, for the audit; None: nobody.

        Raises: as ``ask``.
        """
        started = time.perf_counter()
        question = cleaned(question)
        nowhere = Conversation(new_conversation_id(), owner="")
        reply = smalltalk_reply(question, frame_for(question_language(question)))
        if reply is not None:
            return self._chat(reply, nowhere, started)
        return self._answer(question, question, nowhere, started, 1)

    def answer(self, answer_id: str, *, owner: str) -> SavedAnswer:
        """An answer that was given to the owner, with its question. Raises: UnknownAnswerError."""
        return self._state.answers.get(answer_id, owner)

    def last_answer(self, conversation_id: str, *, owner: str) -> SavedAnswer | None:
        """The last answer with citations in a conversation of the owner; None where there is none."""
        return self._state.answers.latest(owner, conversation_id)

    def passage(self, passage_id: str) -> PassageView:
        """A passage of a document that answers. Raises: DocumentNotFoundError."""
        return self._passages.view(passage_id)

    def feedback(
        self, answer_id: str, *, owner: str, rating: str, reason: str | None = None, comment: str | None = None
    ) -> Outcome:
        """Keep what the asker thinks of an answer; its outcome. Raises: UnknownAnswerError, InvalidFeedbackError."""
        return self._state.answers.rate(answer_id, owner, rating, reason=reason, comment=comment)

    def _remember(self, answer: Answer, owner: str, question: str, resolved: str, replaces: str | None) -> None:
        first = answer.citations[0] if answer.citations else None
        turn = Turn(
            question=question,
            resolved_question=resolved,
            short_answer=answer.short_answer,
            outcome=answer.outcome,
            document_id=first.document_id if first else None,
            passage_id=first.passage_id if first else None,
            asked_at=datetime.now(UTC),
            answer_id=answer.answer_id,
        )
        self._state.conversations.append(answer.conversation_id, owner, turn, replaces=replaces)

    def _answered_before(self, answer_id: str | None, owner: str) -> tuple[str, str | None] | None:
        """The question of an earlier answer, and its short answer."""
        if answer_id is None:
            return None
        try:
            saved = self._state.answers.get(answer_id, owner)
        except UnknownAnswerError:
            return None
        if saved.answer.outcome is Outcome.CHAT:
            return None
        return saved.resolved_question, saved.answer.short_answer

    def _answer(self, question: str, resolved: str, conversation: Conversation, started: float, top_k: int) -> Answer:
        with self._search.session() as session:
            hits = self._responder.search(session, resolved, top_k=top_k)
            response = self._responder.respond(question, resolved, hits, session.statistics)
            snapshot, embedded = session.snapshot_id, session.embedded
        return self._finished(
            response.composed, conversation, started, Searched(snapshot, embedded, response.ranking[:top_k])
        )

    def _chat(self, reply: str, conversation: Conversation, started: float) -> Answer:
        said = Composed(Outcome.CHAT, reply, None, 1.0, (), ())
        return self._finished(said, conversation, started, Searched(None, None, ()))

    def _finished(self, composed: Composed, conversation: Conversation, started: float, searched: Searched) -> Answer:
        return finished_answer(composed, conversation.id, started, searched)


def finished_answer(composed: Composed, conversation_id: str, started: float, searched: Searched) -> Answer:
    """An answer with an id of its own; ``started`` by ``time.perf_counter``."""
    return Answer(
        answer_id=secrets.token_urlsafe(12),
        conversation_id=conversation_id,
        outcome=composed.outcome,
        text=composed.text,
        short_answer=composed.short_answer,
        confidence=round(composed.confidence, 4),
        citations=composed.citations,
        suggestions=composed.suggestions,
        snapshot=searched.snapshot,
        latency_ms=round((time.perf_counter() - started) * 1000, 1),
        ranking=searched.ranking,
        sources=composed.sources,
        alternatives=composed.alternatives,
        embedded=searched.embedded,
    )


def _last_asked(
    conversation: Conversation, replaces: str | None, earlier: Sequence[Exchange] | None
) -> tuple[str, str | None] | None:
    """The last question that was about the documents, before the one that is replaced, and its short answer."""
    if earlier is not None:
        return last_asked(earlier)
    turns = conversation.turns
    if replaces is not None:
        end = next((at for at, turn in enumerate(turns) if turn.answer_id == replaces), len(turns))
        turns = turns[:end]
    asked = [turn for turn in turns if turn.outcome != Outcome.CHAT]
    return (asked[-1].resolved_question, asked[-1].short_answer) if asked else None


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
