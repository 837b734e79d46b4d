"""The whole channel against a Bot API server: who is answered, with what, and what happens in trouble."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.channels.telegram_channel import TelegramChannel, build_telegram_channel
from bot.channels.telegram_errors import SecondPollerError, TokenRefusedError
from bot.channels.telegram_ports import ChannelOptions
from bot.channels.telegram_requests import Access
from bot.channels.telegram_watch import NEWCOMER_SECONDS, PollWatch
from bot.errors import SettingsError
from tests.bot.channels.telegram_fakes import (
    ERRORS,
    QUOTE,
    FakeAdministration,
    FakeJob,
    FakeService,
    answered,
    citation,
    not_found,
)
from tests.telegram_server.client import TelegramServer, buttons, running_server
from tests.telegram_server.markup import entity_text

TOKEN = "123456789:AAE-test_TOKEN_that-nobody_has"
ADMIN, USER, STRANGER, GROUP, OTHER_GROUP = 11, 22, 33, -1001, -1002
ACCESS = Access(admin_ids=frozenset({ADMIN}), allowed_ids=frozenset({USER, GROUP}))


class Running:
    """A channel in a thread of its own."""

    def __init__(self, channel: TelegramChannel) -> None:
        self.error: BaseException | None = None
        self._channel = channel
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._channel.run(self._stop))
        except BaseException as error:  # noqa: BLE001 - tests look at it
            self.error = error
        finally:
            self._loop.close()

    def ended(self, within: float = 20) -> BaseException | None:
        """Wait for its end; the error it ended with."""
        self._thread.join(within)
        assert not self._thread.is_alive(), "the channel still runs"
        return self.error

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self.ended()


class World:
    """A server, a channel with fakes behind it, and what tests need of both."""

    def __init__(self, server: TelegramServer, state_dir: Path) -> None:
        self.server = server
        self.service = FakeService()
        self.admin = FakeAdministration()
        self.options = ChannelOptions(
            token=TOKEN,
            state_dir=state_dir,
            access=ACCESS,
            base_url=server.base_url,
            poll_timeout_seconds=5,
            typing_interval_seconds=0.3,
            edit_interval_seconds=0.2,
            job_poll_seconds=0.05,
        )

    def channel(self, **changes: Any) -> TelegramChannel:
        return TelegramChannel(replace(self.options, **changes), service=self.service, administration=self.admin)

    @contextmanager
    def running(self, **changes: Any) -> Iterator[Running]:
        running = Running(self.channel(**changes))
        try:
            yield running
        finally:
            self.service.gate.set()
            running.stop()


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[Any]]:
    """What was logged; nothing is rendered, since that is done in other threads than the test's."""
    with structlog.testing.capture_logs() as entries:
        yield entries


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with running_server(TOKEN) as server:
        yield server


@pytest.fixture
def world(server: TelegramServer, tmp_path: Path) -> World:
    return World(server, tmp_path)


@pytest.fixture
def live(world: World) -> Iterator[World]:
    with world.running():
        yield world


def words(message: dict[str, Any], kind: str) -> list[str]:
    return [entity_text(message["text"], entity) for entity in message["entities"] if entity["type"] == kind]


def test_a_question_gets_its_answer_with_sources_and_buttons(live: World) -> None:
    live.server.say("青石镇苦瓜产值多少？", user=USER)
    message = live.server.expect_message(chat=USER)
    assert message["text"].startswith("超3000万元 [1]\n\n" + QUOTE)
    assert words(message, "bold") == ["超3000万元 [1]", "超3000万元"]
    assert [button["text"] for button in buttons(message)] == ["[1] 青石镇苦瓜丰收", "👍", "👎"]
    assert "reply_to_message" not in message
    question, owner, conversation_id = live.service.asked[0]
    assert (question, owner) == ("青石镇苦瓜产值多少？", f"telegram:{USER}")
    assert conversation_id


def test_link_previews_are_off(live: World) -> None:
    live.server.say("产值？", user=USER)
    call = live.server.expect("sendMessage")
    assert call["params"]["link_preview_options"] == '{"is_disabled": true}'


def test_typing_is_shown_and_kept_alive_while_answering(live: World) -> None:
    live.service.gate.clear()
    live.server.say("产值？", user=USER)
    for _ in range(3):
        assert live.server.expect("sendChatAction")["params"]["action"] == "typing"
    live.service.gate.set()
    live.server.expect_message("超3000万元")


def test_a_source_button_shows_the_passage_also_after_a_restart(world: World) -> None:
    with world.running():
        world.server.say("产值？", user=USER)
        message = world.server.expect_message("超3000万元")
    with world.running():
        callback = world.server.press(message, "[1]", user=USER)
        assert world.server.expect("answerCallbackQuery")["params"]["callback_query_id"] == callback
        shown = world.server.expect_message("特色农业", chat=USER)
        assert words(shown, "bold") == ["《青石镇苦瓜丰收》", QUOTE]


def test_a_passage_that_is_gone_is_said_to_be(live: World) -> None:
    live.service.answers["产值？"] = answered(citations=(citation(passage_id="f" * 20),))
    live.server.say("产值？", user=USER)
    live.server.press(live.server.expect_message(), "[1]", user=USER)
    assert "已经不在资料里" in live.server.expect("answerCallbackQuery")["params"]["text"]


def test_feedback_is_kept_under_the_chat(live: World) -> None:
    live.server.say("产值？", user=USER)
    message = live.server.expect_message()
    live.server.press(message, "👍", user=USER)
    assert "谢谢" in live.server.expect("answerCallbackQuery")["params"]["text"]
    live.server.press(message, "👎", user=USER)
    live.server.expect("answerCallbackQuery")
    assert live.service.ratings == [("a" * 32, f"telegram:{USER}", rating) for rating in ("up", "down")]


def test_feedback_on_an_expired_answer_and_foreign_buttons_only_stop_turning(live: World) -> None:
    live.server.say("产值？", user=USER)
    message = live.server.expect_message()
    live.server.press_data(message, "u:gone", user=USER)
    assert "过期" in live.server.expect("answerCallbackQuery")["params"]["text"]
    live.server.press_data(message, "what is this", user=USER)
    assert "text" not in live.server.expect("answerCallbackQuery")["params"]


def test_not_found_offers_documents(live: World) -> None:
    live.service.answers["镇长是谁？"] = not_found()
    live.server.say("镇长是谁？", user=USER)
    assert "最接近的资料" in live.server.expect_message("没有找到")["text"]


def test_a_long_answer_comes_in_pieces_with_the_buttons_below_the_last(live: World) -> None:
    text = "超3000万元 [1]\n" + "\n\n".join("全镇工作<稳步>推进&提升。" * 150 for _ in range(5))
    live.service.answers["长？"] = answered(text=text)
    live.server.say("长？", user=USER)
    last = live.server.expect_message("出处")
    calls = live.server.calls("sendMessage")
    assert len(calls) > 1
    assert all(call["ok"] for call in calls)
    assert [bool(buttons(call["result"])) for call in calls] == [False] * (len(calls) - 1) + [True]
    assert buttons(last)


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


def test_an_administrator_is_told_what_to_do_about_an_error(live: World) -> None:
    live.service.answers |= ERRORS
    live.server.say("崩溃", user=ADMIN)
    message = live.server.expect_message("编号 tg-")
    assert "查看日志" in message["text"]
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


def test_messages_of_one_chat_are_served_in_order(live: World) -> None:
    live.service.gate.clear()
    live.server.say("第一问", user=USER)
    live.server.say("/new", user=USER)
    live.server.say("第二问", user=USER)
    live.server.expect("sendChatAction")
    live.service.gate.set()
    live.server.expect_message("超3000万元")
    live.server.expect_message("已经忘掉")
    live.server.expect_message("超3000万元")
    first, second = (conversation for _, _, conversation in live.service.asked)
    assert first != second


def test_conversation_goes_on_until_new_also_after_a_restart(world: World) -> None:
    for _ in range(2):
        with world.running():
            world.server.say("产值？", user=USER)
            world.server.expect_message("超3000万元")
    with world.running():
        world.server.say("/new", user=USER)
        world.server.say("面积？", user=USER)
        world.server.expect_message("超3000万元")
    conversations = [conversation for _, _, conversation in world.service.asked]
    assert conversations[0] == conversations[1] != conversations[2]


def test_a_stranger_learns_the_id_and_is_not_answered(live: World) -> None:
    for text in ("/start", "产值？", "/reindex"):
        live.server.say(text, user=STRANGER)
        assert f"{STRANGER}" in live.server.expect_message("没有使用权限", chat=STRANGER)["text"]
    assert live.service.asked == []
    assert live.admin.started == []


def test_open_access_answers_strangers_but_makes_nobody_an_admin(world: World) -> None:
    with world.running(access=Access(open_to_all=True)):
        world.server.say("产值？", user=STRANGER)
        world.server.expect_message("超3000万元", chat=STRANGER)
        world.server.say("/reindex", user=STRANGER)
        world.server.expect_message("只有管理员", chat=STRANGER)
    assert world.admin.started == []


def test_a_strangers_button_shows_nothing(live: World) -> None:
    live.server.say("产值？", user=USER)
    message = live.server.expect_message("超3000万元")
    live.server.press({**message, "chat": {"id": STRANGER, "type": "private"}}, "[1]", user=STRANGER)
    assert "text" not in live.server.expect("answerCallbackQuery")["params"]
    assert len(live.server.calls("sendMessage")) == 1


def test_in_a_group_only_commands_mentions_and_replies_are_for_the_bot(live: World) -> None:
    live.server.say("大家早上好", user=USER, chat=GROUP)
    live.server.say("@someone_else 产值多少？", user=USER, chat=GROUP)
    live.server.say("/new@another_bot", user=USER, chat=GROUP)
    asked = live.server.say("@yiju_test_bot 产值多少？", user=USER, chat=GROUP)
    message = live.server.expect_message("超3000万元", chat=GROUP)
    assert message["reply_to_message"]["message_id"] == asked["message_id"]
    live.server.say("那面积呢？", user=USER, chat=GROUP, reply_to_message=message)
    live.server.expect_message("超3000万元", chat=GROUP)
    live.server.say("/ask@yiju_test_bot 产量呢？", user=USER, chat=GROUP)
    live.server.expect_message("超3000万元", chat=GROUP)
    assert [question for question, _, _ in live.service.asked] == ["产值多少？", "那面积呢？", "产量呢？"]
    assert {owner for _, owner, _ in live.service.asked} == {f"telegram:{GROUP}"}
    assert len(live.server.calls("sendMessage")) == 3


def test_a_group_that_is_not_allowed_is_told_its_id_on_start_only(live: World) -> None:
    live.server.say("@yiju_test_bot 产值多少？", user=STRANGER, chat=OTHER_GROUP)
    live.server.say("/start", user=STRANGER, chat=OTHER_GROUP)
    assert f"{OTHER_GROUP}" in live.server.expect_message("没有使用权限", chat=OTHER_GROUP)["text"]
    assert len(live.server.calls("sendMessage")) == 1
    assert live.service.asked == []


def test_topics_of_a_forum_are_conversations_of_their_own(live: World) -> None:
    for topic in (5, 6):
        live.server.say("/ask 产值？", user=USER, chat=GROUP, message_thread_id=topic, is_topic_message=True)
        assert live.server.expect_message("超3000万元")["message_thread_id"] == topic
    assert [owner for _, owner, _ in live.service.asked] == [f"telegram:{GROUP}:5", f"telegram:{GROUP}:6"]
    assert live.service.asked[0][2] != live.service.asked[1][2]


def test_language_of_the_frame_follows_the_question_or_the_choice(live: World) -> None:
    live.server.say("產值是多少？", user=USER)
    live.server.expect_message("出處")
    live.server.say("/lang en", user=USER)
    live.server.expect_message("in English")
    live.server.say("产值？", user=USER)
    live.server.expect_message("Sources")
    live.server.say("/lang auto", user=USER)
    live.server.say("产值？", user=USER)
    live.server.expect_message("出处")
    live.server.say("/lang 火星文", user=USER)
    live.server.expect_message("/lang 繁")


def test_help_tells_admins_more(live: World) -> None:
    live.server.say("/help", user=USER)
    assert "/reindex" not in live.server.expect_message("/sources", chat=USER)["text"]
    live.server.say("/start", user=ADMIN)
    assert "/reindex" in live.server.expect_message("/sources", chat=ADMIN)["text"]
    live.server.say("/nonsense", user=USER)
    live.server.expect_message("没有这个命令")
    live.server.say("/ask", user=USER)
    live.server.expect_message("请把问题写在命令后面")


def test_sources_shows_the_last_answers_and_the_corpus(live: World) -> None:
    live.server.say("/sources", user=USER)
    text = live.server.expect_message("还没有带出处的回答")["text"]
    assert "文档: 17" in text
    assert "job1" not in text
    live.server.say("产值？", user=USER)
    live.server.say("/sources", user=USER)
    assert "《青石镇苦瓜丰收》" in live.server.expect_message("文档: 17")["text"]


def test_what_is_not_text_is_declined(live: World) -> None:
    live.server.say("", user=USER, voice={"file_id": "v", "file_unique_id": "u", "duration": 3})
    live.server.expect_message("文字问题")
    assert live.service.asked == []


def test_status_and_gaps_are_for_admins(live: World) -> None:
    live.server.say("/status", user=USER)
    live.server.expect_message("只有管理员")
    live.server.say("/status", user=ADMIN)
    live.server.expect_message("文档: 17")
    live.server.say("/gaps", user=ADMIN)
    live.server.expect_message("青石镇有几所<小学>？")


def test_reindex_is_followed_in_one_edited_message(live: World) -> None:
    live.admin.steps = [FakeJob(done=done, total=8) for done in range(8) for _ in range(4)] + live.admin.steps[-1:]
    live.server.say("/reindex", user=ADMIN)
    first = live.server.expect_message("任务 job1")
    final = live.server.expect("editMessageText", where=lambda call: "新增 3" in call["params"]["text"])
    edits = live.server.calls("editMessageText")
    assert {edit["result"]["message_id"] for edit in edits} == {first["message_id"]}
    assert final["number"] == edits[-1]["number"]
    assert "编码不明 & 读不出" in final["result"]["text"]
    assert 2 <= len(edits) <= 9
    assert all(late["at"] - early["at"] > 0.15 for early, late in pairwise(edits[:-1]))
    assert live.admin.started == [
        {"full": False, "dry_run": False, "allow_mass_removal": False, "started_by": f"telegram:{ADMIN}"}
    ]


def test_questions_are_answered_while_reindexing(live: World) -> None:
    live.admin.steps = [FakeJob(done=1, total=2)]
    live.server.say("/reindex", user=ADMIN)
    live.server.expect_message("任务 job1")
    live.server.say("产值？", user=ADMIN)
    live.server.expect_message("超3000万元", chat=ADMIN)


def test_reindex_takes_options_and_refuses_others(live: World) -> None:
    live.server.say("/reindex dry 全部", user=ADMIN)
    live.server.expect_message("任务 job1")
    live.server.say("/reindex now", user=ADMIN)
    live.server.expect_message("用法")
    assert [(job["dry_run"], job["full"]) for job in live.admin.started] == [(True, True)]


def test_a_second_reindex_follows_the_first(live: World) -> None:
    live.admin.conflict = True
    live.server.say("/reindex", user=ADMIN)
    live.server.expect_message("已有任务 job0")
    live.server.expect("editMessageText", where=lambda call: "新增 3" in call["params"]["text"])


def test_a_failed_reindex_says_why(live: World) -> None:
    live.admin.steps = [FakeJob(state="failed", error="磁盘已满：还差 <3> GB")]
    live.server.say("/reindex", user=ADMIN)
    live.server.expect("editMessageText", where=lambda call: "<3> GB" in (call.get("result") or {}).get("text", ""))


def test_a_file_from_an_admin_is_stored(live: World) -> None:
    live.server.send_file("新闻.txt", "青石镇要闻。".encode(), user=ADMIN)
    live.server.expect_message("文件已存为 新闻.txt")
    assert live.admin.uploads == {"新闻.txt": "青石镇要闻。".encode()}


@pytest.mark.parametrize(
    ("name", "size", "told"),
    [("病毒.exe", 3, "不支持"), ("大.txt", 21 * 1024 * 1024, "太大"), ("..txt", 3, "没有收下"), ("", 3, "不支持")],
)
def test_a_file_that_is_not_wanted_is_refused(live: World, name: str, size: int, told: str) -> None:
    live.server.send_file(name, b"abc", user=ADMIN, size=size)
    live.server.expect_message(told)
    assert live.admin.uploads == {}


def test_a_file_from_others_is_refused(live: World) -> None:
    live.server.send_file("新闻.txt", b"abc", user=USER)
    live.server.expect_message("只有管理员")
    assert live.admin.uploads == {}


def test_command_menus_are_offered_to_everyone_and_to_admins_who_wrote(world: World) -> None:
    world.server.say("/start", user=ADMIN)
    with world.running():
        calls = [world.server.expect("setMyCommands") for _ in range(3)]
    assert [call["ok"] for call in calls] == [True, True, True]
    assert ["reindex" in call["params"]["commands"] for call in calls] == [False, False, True]


def test_an_admin_whom_telegram_does_not_know_stops_nothing(live: World) -> None:
    assert live.server.expect("setMyCommands", where=lambda call: not call["ok"])
    live.server.say("产值？", user=USER)
    live.server.expect_message("超3000万元")


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


def test_stopping_leaves_a_long_reindex_to_go_on(world: World) -> None:
    world.admin.steps = [FakeJob(done=1, total=2)]
    with world.running() as running:
        world.server.say("/reindex", user=ADMIN)
        world.server.expect_message("任务 job1")
        running.stop()
    world.server.expect("editMessageText", where=lambda call: "还在运行" in call["params"]["text"])


def test_the_token_stays_out_of_logs(world: World, caplog: pytest.LogCaptureFixture, logs: list[Any]) -> None:
    with caplog.at_level(logging.DEBUG), world.running():
        world.server.fail("sendMessage", status=502, description="Bad Gateway", count=4)
        world.server.say("产值？", user=USER)
        world.server.expect("sendMessage", where=lambda call: call["ok"] is False)
    assert TOKEN.partition(":")[2] not in f"{caplog.text} {logs}"
    assert TOKEN not in repr(world.options)


def test_webhooks_are_refused_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="long polling only; remove YIJU_TELEGRAM__WEBHOOK_URL"):
        build_telegram_channel(
            token=TOKEN,
            state_dir=tmp_path,
            service=FakeService(),
            administration=FakeAdministration(),
            access=ACCESS,
            webhook_url="https://bot.example.org",
        )


def test_downloads_come_from_the_same_server() -> None:
    options = ChannelOptions(token=TOKEN, state_dir=Path(), access=ACCESS, base_url="http://127.0.0.1:8081/bot")
    assert options.file_url == "http://127.0.0.1:8081/file/bot"
    assert replace(options, base_url="https://api.telegram.org/bot").file_url == "https://api.telegram.org/file/bot"
