"""What stored answers tell: which questions are still unanswered, by whom, and how fast the others were answered."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answers import Outcome
from bot.audit import Trail
from bot.errors import BusyError
from bot.state import answer_figures
from bot.state.store import StateStore
from corpus.database import open_database
from tests.bot.state.conftest import Clock
from tests.bot.state.test_answers import answer
from tests.databases import database_url

NOT_FOUND, ANSWERED = Outcome.NOT_FOUND, Outcome.ANSWERED


def ask(state: StateStore, number: int, question: str, outcome: Outcome = NOT_FOUND, owner: str = "local") -> None:
    state.answers.save(answer(f"a{number}", outcome), question="那呢？", owner=owner, resolved_question=question)


def test_unanswered_questions_are_told_by_owner_completed_and_latest_first(state: StateStore, clock: Clock) -> None:
    for number, (question, owner) in enumerate([("甲？", "x"), ("乙？", "x"), ("甲？", "x"), ("甲？", "y")]):
        clock.turn(minutes=1)
        ask(state, number, question, owner=owner)

    found = state.figures.unanswered(10, days=90)

    assert [(each.question, each.owner, each.times) for each in found] == [
        ("甲？", "y", 1),
        ("甲？", "x", 2),
        ("乙？", "x", 1),
    ]
    assert found[0].asked_at == clock.now
    assert len(state.figures.unanswered(1, days=90)) == 1


def test_a_question_that_was_answered_since_is_no_gap(state: StateStore, clock: Clock) -> None:
    ask(state, 1, "甲？", owner="x")
    ask(state, 2, "乙？")
    clock.turn(minutes=1)
    ask(state, 3, "甲？", ANSWERED, owner="y")
    assert [each.question for each in state.figures.unanswered(10, days=90)] == ["乙？"]
    clock.turn(minutes=1)
    ask(state, 4, "甲？", owner="y")

    assert {(each.question, each.owner) for each in state.figures.unanswered(10, days=90)} == {
        ("乙？", "local"),
        ("甲？", "y"),
    }


def test_questions_of_long_ago_are_forgotten(state: StateStore, clock: Clock) -> None:
    ask(state, 1, "甲？")
    clock.turn(days=91)
    ask(state, 2, "乙？")

    assert [each.question for each in state.figures.unanswered(10, days=90)] == ["乙？"]


def test_questions_of_the_last_hours_are_told_without_small_talk(
    state: StateStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = Trail(state.audit)
    trail.asked("甲？", answer("a0"), owner="local")
    clock.turn(hours=25)
    trail.asked("乙？", replace(answer("a1"), latency_ms=12.5), owner="local")
    clock.turn(minutes=1)
    trail.asked("你好", answer("a2", Outcome.CHAT), owner="local")
    trail.asked_in_vain("丙？", BusyError("full"), owner="local", latency_ms=3.0)
    trail.record("local", "reindex_started", "job_1")

    given_answers = state.figures.given(hours=24)

    assert [(each.outcome, each.latency_ms) for each in given_answers] == [
        ("failed: BusyError", 3.0),
        ("answered", 12.5),
    ]
    assert given_answers[1].asked_at == clock.now - timedelta(minutes=1)
    monkeypatch.setattr(answer_figures, "MAX_ANSWERS_READ", 1)
    assert len(state.figures.given(hours=24)) == 1


@pytest.mark.usefixtures("backend")
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("甲乙丙"), st.sampled_from(list(Outcome))), max_size=12))
def test_every_question_not_found_since_its_last_answer_is_counted(asked: list[tuple[str, Outcome]]) -> None:
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(database_url(Path(folder)))
        state = StateStore(engine, clock=clock)
        state.migrate()
        for number, (question, outcome) in enumerate(asked):
            clock.turn(minutes=1)
            ask(state, number, question, outcome)
        found = {each.question: each.times for each in state.figures.unanswered(100, days=90)}
        engine.dispose()
    told = [(question, outcome) for question, outcome in asked if outcome is not Outcome.CHAT]
    last = dict(told)
    missing = Counter(question for question, outcome in told if outcome is NOT_FOUND and last[question] is NOT_FOUND)
    assert found == missing
