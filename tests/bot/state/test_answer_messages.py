"""Which messages carry which answer: found by the message, by the question, gone with the answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, delete

from bot.state.answer_messages import ShownAnswer
from bot.state.store import StateStore
from bot.state.tables import answers
from corpus.errors import StoreError
from tests.bot.fakes import answer

PLACE, OTHER = "123:42", "123:-1001"


@pytest.fixture
def kept(state: StateStore) -> StateStore:
    for answer_id in ("a1", "a2"):
        state.answers.save(replace(answer("问？"), answer_id=answer_id), question="问？", owner="telegram:42")
    return state


def test_an_answer_is_found_by_each_of_its_messages_and_by_its_question(kept: StateStore) -> None:
    shown = kept.answer_messages
    shown.keep(PLACE, [11, 12], "a1", question_message_id=10)

    assert [shown.answer_of(PLACE, number) for number in (10, 11, 12, 13)] == ["a1", "a1", "a1", None]
    assert shown.shown_for(PLACE, 10) == ShownAnswer("a1", (11, 12))
    assert shown.shown_for(PLACE, 11) is None


def test_numbers_mean_something_only_in_their_place(kept: StateStore) -> None:
    shown = kept.answer_messages
    shown.keep(PLACE, [11], "a1", question_message_id=10)
    shown.keep(OTHER, [11], "a2", question_message_id=10)

    assert (shown.answer_of(PLACE, 11), shown.answer_of(OTHER, 11)) == ("a1", "a2")


def test_the_answer_to_an_edited_question_takes_the_place_of_the_earlier_one(kept: StateStore) -> None:
    shown = kept.answer_messages
    shown.keep(PLACE, [11, 12], "a1", question_message_id=10)
    shown.keep(PLACE, [11], "a2", question_message_id=10)

    assert shown.shown_for(PLACE, 10) == ShownAnswer("a2", (11,))
    assert shown.answer_of(PLACE, 12) is None


def test_an_answer_that_no_message_asked_for_is_found_by_its_messages_alone(kept: StateStore) -> None:
    shown = kept.answer_messages
    shown.keep(PLACE, [11], "a1")
    shown.keep(PLACE, [12], "a2")

    assert (shown.answer_of(PLACE, 11), shown.answer_of(PLACE, 12)) == ("a1", "a2")


def test_an_answer_without_messages_forgets_the_earlier_ones(kept: StateStore) -> None:
    shown = kept.answer_messages
    shown.keep(PLACE, [11], "a1", question_message_id=10)
    shown.keep(PLACE, [], "a2", question_message_id=10)

    assert shown.shown_for(PLACE, 10) is None


def test_messages_go_with_their_answer(kept: StateStore, engine: Engine) -> None:
    kept.answer_messages.keep(PLACE, [11], "a1", question_message_id=10)
    with engine.begin() as connection:
        connection.execute(delete(answers).where(answers.c.answer_id == "a1"))

    assert kept.answer_messages.answer_of(PLACE, 11) is None


def test_an_answer_that_was_not_kept_has_no_messages(kept: StateStore) -> None:
    with pytest.raises(StoreError):
        kept.answer_messages.keep(PLACE, [11], "unknown")
    assert kept.answer_messages.answer_of(PLACE, 11) is None


def test_chat_ids_of_telegram_fit(kept: StateStore) -> None:
    largest = 2**52 - 1
    kept.answer_messages.keep(f"123:-{largest}", [largest], "a1", question_message_id=largest - 1)
    assert kept.answer_messages.answer_of(f"123:-{largest}", largest) == "a1"
