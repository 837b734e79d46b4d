from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from bot.state.processes import ProcessMark
from bot.state.replays import InFlight, KeptAnswer, Replays
from bot.state.store import StateStore
from tests.bot.state.conftest import Clock

ANSWER = KeptAnswer("print", 201, {"location": "/v1/文档"}, '{"甲": "\u0000"}'.encode())


def test_an_answer_is_given_again_to_its_owner_alone(state: StateStore) -> None:
    assert state.replays.begin("key:a", "k") is None
    assert state.replays.begin("key:a", "k") == InFlight()
    state.replays.keep("key:a", "k", ANSWER)

    assert state.replays.begin("key:a", "k") == ANSWER
    assert state.replays.begin("key:b", "k") is None
    assert state.replays.begin("key:a", "k2") is None


def test_what_was_released_may_be_done_again_and_what_was_kept_may_not(state: StateStore) -> None:
    state.replays.begin("o", "k")
    state.replays.release("o", "k")
    assert state.replays.begin("o", "k") is None
    state.replays.keep("o", "k", ANSWER)
    state.replays.release("o", "k")

    assert state.replays.begin("o", "k") == ANSWER


def test_an_answer_is_kept_for_a_day(state: StateStore, clock: Clock) -> None:
    state.replays.begin("o", "k")
    state.replays.keep("o", "k", ANSWER)
    clock.turn(hours=23.9)
    assert state.replays.begin("o", "k") == ANSWER
    clock.turn(hours=0.2)

    assert state.replays.begin("o", "k") is None


def test_answers_that_are_over_are_deleted_when_others_begin(state: StateStore, clock: Clock) -> None:
    state.replays.begin("o", "k")
    state.replays.keep("o", "k", ANSWER)
    clock.turn(hours=25)
    state.replays.begin("o", "other")

    assert state.replays.prune() == 0
    assert state.replays.begin("o", "k") is None


@pytest.mark.parametrize(
    ("alive", "minutes", "again"), [(False, 0, True), (True, 60, False), (None, 9, False), (None, 11, True)]
)
def test_a_request_whose_process_is_gone_may_be_done_again(
    state: StateStore, engine: Engine, clock: Clock, alive: bool | None, minutes: float, again: bool
) -> None:
    gone = Replays(engine, clock=clock, process=ProcessMark("elsewhere", 7, "x"))
    gone.begin("o", "k")
    clock.turn(minutes=minutes)
    looking = Replays(engine, clock=clock, alive=lambda _: alive)

    assert looking.begin("o", "k") == (None if again else InFlight())
    gone.keep("o", "k", ANSWER)
    assert state.replays.begin("o", "k") == InFlight() if again else ANSWER


def test_of_many_at_once_one_is_carried_out(state: StateStore) -> None:
    with ThreadPoolExecutor(8) as threads:
        begun = list(threads.map(lambda _: state.replays.begin("o", "k"), range(16)))

    assert begun.count(None) == 1
    assert begun.count(InFlight()) == 15
