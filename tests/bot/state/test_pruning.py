"""What goes when it is old: answers with what was thought of them, jobs but the latest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import UnknownAnswerError
from bot.state.store import StateStore
from tests.bot.fakes import answer
from tests.bot.state.conftest import Clock


def test_answers_go_with_their_feedback_and_jobs_but_the_latest(state: StateStore, clock: Clock) -> None:
    state.answers.save(answer("旧问题"), question="旧问题", owner="local")
    state.answers.rate("a1", "local", "up")
    for kind in ("reindex", "reindex", "embedding"):
        state.jobs.fail(state.jobs.begin(kind, started_by="local"), "停止")
        clock.turn(hours=1)
    running = state.jobs.begin("reindex", started_by="local")
    clock.turn(days=100)
    before = clock.now - timedelta(days=50)
    assert (state.answers.prune(before), state.jobs.prune(before)) == (1, 2)
    with pytest.raises(UnknownAnswerError):
        state.answers.get("a1")
    assert state.ratings.latest(10) == []
    assert state.jobs.get(running) is not None
    assert state.jobs.latest("embedding") is not None
