"""Conversations: whose they are, what of them is loaded, when they are forgotten."""

from __future__ import annotations

import re
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from bot.answers import Outcome
from bot.errors import InvalidConversationError, InvalidQuestionError
from bot.state.conversations import ID_PATTERN, Turn, new_conversation_id, now_utc
from bot.state.store import StateStore
from bot.state.tables import conversations, turns
from tests.bot.state.conftest import Clock


def turn(question: str, *, short_answer: str | None = "1.3亿元") -> Turn:
    outcome = Outcome.ANSWERED if short_answer else Outcome.NOT_FOUND
    return Turn(question, f"杜阮{question}", short_answer, outcome, "文", "段", now_utc())


def test_a_new_conversation_has_an_id_that_cannot_be_guessed(state: StateStore) -> None:
    first, second = state.conversations.open(None, "local"), state.conversations.open(None, "local")
    assert first.id != second.id
    assert ID_PATTERN.fullmatch(first.id)
    assert len(first.id) >= 20
    assert (first.owner, first.turns) == ("local", ())


def test_turns_come_back_in_their_order(state: StateStore) -> None:
    asked = [turn("凉瓜产值多少？"), turn("种植面积呢？", short_answer=None), turn("谁说的？😀𠮷")]
    for each in asked:
        state.conversations.append("c-1", "key:a", each)
    assert state.conversations.open("c-1", "key:a").turns == tuple(asked)
    assert state.conversations.open("c-1", "key:a", last_turns=2).turns == tuple(asked[1:])


def test_the_same_id_of_another_owner_is_another_conversation(state: StateStore) -> None:
    state.conversations.append("c", "key:a", turn("甲问？"))
    assert state.conversations.open("c", "key:b").turns == ()
    state.conversations.append("c", "key:b", turn("乙问？"))
    assert [each.question for each in state.conversations.open("c", "key:a").turns] == ["甲问？"]
    assert [each.question for each in state.conversations.open("c", "key:b").turns] == ["乙问？"]
    assert state.conversations.forget("c", "key:b") is True
    assert state.conversations.forget("c", "key:b") is False
    assert len(state.conversations.open("c", "key:a").turns) == 1


@pytest.mark.parametrize("conversation_id", ["a", "A-_9", "x" * 64])
def test_ids_that_a_client_may_choose(state: StateStore, conversation_id: str) -> None:
    assert state.conversations.open(conversation_id, "local").id == conversation_id


@pytest.mark.parametrize("conversation_id", ["", "x" * 65, "a b", "会话", "a\n", "a/b", "ａ", "😀", "a\0"])
def test_ids_that_a_client_may_not_choose(state: StateStore, conversation_id: str) -> None:
    with pytest.raises(InvalidConversationError, match=r"1 到 64 个字母") as caught:
        state.conversations.open(conversation_id, "local")
    assert isinstance(caught.value, InvalidQuestionError)


@given(st.integers())
def test_minted_ids_have_the_form_of_the_contract(_: int) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", new_conversation_id())


def test_a_conversation_is_forgotten_a_day_after_its_last_turn(state: StateStore, clock: Clock) -> None:
    state.conversations.append("c", "local", turn("一？"))
    clock.turn(hours=20)
    state.conversations.append("c", "local", turn("二？"))
    clock.turn(hours=23.9)
    assert len(state.conversations.open("c", "local").turns) == 2
    clock.turn(hours=0.2)
    assert state.conversations.open("c", "local").turns == ()


def test_an_expired_conversation_begins_anew(state: StateStore, clock: Clock) -> None:
    state.conversations.append("c", "local", turn("旧？"))
    clock.turn(hours=25)
    state.conversations.append("c", "local", turn("新？"))
    assert [each.question for each in state.conversations.open("c", "local").turns] == ["新？"]


def test_the_hours_can_be_set(engine: Engine, clock: Clock) -> None:
    state = StateStore(engine, conversation_hours=1, clock=clock)
    state.migrate()
    state.conversations.append("c", "local", turn("一？"))
    clock.turn(hours=1.1)
    assert state.conversations.open("c", "local").turns == ()


def test_what_is_over_leaves_the_database(state: StateStore, engine: Engine, clock: Clock) -> None:
    for number in range(5):
        state.conversations.append(f"old{number}", "local", turn("一？"))
    clock.turn(hours=30)
    state.conversations.append("new", "local", turn("一？"))  # purges by the way
    with engine.connect() as connection:
        assert connection.execute(select(conversations.c.conversation_id)).scalars().all() == ["new"]
        assert connection.execute(select(func.count()).select_from(turns)).scalar() == 1
    clock.turn(hours=30)
    assert state.conversations.purge() == 1


def test_two_threads_may_ask_in_one_conversation(state: StateStore) -> None:
    errors: list[Exception] = []

    def ask(number: int) -> None:
        try:
            for step in range(5):
                state.conversations.append("c", "local", turn(f"{number}-{step}"))
        except Exception as error:  # noqa: BLE001 - told to the test
            errors.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(state.conversations.open("c", "local", last_turns=100).turns) == 20
