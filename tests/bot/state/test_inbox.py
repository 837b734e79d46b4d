"""The inbox: stored once, never forgotten before it is done, and nothing that people wrote kept after that."""

from __future__ import annotations

import json
import secrets

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.state.inbox import BEGUN, DONE, KEPT_DAYS, RECEIVED, Arrival, Mark
from bot.state.store import StateStore
from tests.bot.state.conftest import Clock
from tests.databases import everything_stored

BOT, OTHER = "123", "456"
QUESTION = "青石镇苦瓜产值多少？"


def arrival(update_id: int, text: str = QUESTION) -> Arrival:
    return Arrival(update_id, 22, json.dumps({"update_id": update_id, "text": text}, ensure_ascii=False))


def test_what_arrives_is_unfinished_until_it_is_done(state: StateStore, clock: Clock) -> None:
    assert state.inbox.keep(BOT, [arrival(7), arrival(8)]) == {7, 8}
    first, second = state.inbox.unfinished(BOT)
    assert (first.update_id, first.state, first.body, first.tries) == (7, RECEIVED, arrival(7).body, 0)
    assert first.received_at == clock.now
    state.inbox.keep(BOT, [], [Mark(7, BEGUN, "answer1"), Mark(8, DONE)])
    (left,) = state.inbox.unfinished(BOT)
    assert (left.update_id, left.state, left.answer_id) == (7, BEGUN, "answer1")
    assert second.update_id == 8


def test_an_update_is_new_once_whatever_has_become_of_it(state: StateStore) -> None:
    state.inbox.keep(BOT, [arrival(7)])
    assert state.inbox.keep(BOT, [arrival(7), arrival(8), arrival(8)]) == {8}
    state.inbox.keep(BOT, [], [Mark(7, DONE)])
    assert state.inbox.keep(BOT, [arrival(7), arrival(8)]) == set()
    assert [each.update_id for each in state.inbox.unfinished(BOT)] == [8]


def test_each_bot_has_an_inbox_of_its_own(state: StateStore) -> None:
    state.inbox.keep(BOT, [arrival(7)])
    assert state.inbox.keep(OTHER, [arrival(7)]) == {7}
    state.inbox.keep(OTHER, [], [Mark(7, DONE)])
    assert [each.update_id for each in state.inbox.unfinished(BOT)] == [7]
    assert state.inbox.unfinished(OTHER) == []


def test_what_people_wrote_is_forgotten_as_soon_as_it_is_done(state: StateStore, engine: Engine) -> None:
    state.inbox.keep(BOT, [arrival(7)])
    assert QUESTION in everything_stored(engine)
    state.inbox.keep(BOT, [], [Mark(7, BEGUN), Mark(7, DONE)])
    assert QUESTION not in everything_stored(engine)


def test_a_mark_in_the_same_transaction_as_an_arrival_is_of_another_update(state: StateStore) -> None:
    state.inbox.keep(BOT, [arrival(7)])
    assert state.inbox.keep(BOT, [arrival(8)], [Mark(7, DONE)]) == {8}
    assert [each.update_id for each in state.inbox.unfinished(BOT)] == [8]


def test_done_is_final_and_the_answer_is_not_lost_by_a_later_mark(state: StateStore) -> None:
    state.inbox.keep(BOT, [arrival(7), arrival(8)])
    state.inbox.keep(BOT, [], [Mark(7, DONE), Mark(8, BEGUN, "a1")])
    state.inbox.keep(BOT, [], [Mark(7, RECEIVED), Mark(8, BEGUN, tried=True)])
    (left,) = state.inbox.unfinished(BOT)
    assert (left.update_id, left.answer_id, left.tries) == (8, "a1", 1)


def test_tries_are_counted(state: StateStore) -> None:
    state.inbox.keep(BOT, [arrival(7)])
    for tries in (1, 2, 3):
        state.inbox.keep(BOT, [], [Mark(7, RECEIVED, tried=True)])
        assert state.inbox.unfinished(BOT)[0].tries == tries


def test_numbers_are_forgotten_after_some_days_but_nothing_unfinished(state: StateStore, clock: Clock) -> None:
    state.inbox.keep(BOT, [arrival(7), arrival(8), arrival(9)])
    state.inbox.keep(BOT, [], [Mark(7, DONE), Mark(8, BEGUN)])
    clock.turn(days=KEPT_DAYS)
    assert state.inbox.prune() == 0
    clock.turn(seconds=1)
    assert state.inbox.prune() == 1
    assert [each.update_id for each in state.inbox.unfinished(BOT)] == [8, 9]
    assert state.inbox.keep(BOT, [arrival(7), arrival(8)]) == {7}


def test_a_large_backlog_arrives_at_once(state: StateStore) -> None:
    assert len(state.inbox.keep(BOT, [arrival(number) for number in range(3000)])) == 3000
    assert [each.update_id for each in state.inbox.unfinished(BOT)] == list(range(3000))


STEPS = st.lists(
    st.tuples(st.sampled_from(["arrive", RECEIVED, BEGUN, DONE]), st.lists(st.integers(1, 6), max_size=4)), max_size=20
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example has a bot of its own
@given(STEPS)
def test_the_inbox_is_what_a_dictionary_would_be(state: StateStore, steps: list[tuple[str, list[int]]]) -> None:
    inbox = state.inbox
    bot, oracle = secrets.token_hex(8), dict[int, str]()
    for step, numbers in steps:
        if step == "arrive":
            new = set(numbers) - oracle.keys()
            assert inbox.keep(bot, [arrival(number) for number in numbers]) == new
            oracle.update({number: RECEIVED for number in numbers if number in new})
        else:
            inbox.keep(bot, [], [Mark(number, step) for number in numbers])
            oracle.update({number: step for number in numbers if oracle.get(number, DONE) != DONE})
    assert {each.update_id: each.state for each in inbox.unfinished(bot)} == {
        number: state for number, state in oracle.items() if state != DONE
    }
