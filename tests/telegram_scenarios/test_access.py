"""Who is not allowed gets no answer, and learns how to be."""

from __future__ import annotations

import pytest

from tests.telegram_scenarios.questions import SEATS
from tests.telegram_scenarios.town import Town


@pytest.mark.parametrize("text", ["/start", "/help", SEATS.question, "/status", "/fly"])
def test_a_stranger_is_told_how_to_be_let_in(town: Town, text: str) -> None:
    stranger = town.stranger()
    stranger.says(text)
    assert SEATS.answer not in stranger.expect_reply("没有使用权限")["text"]


def test_a_strangers_file_is_not_taken(town: Town) -> None:
    stranger = town.stranger()
    stranger.sends_file("通知.txt", "通知\n\n一条通知。\n".encode())
    stranger.expect_reply("没有使用权限")


def test_a_stranger_cannot_press_the_buttons_of_others(town: Town) -> None:
    person, stranger = town.person(), town.stranger()
    person.says(SEATS.question)
    answer = person.expect_reply(SEATS.answer)
    stranger.says("/start")
    stranger.expect_reply()
    for label in ("[1]", "👍"):
        elsewhere = {**answer, "message_id": 999_999, "chat": {"id": stranger.chat, "type": "private"}}
        assert stranger.presses(elsewhere, label) == ""
    town.settle()


@pytest.mark.parametrize("command", ["/status", "/reindex", "/gaps"])
def test_what_administrators_do_is_theirs(town: Town, command: str) -> None:
    person = town.person()
    person.says(command)
    person.expect_reply("管理员")


def test_files_are_taken_from_administrators_only(town: Town) -> None:
    person = town.person()
    person.sends_file("通知.txt", "通知\n\n一条通知。\n".encode())
    person.expect_reply("管理员")
