"""Messages that are no ordinary question: long, empty, full of signs, no text at all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.telegram_scenarios.questions import SEATS
from tests.telegram_scenarios.town import Town


@pytest.mark.parametrize(
    "text",
    [
        "<b>座位</b> & <script>alert(1)</script> \"多少\" 'x' &lt;?",
        "座位有多少？" + "😀" * 100,
        "𠮷野家在哪里？",
        "ﾊﾟｿｺﾝ　全角　２６０　个？",
        "多少\u202e座位\u200b？",
        "\n\n座\n位\n多\n少\n",
        "what is <the> seat & count?",
        "SELECT * FROM passages; --",
        "a" * 300,
    ],
    ids=["html", "emoji", "beyond_the_plane", "full_width", "bidi", "lines", "english", "sql", "one_word"],
)
def test_whatever_the_text_there_is_one_valid_reply(town: Town, text: str) -> None:
    person = town.person()
    person.says(text)
    person.expect_reply()


@pytest.mark.parametrize("text", ["？？！！", "…………", "😀😀", "。"], ids=["marks", "dots", "emoji", "stop"])
def test_signs_alone_are_no_question(town: Town, text: str) -> None:
    person = town.person()
    person.says(text)
    person.expect_reply("没法回答")


def test_a_question_of_four_thousand_characters_is_declined(town: Town) -> None:
    person = town.person()
    person.says("请问镇里的凉瓜产值" * 455)
    person.expect_reply("太长")


@pytest.mark.parametrize(
    "content",
    [
        {
            "sticker": {"file_id": "s", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1}
            | {"is_animated": False, "is_video": False}
        },
        {"voice": {"file_id": "v", "file_unique_id": "u", "duration": 3}},
        {"photo": [{"file_id": "p", "file_unique_id": "u", "width": 1, "height": 1}]},
        {"location": {"longitude": 113.0, "latitude": 22.5}},
        {"contact": {"phone_number": "10086", "first_name": "客服"}},
    ],
    ids=lambda content: next(iter(content)),
)
def test_what_is_not_text_is_declined(town: Town, content: dict[str, Any]) -> None:
    person = town.person()
    person.says("", **content)
    person.expect_reply("文字")


def test_service_messages_get_no_reply(town: Town) -> None:
    person = town.person()
    person.says("", message_auto_delete_timer_changed={"message_auto_delete_time": 86400})
    town.settle()
    person.says(SEATS.question)
    person.expect_reply(SEATS.answer)


def test_a_forwarded_question_is_a_question(town: Town) -> None:
    person = town.person()
    origin = {"type": "hidden_user", "sender_user_name": "同事", "date": 1_700_000_000}
    person.says(SEATS.question, forward_origin=origin)
    person.expect_reply(SEATS.answer)


def test_an_unknown_button_only_stops_turning(town: Town) -> None:
    person = town.person()
    person.says(SEATS.question)
    answer = person.expect_reply(SEATS.answer)
    for data in (
        "what is this",
        "p:s:none",
        "p:s:ffffffffffffffffffff:0:5",
        "p:",
        "u:",
        "d:nobody",
        "::",
        "p:x:y:z:1:2",
    ):
        person.presses_data(answer, data)
    town.settle()
    person.says(SEATS.question)
    person.expect_reply(SEATS.answer)
