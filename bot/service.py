"""The only use case: a question in, an answer with its evidence out. Every channel goes through here.

Synchronous and thread-safe. It knows no channel and names no concrete index, model or database.
"""

from __future__ import annotations

import logging
import secrets
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
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
from bot.open_answers import OpenAnswers
from bot.passage_view import PassageView
from bot.responding import MAX_QUESTION_CHARS, Policy, Responder, Session, resolved_question
from bot.state.answers import SavedAnswer
from bot.state.audit import Deed
from bot.state.conversations import Conversation, Turn, new_conversation_id
from bot.state.store import StateStore
from corpus.documents import PUBLIC
from corpus.errors import StoreError
from corpus.visibility import PUBLIC_ONLY, Clearance
from retrieval.hits import Hit, Reader
from retrieval.stages import CONVERSATION, KEEP, StageWatch, stage, watched

MAX_TOP_K = 20
_log = logging.getLogger(__name__)


class Search(Protocol):
    """Opens sessions on the snapshot that serves now."""

    def session(self, clearance: Clearance) -> AbstractContextManager[Session]:
        """What may be seen with this clearance, held until the block is left."""
        ...


class Passages(Protocol):
    """Finds passages by id."""

    def view(self, passage_id: str, clearance: Clearance) -> PassageView:
        """The passage in its place."""
        ...

    def may_show(self, answer: Answer, clearance: Clearance) -> bool:
        """Whether an answer that was given may be shown to who has this clearance now."""
        ...


@dataclass(frozen=True, slots=True)
class Searched:
    """Where an answer was looked for; nowhere, for small talk. ``labels``: of what was found, but ``public``, by id."""

    snapshot: str | None
    embedded: float | None
    ranking: tuple[tuple[str, str], ...]
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seeker:
    """For whom an answer is looked for. ``top_k`` bounds the ranking that comes with it.

    ``rewriter``: what puts it into other words, if anything.
    """

    conversation: Conversation
    clearance: Clearance
    top_k: int
    rewriter: OpenAnswers | None = None


class QAService:
    """Answers questions. Made once by the composition root. ``watch`` learns of stages, ``counted`` of questions.

    ``open_answers``: a language model that puts answers to open questions together; it is not asked for a preview.
    """

    def __init__(
        self,
        *,
        search: Search,
        reader: Reader,
        passages: Passages,
        state: StateStore,
        policy: Policy | None = None,
        open_answers: OpenAnswers | None = None,
        watch: StageWatch | None = None,
        counted: Callable[[Deed], None] = lambda _: None,
    ) -> None:
        self._search = search
        self._responder = Responder(reader, policy or Policy())
        self._passages = passages
        self._open_answers = open_answers
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
        clearance: Clearance = PUBLIC_ONLY,
        earlier: Sequence[Exchange] | None = None,
    ) -> Answer:
        """Answer a question in a conversation of ``owner`` (a key, a chat, the local user) from what they may see.

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
            before = self._before(conversation, follows, replaces, earlier, owner, clearance)
            resolved = resolved_question(question, before)
            seeker = Seeker(conversation, clearance, min(max(top_k, 1), MAX_TOP_K), self._open_answers)
            answer = self._answer(question, resolved, seeker, started)
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
    def preview(self, question: str, *, owner: str | None = None, clearance: Clearance = PUBLIC_ONLY) -> Answer:
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
        return self._answer(question, question, Seeker(nowhere, clearance, 1), started)

    def answer(self, answer_id: str, *, owner: str, clearance: Clearance = PUBLIC_ONLY) -> SavedAnswer:
        """An answer that was given to the owner, with its question.

        Raises: UnknownAnswerError: also where it shows what they may see no longer.
        """
        saved = self._state.answers.get(answer_id, owner)
        if not self._passages.may_show(saved.answer, clearance):
            raise UnknownAnswerError(f"回答 {answer_id[:80]!r} 所依据的资料现在不能查看。")
        return saved

    def last_answer(
        self, conversation_id: str, *, owner: str, clearance: Clearance = PUBLIC_ONLY
    ) -> SavedAnswer | None:
        """The last answer with citations in a conversation of the owner; None where there is none to be seen."""
        saved = self._state.answers.latest(owner, conversation_id)
        return saved if saved is not None and self._passages.may_show(saved.answer, clearance) else None

    def passage(self, passage_id: str, *, clearance: Clearance = PUBLIC_ONLY) -> PassageView:
        """A passage of a document that answers. Raises: DocumentNotFoundError."""
        return self._passages.view(passage_id, clearance)

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

    def _before(
        self,
        conversation: Conversation,
        follows: str | None,
        replaces: str | None,
        earlier: Sequence[Exchange] | None,
        owner: str,
        clearance: Clearance,
    ) -> tuple[str, str | None] | None:
        """The question that is gone on from, and its short answer where that may be seen still."""
        before = self._answered_before(follows, owner, clearance)
        if before is not None:
            return before
        if earlier is not None:
            return last_asked(earlier)
        last = _last_turn(conversation, replaces)
        if last is None:
            return None
        asked, short = last.resolved_question, last.short_answer
        if short is not None and last.answer_id is not None and not clearance.everything:
            _, short = self._answered_before(last.answer_id, owner, clearance) or (asked, None)
        return asked, short

    def _answered_before(
        self, answer_id: str | None, owner: str, clearance: Clearance
    ) -> tuple[str, str | None] | None:
        """The question of an earlier answer, and its short answer where that may be seen still."""
        if answer_id is None:
            return None
        try:
            saved = self._state.answers.get(answer_id, owner)
        except UnknownAnswerError:
            return None
        if saved.answer.outcome is Outcome.CHAT:
            return None
        seen = self._passages.may_show(saved.answer, clearance)
        return saved.resolved_question, saved.answer.short_answer if seen else None

    def _answer(self, question: str, resolved: str, seeker: Seeker, started: float) -> Answer:
        with self._search.session(seeker.clearance) as session:
            hits = self._responder.search(session, resolved, top_k=seeker.top_k)
            response = self._responder.respond(question, resolved, hits, session.statistics)
            snapshot, embedded = session.snapshot_id, session.embedded
        composed = response.composed
        if seeker.rewriter is not None:
            # The snapshot is let go before: a model may take its time.
            labels = {hit.document.id: hit.document.visibility for hit in hits}
            composed = seeker.rewriter.rewritten(question, resolved, composed, labels, further=response.further)
        searched = Searched(snapshot, embedded, response.ranking[: seeker.top_k], labels_by_id(hits))
        return self._finished(composed, seeker.conversation, started, searched)

    def _chat(self, reply: str, conversation: Conversation, started: float) -> Answer:
        said = Composed(Outcome.CHAT, reply, None, 1.0, (), ())
        return self._finished(said, conversation, started, Searched(None, None, ()))

    def _finished(self, composed: Composed, conversation: Conversation, started: float, searched: Searched) -> Answer:
        return finished_answer(composed, conversation.id, started, searched)


def finished_answer(composed: Composed, conversation_id: str, started: float, searched: Searched) -> Answer:
    """An answer with an id of its own; ``started`` by ``time.perf_counter``."""
    answer = Answer(
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
        composed_by=composed.composed_by,
    )
    shown = {searched.labels[each] for each in answer.document_ids if each in searched.labels}
    return replace(answer, labels=tuple(sorted(shown))) if shown else answer


def labels_by_id(hits: Sequence[Hit]) -> dict[str, str]:
    """The labels of the documents that were found, but ``public``."""
    return {hit.document.id: hit.document.visibility for hit in hits if hit.document.visibility != PUBLIC}


def _last_turn(conversation: Conversation, replaces: str | None) -> Turn | None:
    """The last question that was about the documents, before the one that is replaced."""
    turns = conversation.turns
    if replaces is not None:
        end = next((at for at, turn in enumerate(turns) if turn.answer_id == replaces), len(turns))
        turns = turns[:end]
    asked = [turn for turn in turns if turn.outcome != Outcome.CHAT]
    return asked[-1] if asked else None


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
