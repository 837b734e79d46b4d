"""Asks the questions one after the other and judges what comes back.

Knows the service by two calls alone: ask, and what a document goes by. How those are made is the composition root's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

from bot.answers import Answer, Outcome
from bot.errors import InvalidQuestionError
from bot.evaluation.errors import QuestionFailedError
from bot.evaluation.judging import RANKING_DEPTH, Judgement, NamesOf, judge
from bot.evaluation.questions import Case, Question, load_cases
from bot.evaluation.report import as_report
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, Clearance

# Conversations of an evaluation belong to nobody else.
EVALUATION_OWNER = "evaluation"

Ask = Callable[[str, str | None], Answer]
Progress = Callable[[int, int], None]


class AsksQuestions(Protocol):
    """The part of the service that an evaluation needs."""

    def ask(
        self,
        question: str,
        *,
        owner: str,
        conversation_id: str | None = None,
        top_k: int = 5,
        clearance: Clearance = PUBLIC_ONLY,
    ) -> Answer:
        """Answer a question; ``top_k`` bounds the ranking alone. Without a conversation id a new one is opened."""
        ...


def run_eval(
    service: AsksQuestions,
    files: Sequence[Path],
    *,
    names: NamesOf,
    progress: Progress,
    limit: int | None = None,
    clearance: Clearance = EVERYTHING,
) -> dict[str, object]:
    """Ask the lines of the files (the first ``limit`` of them) and return the report of the contract.

    Raises: QuestionFileError: a line is no question. QuestionFailedError: a question could not be asked.
    """

    def ask(question: str, conversation_id: str | None) -> Answer:
        return service.ask(
            question,
            owner=EVALUATION_OWNER,
            conversation_id=conversation_id,
            top_k=RANKING_DEPTH,
            clearance=clearance,
        )

    return as_report(evaluate(ask, load_cases(files)[:limit], names=names, progress=progress))


def evaluate(ask: Ask, cases: Sequence[Case], *, names: NamesOf, progress: Progress) -> list[Judgement]:
    """Ask every case in a conversation of its own and judge each answer, in order.

    The first question is asked once more beforehand, uncounted, so that loading is in no latency. ``progress`` gets
    questions done and their total after each one.
    """
    names = cache(names)
    total = sum(len(case.turns) for case in cases)
    if cases:
        _ask_named(ask, cases[0].turns[0], None)
    judgements: list[Judgement] = []
    for case in cases:
        for judgement in _judge_case(ask, case, names):
            judgements.append(judgement)
            progress(len(judgements), total)
    return judgements


def _judge_case(ask: Ask, case: Case, names: NamesOf) -> Iterator[Judgement]:
    conversation_id: str | None = None
    for question in case.turns:
        started = time.perf_counter()
        answer = _ask_named(ask, question, conversation_id)
        latency_ms = (time.perf_counter() - started) * 1000
        conversation_id = answer.conversation_id or None
        yield judge(question, answer, names=names, latency_ms=latency_ms, in_dialogue=case.is_dialogue)


def _ask_named(ask: Ask, question: Question, conversation_id: str | None) -> Answer:
    """The answer; a question that the service does not take (empty, too long) counts as refused without a ranking."""
    try:
        return ask(question.text, conversation_id)
    except InvalidQuestionError:
        return _refusal(conversation_id)
    except Exception as error:
        raise QuestionFailedError(f"question '{question.id}' could not be asked: {error}") from error


def _refusal(conversation_id: str | None) -> Answer:
    return Answer(
        answer_id="",
        conversation_id=conversation_id or "",
        outcome=Outcome.NOT_FOUND,
        text="",
        short_answer=None,
        confidence=0.0,
        citations=(),
        suggestions=(),
        snapshot=None,
        latency_ms=0.0,
    )
