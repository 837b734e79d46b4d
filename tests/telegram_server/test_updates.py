"""Updates: confirmed by offset, of wanted kinds, pushed to a webhook until taken."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.telegram_server.faults import Fault
from tests.telegram_server.methods import Refused, call
from tests.telegram_server.state import BotState
from tests.telegram_server.webhook import SECRET_HEADER


@pytest.fixture
def bot() -> BotState:
    return BotState("1:token")


def write(bot: BotState, text: str, chat: int = 7) -> dict[str, Any]:
    return bot.push({"message": {"chat": {"id": chat, "type": "private"}, "from": {"id": chat}, "text": text}})


def fetch(bot: BotState, **params: Any) -> list[int]:
    return [update["update_id"] for update in call(bot, "getUpdates", {name: str(v) for name, v in params.items()})]


def test_updates_come_again_until_confirmed(bot: BotState) -> None:
    ids = [write(bot, text)["update_id"] for text in "甲乙丙"]
    assert fetch(bot) == fetch(bot) == ids
    assert fetch(bot, limit=2) == ids[:2]
    assert fetch(bot, offset=ids[0] + 1) == ids[1:]
    assert fetch(bot, offset=-1) == ids[2:]
    assert fetch(bot, offset=ids[2] + 1) == []
    assert bot.waiting() == 0


def test_an_update_can_be_handed_out_twice(bot: BotState) -> None:
    first = write(bot, "甲")["update_id"]
    assert fetch(bot) == [first]
    second = write(bot, "乙")["update_id"]
    bot.updates.repeat(first)
    assert fetch(bot, offset=first + 1) == [first, second]
    assert fetch(bot, offset=second + 1) == []


def test_only_wanted_kinds_come_and_later_polls_keep_the_choice(bot: BotState) -> None:
    fetch(bot, allowed_updates='["message"]')
    fetch(bot)
    sent = write(bot, "甲")
    bot.push({"edited_message": {**sent["message"], "text": "乙"}})
    bot.push({"inline_query": {"id": "q", "from": {"id": 7}, "query": "丙"}})
    assert fetch(bot) == [sent["update_id"]]
    fetch(bot, allowed_updates='["inline_query"]', offset=sent["update_id"] + 1)
    assert fetch(bot, offset=bot.push({"inline_query": {"id": "r", "from": {"id": 7}, "query": "丁"}})["update_id"])


def test_a_later_poll_ends_the_earlier(bot: BotState) -> None:
    failures: list[Refused] = []

    def poll() -> None:
        try:
            call(bot, "getUpdates", {"timeout": "20"})
        except Refused as error:
            failures.append(error)

    earlier = threading.Thread(target=poll)
    earlier.start()
    while earlier.is_alive():
        call(bot, "getUpdates", {})
        earlier.join(0.05)
    assert [error.status for error in failures] == [409]


def test_polling_and_a_webhook_exclude_each_other(bot: BotState) -> None:
    call(bot, "setWebhook", {"url": "http://127.0.0.1:9/hook"})
    with pytest.raises(Refused, match="can't use getUpdates method while webhook is active") as refused:
        call(bot, "getUpdates", {})
    assert refused.value.status == 409
    waiting = write(bot, "甲")["update_id"]
    call(bot, "deleteWebhook", {})
    assert fetch(bot) == [waiting]
    call(bot, "deleteWebhook", {"drop_pending_updates": "true"})
    assert fetch(bot) == []


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"url": "ftp://example.org"}, "HTTPS URL"),
        ({"url": "https://example.org", "secret_token": "两"}, "unallowed characters"),
        ({"url": "https://example.org", "max_connections": "101"}, "max_connections"),
    ],
)
def test_webhooks_that_telegram_refuses(bot: BotState, params: dict[str, str], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        call(bot, "setWebhook", params)
    assert call(bot, "getWebhookInfo", {})["url"] == ""


class Receiver:
    """A webhook that answers with the statuses it is given, and 200 after them."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.got: list[tuple[int, str | None]] = []
        self.arrived = threading.Condition()

    def wait_for(self, count: int) -> list[int]:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.got) >= count, 20)
            return [update_id for update_id, _ in self.got]


@contextmanager
def receiving() -> Iterator[tuple[Receiver, str]]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            update = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with receiver.arrived:
                receiver.got.append((update["update_id"], self.headers.get(SECRET_HEADER)))
                status = receiver.statuses.pop(0) if receiver.statuses else 200
                receiver.arrived.notify_all()
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver, f"http://127.0.0.1:{server.server_address[1]}/hook"
    finally:
        server.shutdown()
        server.server_close()


def test_pushes_carry_the_secret_and_come_again_until_taken_in_order(bot: BotState) -> None:
    with receiving() as (receiver, url):
        receiver.statuses = [500, 403]
        first, second = (write(bot, text)["update_id"] for text in "甲乙")
        call(bot, "setWebhook", {"url": url, "secret_token": "s3cret", "allowed_updates": '["message"]'})
        assert receiver.wait_for(4) == [first, first, first, second]
        assert {secret for _, secret in receiver.got} == {"s3cret"}
        with bot.changed:
            assert bot.changed.wait_for(lambda: not bot.updates.waiting, 20)
        info = call(bot, "getWebhookInfo", {})
        assert (info["url"], info["pending_update_count"], info["allowed_updates"]) == (url, 0, ["message"])
        assert info["last_error_message"] == "Wrong response from the webhook: 403"
        call(bot, "deleteWebhook", {})


def test_a_push_whose_answer_is_lost_comes_again(bot: BotState) -> None:
    bot.faults.append(Fault("webhook", kind="lost"))
    with receiving() as (receiver, url):
        update = write(bot, "甲")["update_id"]
        call(bot, "setWebhook", {"url": url})
        assert receiver.wait_for(2) == [update, update]
        call(bot, "deleteWebhook", {})
