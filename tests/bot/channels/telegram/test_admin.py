"""What administrators do in Telegram: menus, status, questions without an answer."""

from __future__ import annotations

import json

from tests.bot.channels.telegram.admin_fakes import cluster
from tests.bot.channels.telegram.fakes import ERRORS
from tests.bot.channels.telegram.world import ADMIN, USER, World
from tests.telegram_server.client import buttons


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


def test_status_tells_how_the_program_fares(live: World) -> None:
    live.server.say("/status", user=USER)
    live.server.expect_message("只有管理员")
    live.server.say("/status", user=ADMIN)
    text = live.server.expect_message("文档: 17")["text"]
    assert "最近一小时没有提问" in text
    assert "最近一天提问 9 次（2 次未找到，1 次出错），一半在 120 ms 内，95% 在 1.8 s 内答出" in text
    assert "最近一天错误: 1（最近 " in text
    assert "正在处理: 0 / 258" in text
    assert "磁盘: 可用 3.0 GB，共 93 GB" in text
    assert "程序版本: 1.2.3，已运行 3 小时 0 分" in text


def test_status_offers_what_waits_for_somebody(live: World) -> None:
    live.admin.blocked = ["20260101T000000000000-abcdef"]
    live.server.say("/status", user=ADMIN)
    message = live.server.expect_message("等待确认的快照")
    live.server.press(message, "接受", user=ADMIN)
    live.server.expect("editMessageText", where=lambda call: "已启用新索引" in call["params"]["text"])
    assert live.admin.orders == [("accept 20260101T000000000000-abcdef", f"telegram:{ADMIN}")]


def test_gaps_are_gathered_and_turned(live: World) -> None:
    live.admin.clusters += [cluster(f"第{number}个问题？", times=1) for number in range(12)]
    live.server.say("/gaps", user=USER)
    live.server.expect_message("只有管理员")
    live.server.say("/gaps", user=ADMIN)
    first = live.server.expect_message("1. 青石镇有几所<小学>？")
    assert "3 次 · 2 处 · 最近 07-01" in first["text"]
    assert "也问：镇上几所小学" in first["text"]
    assert [button["text"] for button in buttons(first)] == ["第 1 / 2 页", "▶"]
    live.server.press(first, "▶", user=ADMIN)
    second = live.server.expect("editMessageText", where=lambda call: "13. " in call["params"]["text"])["result"]
    assert second["message_id"] == first["message_id"]
    assert [button["text"] for button in buttons(second)] == ["◀", "第 2 / 2 页"]


def test_without_gaps_that_is_said(live: World) -> None:
    live.admin.clusters = []
    live.server.say("/gaps", user=ADMIN)
    assert not buttons(live.server.expect_message("没有答不上来的问题"))


def test_buttons_of_administration_do_nothing_for_others(live: World) -> None:
    live.server.say("/reindex", user=ADMIN)
    message = live.server.expect("editMessageText", where=lambda call: "停水" in call["params"]["text"])["result"]
    for data in ("k:s:dry1:", "k:u:u0", "g:y:101", "g:l:0:a:"):
        live.server.press_data(message, data, user=USER)
        answer = live.server.expect("answerCallbackQuery")
        assert "只有管理员" in answer["params"]["text"]
    assert [each["dry_run"] for each in live.admin.started] == [True]
    assert live.admin.orders == []


def test_command_menus_are_offered_to_everyone_and_to_admins_who_wrote(world: World) -> None:
    world.server.say("/start", user=ADMIN)
    with world.running():
        world.server.expect("setMyCommands", where=lambda call: "documents" in call["params"]["commands"])
    scopes = {
        json.loads(call["params"]["scope"])["type"]: "documents" in call["params"]["commands"]
        for call in world.server.calls("setMyCommands")
        if call["ok"]
    }
    assert scopes == {"default": False, "all_private_chats": False, "all_group_chats": False, "chat": True}


def test_an_admin_whom_telegram_does_not_know_stops_nothing(live: World) -> None:
    assert live.server.expect("setMyCommands", where=lambda call: not call["ok"])
    live.server.say("产值？", user=USER)
    live.server.expect_message("超3000万元")
