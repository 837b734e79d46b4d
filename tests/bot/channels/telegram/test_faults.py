"""The channel in trouble: refused messages, floods, other pollers, refused tokens, being stopped."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram.errors import SecondPollerError, TokenRefusedError
from bot.channels.telegram.ports import ChannelOptions
from bot.channels.telegram.requests import Access
from bot.channels.telegram.watch import NEWCOMER_SECONDS, PollWatch
from tests.bot.channels.telegram.fakes import ERRORS, answered, citation
from tests.bot.channels.telegram.world import ADMIN, TOKEN, USER, Running, World
from tests.telegram_server.client import buttons


def test_a_passage_that_is_gone_is_said_to_be(live: World) -> None:
    live.service.answers["产值？"] = answered(citations=(citation(passage_id="f" * 20),))
    live.server.say("产值？", user=USER)
    live.server.press(live.server.expect_message(), "[1]", user=USER)
    assert "已经不在资料里" in live.server.expect("answerCallbackQuery")["params"]["text"]


def test_feedback_on_an_expired_answer_and_foreign_buttons_only_stop_turning(live: World) -> None:
    live.server.say("产值？", user=USER)
    message = live.server.expect_message()
    live.server.press_data(message, "u:gone", user=USER)
    assert "过期" in live.server.expect("answerCallbackQuery")["params"]["text"]
    live.server.press_data(message, "what is this", user=USER)
    assert "text" not in live.server.expect("answerCallbackQuery")["params"]


def test_html_that_is_refused_is_sent_as_plain_text(live: World) -> None:
    live.server.fail("sendMessage", status=400, description="Bad Request: can't parse entities: unsupported start tag")
    live.server.say("产值？", user=USER)
    message = live.server.expect_message("超3000万元")
    assert message["entities"] == []
    assert buttons(message)


def test_flood_waits_and_server_errors_are_waited_out(live: World) -> None:
    live.server.fail("sendMessage", status=429, description="Too Many Requests: retry after 1", retry_after=1)
    live.server.fail("sendMessage", status=502, description="Bad Gateway")
    live.server.say("产值？", user=USER)
    live.server.expect_message("超3000万元")
    assert [call["ok"] for call in live.server.calls("sendMessage")] == [False, False, True]


@pytest.mark.parametrize(
    ("question", "told"), [("太长", "没法回答"), ("没有索引", "还没有准备好"), ("崩溃", "编号 tg-")]
)
def test_errors_are_told_without_their_insides(live: World, question: str, told: str) -> None:
    live.service.answers |= ERRORS
    live.server.say(question, user=USER)
    message = live.server.expect_message(told)
    assert "/secret" not in message["text"]


def test_too_many_questions_get_a_polite_word(world: World) -> None:
    with world.running(workers=1, max_waiting=0, access=Access(open_to_all=True)):
        world.service.gate.clear()
        world.server.say("第一问", user=101)
        world.server.expect("sendChatAction")
        world.server.say("第二问", user=102)
        world.server.expect_message("提问的人较多", chat=102)
        world.service.gate.set()
        world.server.expect_message("超3000万元", chat=101)


def test_a_blocked_bot_goes_on(live: World) -> None:
    live.service.gate.clear()
    live.server.say("产值？", user=USER)
    live.server.expect("sendChatAction")
    live.server.block(USER)
    live.service.gate.set()
    live.server.expect("sendMessage", where=lambda call: not call["ok"])
    live.server.say("产值？", user=ADMIN)
    live.server.expect_message("超3000万元", chat=ADMIN)


def test_trouble_with_polling_is_waited_out(world: World) -> None:
    world.server.fail("getMe", status=502, description="Bad Gateway")
    world.server.fail("deleteWebhook", status=500, description="Internal Server Error", count=5)
    world.server.fail("getUpdates", status=502, description="Bad Gateway", count=2)
    with world.running():
        world.server.say("产值？", user=USER)
        world.server.expect_message("超3000万元", within=30)


def test_an_unknown_token_ends_the_channel_without_naming_it(world: World) -> None:
    running = Running(world.channel(token="1:wrong_secret"))
    error = running.ended()
    assert isinstance(error, TokenRefusedError)
    assert "YIJU_TELEGRAM__TOKEN" in str(error)
    assert "wrong_secret" not in repr(error)
    assert error.__cause__ is None


def test_a_token_that_is_revoked_while_running_ends_the_channel(world: World) -> None:
    with world.running() as running:
        world.server.say("产值？", user=USER)
        world.server.expect_message("超3000万元")
        world.server.revoke()
        assert isinstance(running.ended(), TokenRefusedError)


def test_a_second_poller_on_this_machine_is_refused(live: World) -> None:
    live.server.expect("setMyCommands")
    with live.running() as second:
        assert isinstance(second.ended(), SecondPollerError)
    live.server.say("产值？", user=USER)
    live.server.expect_message("超3000万元")


def test_a_newcomer_gives_up_when_another_machine_polls(world: World) -> None:
    conflict = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    world.server.fail("getUpdates", status=409, description=conflict, count=3)
    with world.running() as running:
        error = running.ended()
    assert isinstance(error, SecondPollerError)
    assert "409 Conflict" in str(error)


def test_conflicts_do_not_end_a_poller_of_long_standing() -> None:
    now = [0.0]
    watch = PollWatch("1", clock=lambda: now[0])
    now[0] = NEWCOMER_SECONDS
    for _ in range(10):
        watch.answered(409)
    assert watch.failure is None


def test_of_two_new_pollers_on_two_machines_at_most_one_goes_on(world: World, tmp_path: Path) -> None:
    with world.running() as first:
        world.server.expect("setMyCommands")
        with world.running(state_dir=tmp_path / "elsewhere") as second:
            assert isinstance(second.ended(30) or first.error, SecondPollerError)


def test_stopping_finishes_the_answer_that_was_begun(world: World) -> None:
    with world.running() as running:
        world.service.gate.clear()
        world.server.say("产值？", user=USER)
        world.server.expect("sendChatAction")
        threading.Timer(0.5, world.service.gate.set).start()
        running.stop()
    assert running.error is None
    world.server.expect_message("超3000万元")
    assert world.server.waiting_updates() == 0


def test_the_token_stays_out_of_logs(world: World, caplog: pytest.LogCaptureFixture, logs: list[Any]) -> None:
    with caplog.at_level(logging.DEBUG), world.running():
        world.server.fail("sendMessage", status=502, description="Bad Gateway", count=4)
        world.server.say("产值？", user=USER)
        world.server.expect("sendMessage", where=lambda call: call["ok"] is False)
    assert TOKEN.partition(":")[2] not in f"{caplog.text} {logs}"
    assert TOKEN not in repr(world.options)


def test_downloads_come_from_the_same_server() -> None:
    options = ChannelOptions(token=TOKEN, state_dir=Path(), base_url="http://127.0.0.1:8081/bot")
    assert options.file_url == "http://127.0.0.1:8081/file/bot"
    assert replace(options, base_url="https://api.telegram.org/bot").file_url == "https://api.telegram.org/file/bot"
