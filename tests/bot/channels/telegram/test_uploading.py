"""Files that are sent to the bot: they join the corpus once somebody says so."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from bot.staging import StagedUpload
from bot.state.inbox import Unfinished
from tests.bot.channels.telegram.admin_fakes import FakeJob, succeeded
from tests.bot.channels.telegram.world import ADMIN, TOKEN, USER, World
from tests.telegram_server.client import buttons

BY = f"telegram:{ADMIN}"


def sent(world: World, name: str = "新闻.txt", content: bytes = b"abc", **more: Any) -> dict[str, Any]:
    """Send a file; the message that asks about it."""
    world.server.send_file(name, content, user=ADMIN, **more)
    return world.server.expect_message("加入资料吗")


def edited(world: World, holding: str) -> dict[str, Any]:
    found = world.server.expect(
        "editMessageText", where=lambda call: holding in (call.get("result") or {}).get("text", "")
    )
    message: dict[str, Any] = found["result"]
    return message


def test_a_file_is_added_once_somebody_says_so(live: World) -> None:
    message = sent(live, content="青石镇要闻。".encode())
    assert "收到 1 个文件" in message["text"]
    assert "· 新闻.txt（18 B） · 1 篇：《停水<通知>》" in message["text"]
    assert [button["text"] for button in buttons(message)] == ["加入", "加入并更新索引", "不要"]
    assert live.admin.uploads == {}
    live.server.press(message, "加入", user=ADMIN)
    added = edited(live, "已加入 1 个文件：新闻.txt")
    assert added["message_id"] == message["message_id"]
    assert live.admin.uploads == {"新闻.txt": "青石镇要闻。".encode()}
    live.server.press(added, "更新索引", user=ADMIN)
    edited(live, "还没有改动任何东西")


def test_a_file_that_is_not_wanted_after_all_is_thrown_away(live: World) -> None:
    message = sent(live)
    live.server.press(message, "不要", user=ADMIN)
    assert not buttons(edited(live, "没有加入：新闻.txt"))
    assert (live.admin.uploads, live.admin.staged) == ({}, {})


def test_adding_and_indexing_goes_in_one(live: World) -> None:
    live.admin.steps = [FakeJob(done=1, total=2), succeeded()]
    live.server.press(sent(live), "加入并更新", user=ADMIN)
    edited(live, "已加入 1 个文件")
    live.server.expect_message("任务 job1")
    edited(live, "新增 3")
    assert list(live.admin.uploads) == ["新闻.txt"]
    assert [(each["dry_run"], each["started_by"]) for each in live.admin.started] == [(False, BY)]


def test_while_a_job_runs_the_file_is_added_and_indexing_left_for_later(live: World) -> None:
    message = sent(live)
    live.admin.conflict = True
    live.server.press(message, "加入并更新", user=ADMIN)
    assert [button["text"] for button in buttons(edited(live, "任务 job0 正在运行"))] == ["更新索引"]
    assert list(live.admin.uploads) == ["新闻.txt"]


@pytest.mark.parametrize("data", ["k:u:u0", "k:w:u0", "k:x:u0", "k:u:", "k:u:../../x"])
def test_a_button_of_files_that_are_gone_says_so(live: World, data: str) -> None:
    message = sent(live)
    live.admin.staged.clear()
    live.server.press_data(message, data, user=ADMIN)
    live.server.expect("answerCallbackQuery", where=lambda call: "已经处理过" in call["params"].get("text", ""))
    assert not buttons(edited(live, "重新发送"))
    assert (live.admin.uploads, live.admin.started) == ({}, [])


def test_files_of_an_album_are_asked_about_together(live: World) -> None:
    for number in range(3):
        live.server.send_file(f"{number}.txt", b"abc", user=ADMIN, media_group_id="7")
    message = live.server.expect_message("加入资料吗")
    while "收到 3 个文件" not in message["text"]:
        message = edited(live, "加入资料吗")
    live.server.press(message, "加入", user=ADMIN)
    edited(live, "已加入 3 个文件")
    assert sorted(live.admin.uploads) == ["0.txt", "1.txt", "2.txt"]
    questions = [call for call in live.server.calls("sendMessage") if "加入资料吗" in call["params"]["text"]]
    assert len(questions) == 1


def test_one_bad_file_of_an_album_leaves_the_others(live: World) -> None:
    for name in ("好.txt", "坏.exe", "也好.md"):
        live.server.send_file(name, b"abc", user=ADMIN, media_group_id="8")
    live.server.expect_message("坏.exe 没有收下")
    message = {"text": ""}
    while "收到 2 个文件" not in message["text"]:
        shown = [
            call["result"]
            for method in ("sendMessage", "editMessageText")
            for call in live.server.calls(method)
            if call["ok"] and "收到 2 个文件" in call["result"]["text"]
        ]
        message = shown[0] if shown else message
    live.server.press(message, "加入", user=ADMIN)
    edited(live, "已加入 2 个文件")


@pytest.mark.parametrize(
    ("name", "size", "told"),
    [("病毒.exe", 3, "不支持"), ("大.txt", 21 * 1024 * 1024, "太大"), ("..txt", 3, "没有收下"), ("", 3, "不支持")],
)
def test_a_file_that_cannot_be_taken_is_refused(live: World, name: str, size: int, told: str) -> None:
    live.server.send_file(name, b"abc", user=ADMIN, size=size)
    live.server.expect_message(told)
    assert live.admin.staged == {}


def test_a_file_from_others_is_refused(live: World) -> None:
    live.server.send_file("新闻.txt", b"abc", user=USER)
    live.server.expect_message("只有管理员")
    assert live.admin.staged == {}


def test_buttons_of_files_outlive_the_process(world: World) -> None:
    with world.running():
        message = sent(world)
    with world.running():
        world.server.press(message, "加入", user=ADMIN)
        edited(world, "已加入 1 个文件")
    assert list(world.admin.uploads) == ["新闻.txt"]


def test_files_of_an_album_are_dealt_with_when_they_are_shown_and_not_before(live: World) -> None:
    may_show, shown_upload = threading.Event(), live.admin.staged_upload

    def held_back(upload_id: str) -> StagedUpload:
        may_show.wait(20)
        return shown_upload(upload_id)

    live.admin.staged_upload = held_back  # type: ignore[method-assign]
    for number in range(3):
        live.server.send_file(f"{number}.txt", b"abc", user=ADMIN, media_group_id="9")
    while sum(len(each.files) for each in live.admin.staged.values()) < 3:
        time.sleep(0.02)
    # Marks are written in their order: with this answer's, those of the files would have been.
    live.server.say("/help", user=ADMIN)
    live.server.expect_message("/ask")
    assert len(_unfinished(live)) >= 3
    may_show.set()
    live.server.expect_message("加入资料吗")
    while _unfinished(live):
        time.sleep(0.02)


def _unfinished(world: World) -> list[Unfinished]:
    return world.inbox.unfinished(TOKEN.partition(":")[0])
