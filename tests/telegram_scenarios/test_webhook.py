"""`yiju serve`: Telegram pushes to the webhook, HTTP beside it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.telegram_scenarios.program import WEBHOOK_SECRET
from tests.telegram_scenarios.questions import EVERY, OUTPUT, SEATS, TRACK
from tests.telegram_scenarios.town import Town
from tests.telegram_server.webhook import SECRET_HEADER


def push(town: Town, content: bytes, secret: str | None = WEBHOOK_SECRET) -> httpx.Response:
    headers = {"Content-Type": "application/json"} | ({} if secret is None else {SECRET_HEADER: secret})
    return httpx.post(f"{town.address}/telegram/webhook", content=content, headers=headers, trust_env=False)


def pushes(town: Town, update: dict[str, Any]) -> list[int]:
    """The status of each push of the update so far."""
    calls = [call for call in town.server.calls("webhook") if call["params"]["update_id"] == update["update_id"]]
    return [call["status"] for call in calls]


def test_telegram_is_told_where_to_push(pushed: Town) -> None:
    assert pushed.server.state()["webhook"] == f"{pushed.address}/telegram/webhook"


def test_a_pushed_question_is_answered(pushed: Town) -> None:
    person = pushed.person()
    person.says(OUTPUT.question)
    answer = person.expect_reply(OUTPUT.answer, "出处")
    assert person.presses(answer, "[1]") == ""
    person.expect_reply("1.3亿元")


def test_telegram_and_http_give_the_same_answer(pushed: Town) -> None:
    person = pushed.person()
    person.says(SEATS.question)
    answer = person.expect_reply(SEATS.answer)
    asked = httpx.post(f"{pushed.address}/v1/ask", json={"question": SEATS.question}, trust_env=False, timeout=60)
    assert asked.json()["short_answer"] in answer["text"]
    assert asked.json()["citations"][0]["document_title"] in answer["text"]


def test_many_chats_are_pushed_side_by_side(pushed: Town) -> None:
    people = [(pushed.person(), EVERY[number % len(EVERY)]) for number in range(12)]
    for person, asked in people:
        person.says(asked.question)
    for person, asked in people:
        person.expect_reply(asked.answer)


@pytest.mark.parametrize("secret", [None, "", "wrong", WEBHOOK_SECRET + "x", WEBHOOK_SECRET[:-1]])
def test_without_the_secret_nothing_is_taken(pushed: Town, secret: str | None) -> None:
    refused = push(pushed, b'{"update_id": 1}', secret)
    assert refused.status_code == 403
    assert WEBHOOK_SECRET not in refused.text


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"update_id": "1"}', b"\xff\xfe"])
def test_what_is_no_update_is_malformed(pushed: Town, content: bytes) -> None:
    assert push(pushed, content).status_code == 400


def test_what_is_too_large_is_not_read(pushed: Town) -> None:
    assert push(pushed, b" " * (2 * 1024 * 1024)).status_code == 413


def test_a_push_whose_answer_was_lost_is_taken_once(pushed: Town) -> None:
    person = pushed.person()
    pushed.server.fail("webhook", kind="lost")
    update = pushed.server.say_update(TRACK.question, user=person.user)
    person.expect_reply(TRACK.answer)
    pushed.server.repeat(update["update_id"])
    pushed.settle()
    assert len(pushes(pushed, update)) >= 2


def test_an_answer_that_may_be_lost_is_told_of(pushed: Town) -> None:
    person = pushed.person()
    pushed.server.fail("sendMessage", kind="lost", chat_id=person.chat)
    person.says(SEATS.question)
    person.expect_reply(SEATS.answer)
    person.expect_reply("抱歉", SEATS.question)


def test_nothing_stays_with_telegram(pushed: Town) -> None:
    person = pushed.person()
    update = pushed.server.say_update("/help", user=person.user)
    person.expect_reply("/new")
    assert set(pushes(pushed, update)) == {200}
    assert pushed.server.waiting_updates() == 0
