"""Asks kept questions again after each switch to another snapshot, behind everybody's questions.

Each snapshot is asked once, whichever process switched to it. What it finds is kept for the channel that delivers;
what it does not find is remembered nowhere else: nobody asked it.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.answers import Outcome
from bot.audit import Actor, Trail, acting
from bot.errors import NotReadyError
from bot.responding import Responder, Session
from bot.service import Searched, finished_answer, labels_by_id
from bot.state.conversations import new_conversation_id, now_utc
from bot.state.kept_questions import KeptQuestion
from bot.state.store import StateStore
from corpus.errors import StoreError
from corpus.visibility import PUBLIC_ONLY, Clearance
from retrieval.errors import SnapshotError
from retrieval.hits import Hit

# A message that nobody asked for now must be right more often than one that was: 0.5 is more likely right than not.
ENOUGH = 0.5
CHECK_SECONDS = 2.0
# How long one question waits for those of people; with many askers it gets its turn all the same.
LONGEST_WAIT_SECONDS = 5.0
_RETRY_SECONDS = 30.0
_EXPIRE_EVERY_SECONDS = 3600.0
_AT_A_TIME = 50
_RANKING = 5


@dataclass(frozen=True, slots=True)
class Behind:
    """The search as one uses it behind everybody's back. ``serving``: the snapshot that answers; None before any."""

    serving: Callable[[], str | None]
    session: Callable[[Clearance], AbstractContextManager[Session]]
    wait_for_quiet: Callable[[float], object] = lambda _: None


class AskingAgain:
    """Looks every few seconds, in a thread of its own, from ``start`` to ``close``."""

    def __init__(
        self,
        state: StateStore,
        responder: Responder,
        search: Behind,
        *,
        days: int,
        clearance: Callable[[KeptQuestion], Clearance] = lambda _: PUBLIC_ONLY,
        enough: float = ENOUGH,
        check_seconds: float = CHECK_SECONDS,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        """``days``: how long a question is kept; ``enough``: the probability from which an answer is sent.

        ``clearance``: what may be seen where the answer to a question goes.
        """
        self._clearance = clearance
        self._state = state
        self._responder = responder
        self._search = search
        self._days = days
        self._enough = enough
        self._check_seconds = check_seconds
        self._clock = clock
        self._trail = Trail(state.audit)
        self._log = structlog.get_logger(__name__)
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._expire_at = float("-inf")

    def start(self) -> None:
        """Look from now on."""
        self._thread = threading.Thread(target=self._run, name="yiju-asking-again", daemon=True)
        self._thread.start()

    def close(self, timeout_seconds: float = 5.0) -> None:
        """Look no more; the question that is being asked is finished, within reason."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._ending.wait(self._check_seconds):
            try:
                self.look()
            except (StoreError, SnapshotError, NotReadyError) as error:
                self._log.warning("kept_questions_wait", reason=str(error))
                self._ending.wait(_RETRY_SECONDS)
            except Exception as error:  # noqa: BLE001 - it must go on looking; the log says what was wrong
                self._log.error("kept_questions_failed", exc_info=error)
                self._ending.wait(_RETRY_SECONDS)

    def look(self) -> int:
        """Ask what the serving snapshot was not asked yet; returns how many questions found their answer.

        Raises: StoreError, SnapshotError: another look later may do better.
        """
        self._expire()
        snapshot = self._search.serving()
        if snapshot is None:
            return 0
        found = last = 0
        while questions := self._state.kept_questions.to_ask(snapshot, after=last, limit=_AT_A_TIME):
            for question in questions:
                if self._ending.is_set():
                    return found
                self._search.wait_for_quiet(LONGEST_WAIT_SECONDS)
                found += self._ask(question, snapshot)
                last = question.id
        return found

    def _ask(self, question: KeptQuestion, snapshot: str) -> bool:
        try:
            return self._ask_serving(question)
        except (StoreError, SnapshotError, NotReadyError):
            raise
        except Exception as error:  # noqa: BLE001 - one question that breaks must not stop all others, nor come again
            self._log.error("kept_question_failed", kept_id=question.id, exc_info=error)
            self._state.kept_questions.asked_in_vain(question.id, snapshot, None)
            return False

    def _ask_serving(self, question: KeptQuestion) -> bool:
        kept, resolved = self._state.kept_questions, question.resolved_question
        started = time.perf_counter()
        with self._search.session(self._clearance(question)) as session:
            hits = self._responder.search(session, resolved)
            snapshot, embedded, evidence = session.snapshot_id, session.embedded, evidence_of(hits)
            if evidence == question.evidence:
                # The same passages, found as likely: reading them again would say the same.
                kept.asked_in_vain(question.id, snapshot, evidence)
                return False
            response = self._responder.respond(question.question, resolved, hits, session.statistics)
        said = response.composed
        if said.outcome is not Outcome.ANSWERED or said.confidence < self._enough:
            kept.asked_in_vain(question.id, snapshot, evidence)
            return False
        searched = Searched(snapshot, embedded, response.ranking[:_RANKING], labels_by_id(hits))
        answer = finished_answer(said, new_conversation_id(), started, searched)
        # As if it had just been asked for: its buttons work, and questions go on from it.
        self._state.answers.save(answer, question=question.question, owner=question.owner, resolved_question=resolved)
        if kept.found(question.id, answer.answer_id, snapshot):
            with acting(Actor.named(question.asker)):
                self._trail.asked(question.question, answer, owner=question.owner)
            self._log.info("kept_question_answered", kept_id=question.id, confidence=answer.confidence)
        return True

    def _expire(self) -> None:
        if time.monotonic() < self._expire_at:
            return
        self._expire_at = time.monotonic() + _EXPIRE_EVERY_SECONDS
        if gone := self._state.kept_questions.expire(self._clock() - timedelta(days=self._days)):
            self._log.info("kept_questions_expired", questions=gone)


def evidence_of(hits: Sequence[Hit]) -> str:
    """A digest of passages in their order, and of how near they are in meaning: the same one reads the same.

    Nearness counts to two digits, and whether it is known: passages get their vectors later.
    """
    digest = hashlib.sha256()
    for hit in hits:
        near = None if hit.dense is None else round(hit.dense, 2)
        shown = (hit.document.id, hit.document.title, hit.document.published_at, hit.passage.heading, near)
        digest.update(f"{shown}\0{hit.passage.text}\0".encode("utf-8", "replace"))
    return digest.hexdigest()
