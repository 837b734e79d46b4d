"""Before a new snapshot serves: golden and often asked questions are answered by it and by the old one.

Tells what changes, and whether the golden questions are answered so much worse that the switch has to wait for a
person. Passages that both snapshots find alike are not read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.answering.frames import frame_for
from bot.answering.language import question_language
from bot.answering.smalltalk import smalltalk_reply
from bot.answers import Answer, Outcome
from bot.errors import InvalidQuestionError
from bot.evaluation.folding import fold
from bot.evaluation.judging import is_right
from bot.evaluation.metrics import mean
from bot.evaluation.questions import Case, Question
from bot.gate_memory import GateMemory, Given
from bot.responding import Responder, Session, resolved_question
from bot.service import cleaned
from retrieval.hits import Hit

MAX_SHOWN = 200
_EXACT = 1e-9

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """What both snapshots answered: ``report`` for people and programs, ``blocked`` why the switch must wait."""

    report: dict[str, Any]
    blocked: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A question that is answered otherwise than before."""

    question: str
    golden: bool
    before: Given
    after: Given

    def as_json(self) -> dict[str, Any]:
        """“1.3亿元 → 1.5亿元, source A → B” as fields; an answer is null where nothing was found."""
        return {
            "question": self.question,
            "golden": self.golden,
            "before": self.before.short_answer,
            "after": self.after.short_answer,
            "source_before": self.before.source,
            "source_after": self.after.source,
        }


@dataclass(slots=True)
class _Dialogue:
    """One snapshot's side of a conversation: the last question about the documents, resolved, and its answer."""

    before: tuple[str, str | None] | None = None


@dataclass(slots=True)
class _Tally:
    """What the questions came to so far."""

    changes: list[Change] = field(default_factory=list)
    alike: int = 0
    right_before: list[bool] = field(default_factory=list)
    right_after: list[bool] = field(default_factory=list)
    refused_before: list[bool] = field(default_factory=list)
    refused_after: list[bool] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class GateQuestions:
    """What is asked. ``points``: percentage points that ``answer_accuracy`` of the golden ones may fall by."""

    golden: Sequence[Case]
    asked: Sequence[str]
    points: float

    @property
    def total(self) -> int:
        """Questions and turns."""
        return sum(len(case.turns) for case in self.golden) + len(self.asked)


class SwitchGate:
    """Answers the same questions by two snapshots. Not for several threads."""

    def __init__(
        self,
        responder: Callable[[], Responder],
        memory: GateMemory,
        *,
        passages_read: int,
        wait: Callable[[], object] = lambda: None,
    ) -> None:
        """``responder`` is made when something has to be read, ``wait`` called before each reading."""
        self._make = responder
        self._made: Responder | None = None
        self._memory = memory
        self._passages_read = passages_read
        self._wait = wait

    def judge(
        self, old: Session | None, new: Session, questions: GateQuestions, *, progress: Progress = lambda *_: None
    ) -> GateOutcome:
        """Ask everything of both; without an old snapshot nothing can be worse, and only golden questions are asked."""
        started = time.monotonic()
        tally = _Tally()
        done = 0
        steps = [self._golden(old, new, questions.golden, tally)]
        if old is not None:
            steps.append(self._asked(old, new, questions.asked, tally))
        for step in steps:
            for _ in step:
                done += 1
                progress(done, questions.total)
        self._memory.save()
        report = _report(tally, questions, asked=len(questions.asked) if old is not None else 0)
        report["seconds"] = round(time.monotonic() - started, 3)
        return GateOutcome(report, _blocked(tally, questions.points))

    def _asked(self, old: Session, new: Session, asked: Sequence[str], tally: _Tally) -> Iterator[None]:
        for question in asked:
            self._compare_asked(old, new, question, tally)
            yield

    def _compare_asked(self, old: Session, new: Session, question: str, tally: _Tally) -> None:
        text = _cleaned(question)
        if text is None or _smalltalk(text) is not None:
            tally.alike += 1
            return
        before, after = self._search(old, text), self._search(new, text)
        if _same_passages(before, after):
            tally.alike += 1
            return
        given = self._given(old, text, text, before), self._given(new, text, text, after)
        _note(tally, question, *given, golden=False)

    def _golden(self, old: Session | None, new: Session, cases: Sequence[Case], tally: _Tally) -> Iterator[None]:
        for case in cases:
            sides = _Dialogue(), _Dialogue()
            for question in case.turns:
                after = self._turn(new, question.text, sides[1])
                _judge(question, after, tally.right_after, tally.refused_after)
                if old is not None:
                    before = self._turn(old, question.text, sides[0])
                    _judge(question, before, tally.right_before, tally.refused_before)
                    _note(tally, question.text, before, after, golden=True)
                yield

    def _turn(self, session: Session, question: str, side: _Dialogue) -> Given:
        text = _cleaned(question)
        if text is None:
            return Given(Outcome.NOT_FOUND)
        if _smalltalk(text) is not None:
            return Given(Outcome.CHAT)
        resolved = resolved_question(text, side.before)
        given = self._given(session, text, resolved, self._search(session, resolved))
        side.before = (resolved, given.short_answer)
        return given

    def _given(self, session: Session, question: str, resolved: str, hits: Sequence[Hit]) -> Given:
        known = self._memory.find(resolved, hits)
        if known is not None:
            return known
        self._wait()
        composed = self._responder.respond(question, resolved, hits, session.statistics).composed
        first = composed.citations[0] if composed.citations else None
        given = Given(
            composed.outcome,
            composed.short_answer,
            first.document_id if first else None,
            first.document_title if first else None,
        )
        self._memory.keep(resolved, hits, given)
        return given

    def _search(self, session: Session, resolved: str) -> list[Hit]:
        return session.search(resolved, top_k=self._passages_read)

    @property
    def _responder(self) -> Responder:
        if self._made is None:
            self._made = self._make()
        return self._made


def told(change: dict[str, Any], nothing: str) -> str:
    """A change of the report in one line for people: question: 1.3亿元 → 1.5亿元 (A → B)."""
    before, after = change["before"] or nothing, change["after"] or nothing
    sources = [change["source_before"] or nothing, change["source_after"] or nothing]
    named = sources[0] if sources[0] == sources[1] else " → ".join(sources)
    return f"{change['question']} {before} → {after}（{named}）"


def _same_passages(before: Sequence[Hit], after: Sequence[Hit]) -> bool:
    return [(hit.passage, hit.document) for hit in before] == [(hit.passage, hit.document) for hit in after]


def _note(tally: _Tally, question: str, before: Given, after: Given, *, golden: bool) -> None:
    if _says_the_same(before, after):
        tally.alike += 1
    else:
        tally.changes.append(Change(question, golden, before, after))


def _says_the_same(before: Given, after: Given) -> bool:
    if before.outcome is not after.outcome:
        return False
    return fold(before.short_answer or "") == fold(after.short_answer or "")


def _judge(question: Question, given: Given, right: list[bool], refused: list[bool]) -> None:
    (right if question.answerable else refused).append(is_right(question, _answer(given)))


def _answer(given: Given) -> Answer:
    """As much of an answer as judging looks at."""
    return Answer(
        answer_id="",
        conversation_id="",
        outcome=given.outcome,
        text="",
        short_answer=given.short_answer,
        confidence=0.0,
        citations=(),
        suggestions=(),
        snapshot=None,
        latency_ms=0.0,
    )


def _report(tally: _Tally, questions: GateQuestions, *, asked: int) -> dict[str, Any]:
    golden = None
    if questions.golden:
        golden = {
            "questions": sum(len(case.turns) for case in questions.golden),
            "answer_accuracy": {"before": mean(tally.right_before), "after": mean(tally.right_after)},
            "refusal_recall": {"before": mean(tally.refused_before), "after": mean(tally.refused_after)},
        }
    return {
        "golden": golden,
        "asked": asked,
        "unchanged": tally.alike,
        "changed": len(tally.changes),
        "changes": [change.as_json() for change in tally.changes[:MAX_SHOWN]],
    }


def _blocked(tally: _Tally, points: float) -> str | None:
    before, after = mean(tally.right_before), mean(tally.right_after)
    if before is None or after is None or (before - after) * 100 <= points + _EXACT:
        return None
    return (
        f"answer_accuracy of {len(tally.right_after)} golden questions falls from {before:.3f} to {after:.3f}, by "
        f"{(before - after) * 100:.1f} points where {points:g} are allowed (YIJU_INDEX__GATE_POINTS)"
    )


def _cleaned(question: str) -> str | None:
    try:
        return cleaned(question)
    except InvalidQuestionError:
        return None


def _smalltalk(text: str) -> str | None:
    return smalltalk_reply(text, frame_for(question_language(text)))
