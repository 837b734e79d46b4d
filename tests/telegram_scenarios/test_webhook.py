"""Telegram pushes to `yiju serve`: as with polling, and nobody else can push."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.telegram_scenarios.program import free_port
from tests.telegram_scenarios.questions import OUTPUT, SEATS, TRACK
from tests.telegram_scenarios.town import Town, open_town

SECRET = "a_secret-of_the_hook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture(scope="module")
def hook_town(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """`yiju serve` with a webhook."""
    port = free_port()
    settings = {
        "YIJU_HTTP__PORT": str(port),
        "YIJU_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "YIJU_TELEGRAM__WEBHOOK_SECRET": SECRET,
    }
    with open_town(tmp_path_factory.mktemp("hook"), models_dir, command="serve", **settings) as town:
        yield town


@pytest.fixture
def town(hook_town: Town) -> Iterator[Town]:
    try:
        with hook_town.scenario():
            yield hook_town
    finally:
        hook_town.mend()
    assert SECRET not in hook_town.program.log.read_text(encoding="utf-8")


@pytest.fixture
def http(hook_town: Town) -> Iterator[httpx.Client]:
    address = hook_town.server.state()["webhook"]["url"].removesuffix("/telegram/webhook")
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        yield client


def test_telegram_is_told_where_to_push(town: Town) -> None:
    assert town.server.state()["webhook"]["url"].endswith("/telegram/webhook")


def test_pushed_questions_and_buttons_are_answered(town: Town) -> None:
    person, group = town.person(), town.group()
    person.says(TRACK.question)
    answer = person.expect_reply(TRACK.answer)
    person.presses(answer, "[1]")
    person.expect_reply("试车场由珠峰摩托车有限公司")
    group.says(f"/ask {OUTPUT.question}")
    group.expect_reply(OUTPUT.answer)


def test_many_at_once_are_all_answered(town: Town) -> None:
    people = [town.person() for _ in range(30)]
    for person in people:
        person.says(SEATS.question)
    for person in people:
        person.expect_reply(SEATS.answer)


def test_a_push_whose_confirmation_was_lost_comes_again_and_is_answered_once(town: Town) -> None:
    person = town.person()
    town.server.fail("webhook", kind="lost", count=2)
    person.says(SEATS.question)
    person.expect_reply(SEATS.answer)
    town.settle()


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: "wrong"}, {HEADER: SECRET + "x"}])
def test_nobody_pushes_without_the_secret(town: Town, http: httpx.Client, headers: dict[str, str]) -> None:
    person = town.person()
    message = {"message_id": 1, "date": 1, "chat": {"id": person.chat, "type": "private"}, "text": SEATS.question}
    refused = http.post("/telegram/webhook", json={"update_id": 1, "message": message}, headers=headers)
    assert refused.status_code == 403
    assert SECRET not in refused.text
    town.settle()
    assert person.unread() == []


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 400), (b'{"update_id": "x"}', 400), (b" " * (1 << 20) + b"{}", 413)]
)
def test_what_is_no_update_is_refused(town: Town, http: httpx.Client, body: bytes, status: int) -> None:
    assert http.post("/telegram/webhook", content=body, headers={HEADER: SECRET}).status_code == status


def test_http_answers_beside_it(town: Town, http: httpx.Client) -> None:
    asked = http.post("/v1/ask", json={"question": SEATS.question})
    assert SEATS.answer in asked.json()["short_answer"]
    assert http.get("/telegram/webhook").status_code == 405


def test_telegram_and_http_give_the_same_answer(town: Town, http: httpx.Client) -> None:
    person = town.person()
    person.says(TRACK.question)
    answer = person.expect_reply(TRACK.answer)
    asked = http.post("/v1/ask", json={"question": TRACK.question}).json()
    assert asked["short_answer"] in answer["text"]
    assert asked["citations"][0]["document_title"] in answer["text"]


def test_a_reply_that_may_be_lost_is_told_of(town: Town) -> None:
    person = town.person()
    town.server.fail("sendMessage", kind="lost", chat_id=person.chat)
    person.says(SEATS.question)
    person.expect_reply(SEATS.answer)
    person.expect_reply("抱歉", SEATS.question)


def test_what_was_taken_does_not_stay_with_telegram(town: Town) -> None:
    person = town.person()
    update = town.server.say_update("/help", user=person.user)
    person.expect_reply("/new")
    calls = [call for call in town.server.calls("webhook") if call["params"]["update_id"] == update["update_id"]]
    assert [call["status"] for call in calls] == [200]
    assert town.server.waiting_updates() == 0
