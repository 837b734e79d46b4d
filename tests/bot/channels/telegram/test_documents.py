"""/documents in Telegram: finding documents, looking at one, retiring and restoring it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bot.channels.telegram.admin_fakes import listing
from tests.bot.channels.telegram.world import ADMIN, USER, World
from tests.telegram_server.client import buttons

BY = f"telegram:{ADMIN}"


def edited(world: World, holding: str) -> dict[str, Any]:
    found = world.server.expect(
        "editMessageText", where=lambda call: holding in (call.get("result") or {}).get("text", "")
    )
    message: dict[str, Any] = found["result"]
    return message


def labels(message: dict[str, Any]) -> list[str]:
    return [button["text"] for button in buttons(message)]


def listed(world: World, command: str = "/documents") -> dict[str, Any]:
    world.server.say(command, user=ADMIN)
    return world.server.expect_message("文档（")


def test_documents_are_listed_and_pages_turned_in_place(live: World) -> None:
    first = listed(live)
    assert "文档（20 篇）" in first["text"]
    assert "1. 《第1号<简报>》 · 青石镇政府 · 2023-06-01" in first["text"]
    assert labels(first) == [*map(str, range(1, 9)), "第 1 / 3 页", "▶", "看已停用的"]
    live.server.press(first, "▶", user=ADMIN)
    second = edited(live, "第9号")
    assert second["message_id"] == first["message_id"]
    live.server.press(second, "▶", user=ADMIN)
    assert labels(edited(live, "第20号")) == ["1", "2", "3", "4", "◀", "第 3 / 3 页", "看已停用的"]


def test_documents_are_found_by_their_names(live: World) -> None:
    message = listed(live, "/documents 第1号")
    assert "文档（1 篇）" in message["text"]
    live.server.say("/documents 没有的", user=ADMIN)
    live.server.expect_message("没有找到这样的文档")
    live.server.say("/documents", user=USER)
    live.server.expect_message("只有管理员")


def test_a_document_is_retired_after_a_second_word_and_restored(live: World) -> None:
    live.server.press(listed(live), "1", user=ADMIN)
    card = live.server.expect_message("第1号<简报>", chat=ADMIN)
    assert "2 段，1234 字" in card["text"]
    assert "正文<开头>。…" in card["text"]
    live.server.press(card, "停用", user=ADMIN)
    sure = edited(live, "停用这篇文档吗")
    assert labels(sure) == ["确定停用", "取消"]
    assert live.admin.orders == []
    live.server.press(sure, "确定", user=ADMIN)
    retired = edited(live, "已停用")
    assert labels(retired) == ["恢复"]
    live.server.press(retired, "恢复", user=ADMIN)
    assert labels(edited(live, "已恢复，即刻")) == ["停用"]
    assert live.admin.orders == [("retire d1", BY), ("restore d1", BY)]


def test_who_thinks_better_of_it_retires_nothing(live: World) -> None:
    live.server.press(listed(live), "2", user=ADMIN)
    card = live.server.expect_message("第2号<简报>", chat=ADMIN)
    live.server.press(card, "停用", user=ADMIN)
    live.server.press(edited(live, "停用这篇文档吗"), "取消", user=ADMIN)
    assert labels(edited(live, "第2号")) == ["停用"]
    assert live.admin.orders == []


def test_retired_documents_have_a_list_of_their_own(live: World) -> None:
    live.admin.shelf[1] = listing(2, retired=True)
    live.server.press(listed(live), "看已停用的", user=ADMIN)
    message = edited(live, "已停用的文档（1 篇）")
    live.server.press(message, "1", user=ADMIN)
    card = live.server.expect_message("不再用来回答", chat=ADMIN)
    live.server.press(card, "恢复", user=ADMIN)
    edited(live, "更新索引（/reindex）后才会")
    live.server.press(message, "看在用的", user=ADMIN)
    edited(live, "文档（20 篇）")


def test_pressed_twice_a_document_is_retired_once(live: World) -> None:
    message = listed(live)
    for _ in range(2):
        live.server.press_data(message, "g:y:103", user=ADMIN)
        live.server.expect("answerCallbackQuery")
    assert live.admin.orders == [("retire d3", BY)]


@pytest.mark.parametrize("query", ["第1号", "第" * 60, "#1", "a:b:c {}", "𠮷🍉 %s"])
def test_pages_of_any_words_can_be_turned(live: World, query: str) -> None:
    live.admin.shelf = [listing(number, title=f"{query}之{number}") for number in range(1, 12)]
    message = listed(live, f"/documents {query}")
    assert "文档（11 篇）" in message["text"]
    live.server.press(message, "▶", user=ADMIN)
    assert labels(edited(live, "1. 《"))[-3:-1] == ["◀", "第 2 / 2 页"]


def test_a_long_list_of_before_a_restart_says_that_it_has_expired(world: World) -> None:
    world.admin.shelf = [listing(number, title="第" * 60) for number in range(1, 12)]
    with world.running():
        message = listed(world, f"/documents {'第' * 60}")
    with world.running():
        world.server.press(message, "▶", user=ADMIN)
        world.server.expect("answerCallbackQuery", where=lambda call: "已经过期" in call["params"].get("text", ""))


@pytest.mark.parametrize(
    "data", ["g:", "g:s:", "g:s:999", "g:s:x", "g:s:99999999999999999999999", "g:l:x:a:", "g:l::", "g:?:1", "g:q:x"]
)
def test_a_button_of_nothing_stops_turning(live: World, data: str) -> None:
    message = listed(live)
    live.server.press_data(message, data, user=ADMIN)
    assert live.server.expect("answerCallbackQuery")["ok"]
    assert live.admin.orders == []
