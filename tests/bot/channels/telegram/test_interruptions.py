"""What becomes of updates that a crash or a stop left, of replies that may be lost, and of too many at once."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.channels.telegram.intake import MAX_OF_A_CHAT
from bot.state.inbox import BEGUN, DONE, RECEIVED, Arrival, Mark
from bot.state.tables import inbox
from corpus.errors import StoreError
from tests.bot.channels.telegram.world import ACCESS, ADMIN, GROUP, STRANGER, TOKEN, USER, World
from tests.telegram_server.client import buttons

BOT = TOKEN.partition(":")[0]
ANSWER = "a" * 32


def leave(world: World, number: int, state: str, text: str, *, user: int = USER, **more: Any) -> None:
    """Leave an update in the inbox as a killed process would; the chat is known to Telegram."""
    sender = {"id": user, "is_bot": False, "first_name": "用户"}
    kept = {key: more.pop(key) for key in ("answer_id",) if key in more}
    command = text.partition(" ")[0] if text.startswith("/") else ""
    commands = [{"type": "bot_command", "offset": 0, "length": len(command)}] if command else []
    message = {
        "message_id": number,
        "date": int(time.time()),
        "from": sender,
        "chat": {"id": user, "type": "private", "first_name": "用户"},
        **({"text": text, "entities": commands} if text else {}),
        **more.pop("message", {}),
    }
    update = {"update_id": number, "message": message, **more}
    if "callback_query" in more:
        del update["message"]
    world.state.inbox.keep(BOT, [Arrival(number, user, json.dumps(update))])
    world.state.inbox.keep(BOT, [], [Mark(number, state, kept.get("answer_id"))])


def unfinished(world: World) -> list[int]:
    return [each.update_id for each in world.state.inbox.unfinished(BOT)]


def known(world: World, *users: int) -> None:
    """Have Telegram know the chats: nobody is written to who never wrote."""
    with world.running():
        for user in users:
            world.server.say("/help", user=user)
            world.server.expect_message(chat=user)


def test_what_was_received_and_not_answered_is_answered_after_a_restart_in_order(world: World) -> None:
    known(world, USER)
    for number, text in enumerate(("第一问", "第二问", "第三问")):
        leave(world, number, RECEIVED, text)
    with world.running():
        for _ in range(3):
            world.server.expect_message("超3000万元", chat=USER)
    assert [question for question, _, _ in world.service.asked] == ["第一问", "第二问", "第三问"]
    assert unfinished(world) == []


def test_an_answer_that_may_be_lost_is_not_sent_again_but_can_be_shown(world: World) -> None:
    known(world, USER)
    leave(world, 5, BEGUN, "苦瓜产值多少？", answer_id=ANSWER)
    with world.running():
        apology = world.server.expect_message("可能没有送到", chat=USER)
        assert "“苦瓜产值多少？”" in apology["text"]
        assert world.service.asked == []
        world.server.press(apology, "再看一次", user=USER)
        assert "text" not in world.server.expect("answerCallbackQuery")["params"]
        shown = world.server.expect_message("超3000万元", chat=USER)
        assert [button["text"] for button in buttons(shown)][-2:] == ["👍", "👎"]
    assert unfinished(world) == []


def test_a_stored_answer_that_is_gone_is_said_to_be(world: World) -> None:
    known(world, USER)
    leave(world, 5, BEGUN, "苦瓜产值多少？", answer_id="gone")
    with world.running():
        world.server.press(world.server.expect_message("可能没有送到"), "再看一次", user=USER)
        assert "过期" in world.server.expect("answerCallbackQuery")["params"]["text"]


@pytest.mark.parametrize(
    ("user", "text", "more", "told"),
    [
        (USER, "苦瓜产值多少？", {}, "“苦瓜产值多少？”可能没有处理完"),
        (USER, "问" * 100, {}, f"“{'问' * 60}…”可能没有处理完"),
        (STRANGER, "你好", {"answer_id": ANSWER}, "可能没有处理完"),
        (ADMIN, "/reindex full", {}, "不能确定“/reindex full”是否已经执行"),
        (ADMIN, "/status@yiju_test_bot", {}, "不能确定"),
        (ADMIN, "", {"message": {"document": {"file_id": "f", "file_unique_id": "u", "file_name": "甲.txt"}}}, "文件"),
    ],
)
def test_what_was_interrupted_is_told_and_not_done_again(
    world: World, user: int, text: str, more: dict[str, Any], told: str
) -> None:
    known(world, user)
    leave(world, 5, BEGUN, text, user=user, **more)
    with world.running():
        message = world.server.expect_message(told, chat=user)
        assert buttons(message) == []
    assert world.service.asked == []
    assert world.admin.started == []
    assert world.admin.uploads == {}
    assert unfinished(world) == []


def test_an_interrupted_button_may_be_pressed_again(world: World) -> None:
    known(world, USER)
    message = {"message_id": 9, "date": 1, "chat": {"id": USER, "type": "private"}, "text": "回答"}
    person = {"id": USER, "is_bot": False, "first_name": "用户"}
    query = {"id": "q", "from": person, "chat_instance": "1", "data": "p:x", "message": message}
    leave(world, 5, BEGUN, "", callback_query=query)
    with world.running():
        world.server.expect_message("请再按一次", chat=USER)


def test_words_are_in_the_chats_language(world: World) -> None:
    with world.running():
        world.server.say("/lang 繁", user=USER)
        world.server.expect_message(chat=USER)
    leave(world, 5, BEGUN, "產值？", answer_id=ANSWER)
    with world.running():
        apology = world.server.expect_message("可能沒有送到", chat=USER)
        assert "再看一次回答" in buttons(apology)[0]["text"]


def test_a_group_is_told_in_reply_and_in_its_topic(world: World) -> None:
    with world.running():
        world.server.say("/help", user=USER, chat=GROUP, message_thread_id=7, is_topic_message=True)
        world.server.expect_message(chat=GROUP)
    chat = {"id": GROUP, "type": "supergroup", "title": "办公室"}
    leave(world, 5, BEGUN, "/ask 产值？", message={"chat": chat, "message_thread_id": 7, "is_topic_message": True})
    with world.running():
        assert world.server.expect_message("可能没有处理完", chat=GROUP)["message_thread_id"] == 7


def test_an_update_that_may_have_crashed_the_bot_three_times_is_not_tried_again(world: World) -> None:
    known(world, USER)
    leave(world, 5, RECEIVED, "崩溃？")
    for _ in range(3):
        world.state.inbox.keep(BOT, [], [Mark(5, RECEIVED, tried=True)])
    with world.running():
        world.server.expect_message("可能没有处理完", chat=USER)
    assert world.service.asked == []
    assert unfinished(world) == []


def test_after_two_crashes_what_was_in_hand_is_done_one_at_a_time(world: World) -> None:
    users = [1001, 1002, 1003]
    access = replace(ACCESS, allowed_ids=frozenset(users))
    with world.running(access=access):
        for user in users:
            world.server.say("/help", user=user)
            world.server.expect_message(chat=user)
    for number, user in enumerate(users):
        leave(world, number, RECEIVED, f"{user}？", user=user)
    world.state.inbox.keep(BOT, [], [Mark(number, RECEIVED, tried=True) for number in range(3)])
    world.service.gate.clear()
    with world.running(access=access, workers=3):
        world.server.expect("sendChatAction")
        time.sleep(0.3)
        assert [question for question, _, _ in world.service.asked] == ["1001？"]
        world.service.gate.set()
        for _ in users:
            world.server.expect_message("超3000万元")
    assert [each.tries for each in world.state.inbox.unfinished(BOT)] == []


def test_an_update_that_is_known_is_not_answered_again(world: World) -> None:
    with world.running():
        world.server.say("/help", user=USER)
        world.server.expect_message(chat=USER)
    # The next number that the server gives out is taken for one that came before.
    with world.engine.connect() as connection:
        last = connection.execute(select(func.max(inbox.c.update_id))).scalar_one()
    world.state.inbox.keep(BOT, [Arrival(last + 1, USER, "{}")])
    world.state.inbox.keep(BOT, [], [Mark(last + 1, DONE)])
    with world.running():
        world.server.say("重复的问题", user=USER)
        world.server.say("新的问题", user=USER)
        world.server.expect_message("超3000万元", chat=USER)
    assert [question for question, _, _ in world.service.asked] == ["新的问题"]


def test_a_reply_that_may_be_lost_while_running_is_apologised_for(live: World) -> None:
    live.server.fail("sendMessage", status=504, description="Gateway Timeout (504)")
    live.server.say("苦瓜产值多少？", user=USER)
    apology = live.server.expect_message("可能没有送到", chat=USER)
    live.server.press(apology, "再看一次", user=USER)
    live.server.expect_message("超3000万元", chat=USER)
    assert len(live.service.asked) == 1


def test_a_stop_leaves_what_waits_to_the_next_start(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "telegram.ext.Application")
    with world.running() as running:
        world.service.gate.clear()
        for text in ("第一问", "第二问", "第三问"):
            world.server.say(text, user=USER)
        world.server.expect("sendChatAction")
        while world.server.waiting_updates():
            time.sleep(0.01)
        running.ask_to_stop()
        while "Application is stopping" not in caplog.text:
            time.sleep(0.01)
        world.service.gate.set()
        running.ended()
    assert [question for question, _, _ in world.service.asked] == ["第一问"]
    assert len(unfinished(world)) == 2
    with world.running():
        for _ in range(3):
            world.server.expect_message("超3000万元", chat=USER)
    assert [question for question, _, _ in world.service.asked] == ["第一问", "第二问", "第三问"]


def test_what_takes_too_long_when_stopping_is_left_to_the_next_start(world: World) -> None:
    with world.running(stop_seconds=0.2) as running:
        world.service.gate.clear()
        world.server.say("第一问", user=USER)
        world.server.expect("sendChatAction")
        running.stop()
    assert len(unfinished(world)) == 1
    world.service.gate.set()
    with world.running():
        world.server.expect_message("超3000万元", chat=USER)
    assert len(world.service.asked) == 2


def test_a_stop_while_telegram_is_away_loses_no_answer(world: World) -> None:
    with world.running() as running:
        world.server.fail("sendMessage", status=502, description="Bad Gateway", count=1000)
        world.server.say("第一问", user=USER)
        world.server.expect("sendMessage", where=lambda call: not call["ok"])
        running.stop()
    (left,) = world.state.inbox.unfinished(BOT)
    assert left.state == RECEIVED


def test_too_many_of_one_chat_are_told_once_and_others_are_answered(live: World) -> None:
    live.service.gate.clear()
    for number in range(MAX_OF_A_CHAT + 3):
        live.server.say(f"问题{number}", user=USER)
    live.server.expect_message(f"还有 {MAX_OF_A_CHAT} 条", chat=USER)
    live.service.gate.set()
    live.server.say("产值？", user=ADMIN)
    live.server.expect_message("超3000万元", chat=ADMIN)
    assert sum("条消息在处理" in call["params"]["text"] for call in live.server.calls("sendMessage")) == 1


def test_in_a_group_only_what_was_for_the_bot_is_told_to_be_too_many(live: World) -> None:
    live.service.gate.clear()
    for number in range(MAX_OF_A_CHAT):
        live.server.say(f"/ask 问题{number}", user=USER, chat=GROUP)
    for _ in range(2):
        live.server.say("大家早上好", user=USER, chat=GROUP)
    live.server.say("产值？", user=ADMIN)
    live.server.expect("sendChatAction", where=lambda call: call["params"]["chat_id"] == str(ADMIN))
    assert live.server.calls("sendMessage") == []


class BrokenInbox:
    """A disk that is full."""

    def keep(self, bot_id: str, arrivals: Sequence[Arrival], marks: Sequence[Mark] = ()) -> frozenset[int]:
        raise StoreError("disk full")

    def unfinished(self, bot_id: str) -> list[Any]:
        raise StoreError("disk full")

    def prune(self) -> int:
        raise StoreError("disk full")


def test_a_full_disk_does_not_silence_the_bot(world: World) -> None:
    world.inbox = BrokenInbox()
    with world.running():
        world.server.say("产值？", user=USER)
        world.server.expect_message("超3000万元", chat=USER)
    assert len(world.service.asked) == 1
