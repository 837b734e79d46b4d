"""What administrators do in Telegram: menus, status, re-index in one message, files."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.bot.channels.telegram.fakes import ERRORS, FakeJob
from tests.bot.channels.telegram.world import ADMIN, USER, World


def test_an_administrator_is_told_what_to_do_about_an_error(live: World) -> None:
    live.service.answers |= ERRORS
    live.server.say("崩溃", user=ADMIN)
    message = live.server.expect_message("编号 tg-")
    assert "查看日志" in message["text"]
    assert "/secret" not in message["text"]


def test_help_tells_admins_more(live: World) -> None:
    live.server.say("/help", user=USER)
    assert "/reindex" not in live.server.expect_message("/sources", chat=USER)["text"]
    live.server.say("/start", user=ADMIN)
    assert "/reindex" in live.server.expect_message("/sources", chat=ADMIN)["text"]
    live.server.say("/nonsense", user=USER)
    live.server.expect_message("没有这个命令")
    live.server.say("/ask", user=USER)
    live.server.expect_message("请把问题写在命令后面")


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


@pytest.mark.parametrize(
    ("text", "order", "told"),
    [("pause", "pause", "已暂停"), ("继续", "resume", "继续进行"), ("停止", "stop", "job1 停止")],
)
def test_embedding_is_paused_resumed_and_stopped(live: World, text: str, order: str, told: str) -> None:
    live.server.say(f"/reindex {text}", user=ADMIN)
    live.server.expect_message(told)
    assert live.admin.orders == [(order, f"telegram:{ADMIN}")]
    assert live.admin.started == []


def test_there_may_be_nothing_to_stop(live: World) -> None:
    live.admin.running = None
    live.server.say("/reindex stop", user=ADMIN)
    live.server.expect_message("没有任务在运行")


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
        calls = [world.server.expect("setMyCommands") for _ in range(8)]
    assert all(call["ok"] for call in calls)
    assert ["reindex" in call["params"]["commands"] for call in calls] == [False] * 6 + [True] * 2


def test_an_admin_whom_telegram_does_not_know_stops_nothing(live: World) -> None:
    assert live.server.expect("setMyCommands", where=lambda call: not call["ok"])
    live.server.say("产值？", user=USER)
    live.server.expect_message("超3000万元")
