"""Telegram or the network in trouble: nothing is lost, nothing is sent twice, nobody is left without a word."""

from __future__ import annotations

import pytest

from tests.telegram_scenarios.questions import EVERY, OUTPUT, SEATS, TRACK
from tests.telegram_scenarios.town import Town


def test_a_flood_wait_is_waited_out(town: Town) -> None:
    person = town.person()
    words = "Too Many Requests: retry after 1"
    town.server.fail("sendMessage", status=429, description=words, retry_after=1, chat_id=person.chat, count=2)
    person.says(SEATS.question)
    person.expect_reply(SEATS.answer)


@pytest.mark.parametrize(
    ("status", "description"), [(500, "Internal Server Error"), (502, "Bad Gateway"), (504, "Gateway Timeout")]
)
def test_server_errors_are_waited_out(town: Town, status: int, description: str) -> None:
    person = town.person()
    town.server.fail("sendMessage", status=status, description=description, chat_id=person.chat, count=2)
    person.says(SEATS.question)
    person.expect_reply(SEATS.answer)


def test_html_that_is_refused_is_sent_as_plain_text_with_its_buttons(town: Town) -> None:
    person = town.person()
    refusal = 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 0'
    town.server.fail("sendMessage", status=400, description=refusal, chat_id=person.chat)
    person.says(SEATS.question)
    answer = person.expect_reply(SEATS.answer)
    assert answer["entities"] == []
    assert person.presses(answer, "👍")
    person.forgets_unread()


def test_an_answer_that_times_out_is_not_sent_twice(town: Town) -> None:
    person = town.person()
    # Longer than the bot waits for Telegram.
    town.server.fail("sendMessage", kind="delay", delay_seconds=22, chat_id=person.chat)
    person.says(SEATS.question)
    person.expect_reply(SEATS.answer)
    person.expect_reply("抱歉", SEATS.question)


def test_a_press_that_comes_twice_shows_its_passage_once(town: Town) -> None:
    person = town.person()
    person.says(TRACK.question)
    answer = person.expect_reply(TRACK.answer)
    update = town.server.press_update(answer, "[1]", user=person.user)
    person.expect_reply("试车场由珠峰摩托车有限公司")
    town.server.repeat(update["update_id"])
    town.settle()


def test_typing_that_fails_costs_no_answer(town: Town) -> None:
    person = town.person()
    town.server.fail("sendChatAction", status=500, chat_id=person.chat, count=50)
    person.says(SEATS.question)
    person.expect_reply(SEATS.answer)


def test_a_button_that_waited_too_long_breaks_nothing(town: Town) -> None:
    person = town.person()
    person.says(TRACK.question)
    answer = person.expect_reply(TRACK.answer)
    town.tolerates("query is too old")
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    town.server.fail("answerCallbackQuery", status=400, description=too_old)
    town.server.press(answer, "[1]", user=person.user)
    person.expect_reply("试车场由珠峰摩托车有限公司")


def test_polls_that_fail_are_tried_again(town: Town) -> None:
    person = town.person()
    town.server.fail("getUpdates", status=502, description="Bad Gateway", count=2)
    town.server.fail("getUpdates", kind="reset", count=1)
    person.says(SEATS.question)
    person.expect_reply(SEATS.answer)


def test_updates_whose_delivery_was_lost_come_again_and_are_answered_once(town: Town) -> None:
    person = town.person()
    town.server.fail("getUpdates", kind="lost", count=1)
    person.says(SEATS.question)
    person.expect_reply(SEATS.answer)
    town.settle()


def test_somebody_who_blocked_the_bot_costs_the_others_nothing(town: Town) -> None:
    gone, person = town.person(), town.person()
    gone.says("/help")
    gone.expect_reply()
    town.server.block(gone.chat)
    town.tolerates("bot was blocked by the user")
    gone.says(SEATS.question)
    person.says(OUTPUT.question)
    person.expect_reply(OUTPUT.answer)
    gone.expect_refusal("bot was blocked")
    town.server.block(gone.chat, blocked=False)
    gone.says(OUTPUT.question)
    gone.expect_reply(OUTPUT.answer)


def test_a_group_that_removed_the_bot_costs_the_others_nothing(town: Town) -> None:
    group, person = town.group(), town.person()
    group.says("/ask")
    group.expect_reply()
    town.server.block(group.chat)
    town.tolerates("bot was kicked")
    group.says(f"/ask {SEATS.question}")
    person.says(OUTPUT.question)
    person.expect_reply(OUTPUT.answer)
    group.expect_refusal("bot was kicked")


def test_under_flood_limits_everybody_gets_their_answers_in_the_end(town: Town) -> None:
    people = [town.person() for _ in range(6)]
    town.server.limit_floods({})
    for person in people:
        for asked in EVERY[:3]:
            person.says(asked.question)
    for person in people:
        for asked in EVERY[:3]:
            person.expect_reply(asked.answer)


def test_a_group_at_its_limit_gets_its_answer_after_the_wait(town: Town) -> None:
    group = town.group()
    town.server.limit_floods({"group_per_minute": 2, "group_seconds": 5})
    for asked in EVERY[:3]:
        group.says(f"/ask {asked.question}")
    for asked in EVERY[:3]:
        group.expect_reply(asked.answer)
