"""Access over the channel: codes for strangers, word to administrators, decisions that take effect at once, limits."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bot.access import Access, Role
from bot.channels.telegram.ports import QuestionLimits
from bot.people import People
from bot.state.people import Subject
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, Clearance
from tests.bot.channels.telegram.world import ADMIN, GROUP, OTHER_GROUP, STRANGER, USER, World
from tests.telegram_server.client import buttons


def code_in(message: dict[str, Any]) -> str:
    found = re.search(r"配对码：([A-Z0-9]{3}-[A-Z0-9]{3})", message["text"])
    assert found is not None
    return found[1]


@pytest.fixture
def slow(world: World) -> Iterator[World]:
    """A channel that does not look by itself for what others decided."""
    with world.running(people_poll_seconds=3600):
        yield world


def greet_admin(world: World) -> None:
    """Telegram lets a bot write to whom it knows."""
    world.server.say("/help", user=ADMIN)
    world.server.expect_message("/users", chat=ADMIN)


def edited(world: World, holding: str) -> dict[str, Any]:
    call = world.server.expect("editMessageText", where=lambda call: call["ok"] and holding in call["params"]["text"])
    result: dict[str, Any] = call["result"]
    return result


def test_a_stranger_is_approved_by_button_told_and_answered(slow: World) -> None:
    greet_admin(slow)
    slow.server.say("/start", user=STRANGER)
    told = slow.server.expect_message("没有使用权限", chat=STRANGER)
    assert str(STRANGER) in told["text"]
    request = slow.server.expect_message("有人申请使用", chat=ADMIN)
    assert f"用户{STRANGER}" in request["text"]
    slow.server.say("产值？", user=STRANGER)
    assert code_in(slow.server.expect_message("没有使用权限", chat=STRANGER)) == code_in(told)
    slow.server.press(request, "批准", user=ADMIN)
    assert [button["text"] for button in buttons(edited(slow, "可以提问"))] == ["设为管理员", "移除", "« 返回名单"]
    slow.server.expect_message("现在可以提问", chat=STRANGER)
    slow.server.say("产值？", user=STRANGER)
    slow.server.expect_message("超3000万元", chat=STRANGER)
    assert len([call for call in slow.server.calls("sendMessage") if "有人申请使用" in call["params"]["text"]]) == 1


def test_a_second_administrator_is_told_what_the_first_decided(slow: World) -> None:
    greet_admin(slow)
    slow.server.say("/start", user=STRANGER)
    request = slow.server.expect_message("有人申请使用", chat=ADMIN)
    slow.server.press(request, "拒绝", user=ADMIN)
    edited(slow, "已拒绝")
    slow.server.expect_message("没有批准", chat=STRANGER)
    slow.server.press(request, "批准", user=ADMIN)
    answer = slow.server.expect("answerCallbackQuery", where=lambda call: "text" in call["params"])
    assert "已经处理过" in answer["params"]["text"]
    slow.server.say("产值？", user=STRANGER)
    slow.server.expect_message("如有疑问", chat=STRANGER)
    assert slow.service.asked == []


def test_administrators_are_told_after_a_restart_where_they_were_not_before(world: World) -> None:
    world.records.request(Subject(STRANGER, "李四"))
    world.server.say("/help", user=ADMIN)
    with world.running():
        assert "李四" in world.server.expect_message("有人申请使用", chat=ADMIN)["text"]
    with world.running():
        world.server.say("/help", user=ADMIN)
        world.server.expect_message("/users", chat=ADMIN)
    assert len([call for call in world.server.calls("sendMessage") if "有人申请使用" in call["params"]["text"]]) == 1


def test_an_administrator_who_cannot_be_reached_is_not_tried_until_they_write(live: World) -> None:
    asks = "有人申请使用"
    live.server.say("/start", user=STRANGER)
    live.server.expect("sendMessage", where=lambda call: asks in call["params"]["text"] and not call["ok"])
    live.server.say("/start", user=34)
    live.server.expect_message("没有使用权限", chat=34)
    while live.records.get(34).told is None:
        time.sleep(0.05)
    greet_admin(live)
    live.server.say("/start", user=35)
    assert "ID 35" in live.server.expect_message(asks, chat=ADMIN)["text"]
    tried = [call["params"]["text"] for call in live.server.calls("sendMessage") if asks in call["params"]["text"]]
    assert ["ID 33" in tried[0], "ID 35" in tried[-1], len(tried)] == [True, True, 2]


def test_an_approval_on_the_command_line_holds_at_once_and_is_told(live: World) -> None:
    live.server.say("/start", user=STRANGER)
    code = code_in(live.server.expect_message("没有使用权限", chat=STRANGER))
    outside = live.people()
    outside.approve(outside.id_of(code), by="cli:root")
    live.server.say("产值？", user=STRANGER)
    sent = {live.server.expect_message(chat=STRANGER)["text"][:9] for _ in range(2)}
    assert sent == {"您现在可以提问了。", "超3000万元 ["}


def test_a_removal_on_the_command_line_holds_in_groups_too(live: World) -> None:
    outside = live.people()
    outside.approve(STRANGER, by="cli:root")
    live.server.say("产值？", user=STRANGER)
    live.server.expect_message("超3000万元", chat=STRANGER)
    outside.remove(STRANGER, by="cli:root")
    live.server.expect_message("已被取消", chat=STRANGER)
    live.server.say("产值？", user=STRANGER)
    live.server.expect_message("如有疑问", chat=STRANGER)
    live.server.say("@yiju_test_bot 产值？", user=STRANGER, chat=GROUP)
    live.server.say("@yiju_test_bot 产值？", user=USER, chat=GROUP)
    live.server.expect_message("超3000万元", chat=GROUP)
    assert len(live.service.asked) == 2


def test_a_decision_made_while_the_bot_was_away_is_told_once(world: World) -> None:
    world.records.request(Subject(STRANGER, "李四"))
    with world.running():
        world.server.say("/start", user=STRANGER)
        world.server.expect_message("没有使用权限", chat=STRANGER)
    world.people().approve(STRANGER, by="cli:root")
    with world.running():
        world.server.expect_message("现在可以提问", chat=STRANGER)
    with world.running():
        world.server.say("/help", user=STRANGER)
        world.server.expect_message("直接发问题", chat=STRANGER)
    told = [call for call in world.server.calls("sendMessage") if "现在可以提问" in call["params"]["text"]]
    assert len(told) == 1


def test_a_new_administrator_gets_the_menu_and_the_commands_and_loses_them(live: World) -> None:
    def own_menu(call: dict[str, Any]) -> bool:
        return bool(json.loads(call["params"].get("scope", "{}")).get("chat_id") == STRANGER)

    live.server.say("/start", user=STRANGER)
    live.server.expect_message("没有使用权限", chat=STRANGER)
    outside = live.people()
    outside.approve(STRANGER, by="cli:root")
    outside.set_role(STRANGER, Role.ADMIN, by="cli:root")
    menu = live.server.expect("setMyCommands", where=own_menu)
    live.server.expect_message("现在是管理员", chat=STRANGER)
    assert "users" in {command["command"] for command in json.loads(menu["params"]["commands"])}
    live.server.say("/status", user=STRANGER)
    live.server.expect_message("运行状况", chat=STRANGER)
    outside.set_role(STRANGER, Role.USER, by="cli:root")
    live.server.expect("deleteMyCommands", where=own_menu)
    live.server.expect_message("不再是管理员", chat=STRANGER)
    live.server.say("/status", user=STRANGER)
    live.server.expect_message("只有管理员", chat=STRANGER)


def test_a_group_gets_a_code_of_its_own_and_is_told_there(slow: World) -> None:
    greet_admin(slow)
    slow.server.say("/start", user=STRANGER, chat=OTHER_GROUP)
    told = slow.server.expect_message("本群还没有使用权限", chat=OTHER_GROUP)
    assert str(OTHER_GROUP) in told["text"]
    request = slow.server.expect_message("办公室", chat=ADMIN)
    slow.server.press(request, "批准", user=ADMIN)
    slow.server.expect_message("本群已获批准", chat=OTHER_GROUP)
    slow.server.say("@yiju_test_bot 产值？", user=STRANGER, chat=OTHER_GROUP)
    slow.server.expect_message("超3000万元", chat=OTHER_GROUP)
    slow.server.say("产值？", user=STRANGER)
    slow.server.expect_message("没有使用权限", chat=STRANGER)


def test_a_group_that_moved_keeps_its_access(live: World) -> None:
    live.people().approve(OTHER_GROUP, by="cli:root")
    live.server.say("", user=USER, chat=-1009, migrate_from_chat_id=OTHER_GROUP)
    live.server.say("@yiju_test_bot 产值？", user=STRANGER, chat=-1009)
    live.server.expect_message("超3000万元", chat=-1009)


def test_users_lists_finds_and_shows(live: World) -> None:
    outside = live.people()
    for number in range(10):
        outside.approve(100 + number, by="cli:root")
        outside.rename(Subject(100 + number, f"科员{number}"))
    live.server.say("/users", user=ADMIN)
    page = live.server.expect_message("用户与群（13）", chat=ADMIN)
    live.server.press(page, "▶", user=ADMIN)
    assert "2/2" in {button["text"] for button in buttons(edited(live, "用户与群"))}
    live.server.say("/users 科员7", user=ADMIN)
    live.server.expect_message("ID 107", chat=ADMIN)
    live.server.say("/users 科员", user=ADMIN)
    assert len(buttons(live.server.expect_message("找到 10 个", chat=ADMIN))) == 10
    live.server.say(f"/users {USER}", user=ADMIN)
    assert "设置指定" in live.server.expect_message(f"ID {USER}", chat=ADMIN)["text"]
    live.server.say("/users 无此人", user=ADMIN)
    live.server.expect_message("没有找到“无此人”", chat=ADMIN)
    live.server.say("/start", user=STRANGER)
    code = code_in(live.server.expect_message("配对码", chat=STRANGER))
    live.server.say(f"/users {code.lower()}", user=ADMIN)
    assert [each["text"] for each in buttons(live.server.expect_message(f"ID {STRANGER}", chat=ADMIN))][:2] == [
        "批准",
        "拒绝",
    ]


def test_the_list_is_for_administrators_in_private(live: World) -> None:
    live.server.say("/users", user=ADMIN, chat=GROUP)
    live.server.expect_message("私聊", chat=GROUP)
    live.server.say("/users", user=USER)
    live.server.expect_message("只有管理员", chat=USER)
    live.server.say("/users", user=ADMIN)
    page = live.server.expect_message("用户与群", chat=ADMIN)
    own = {**page, "chat": {"id": USER, "type": "private"}}
    live.server.press_data(own, f"a:m:{STRANGER}:0", user=USER)
    live.server.expect("answerCallbackQuery")
    assert live.server.calls("editMessageText") == []


@pytest.mark.parametrize(
    ("data", "toast"),
    [
        (f"a:x:{ADMIN}:0", "自己的权限"),
        (f"a:x:{USER}:0", "由设置指定"),
        ("a:x:4711:0", "已经处理过"),
        ("a:m:-1001:0", "由设置指定"),
        ("a:v:4711:0", None),
        ("a:nonsense", None),
        ("a:x:1:0:0", None),
    ],
)
def test_buttons_that_cannot_be_carried_out_are_harmless(live: World, data: str, toast: str | None) -> None:
    live.server.say("/users", user=ADMIN)
    page = live.server.expect_message("用户与群", chat=ADMIN)
    live.server.press_data(page, data, user=ADMIN)
    shown = live.server.expect("answerCallbackQuery")["params"].get("text")
    assert (shown is None) == (toast is None)
    assert (toast or "") in (shown or "")
    assert live.records.everyone() == []


def test_too_many_requests_are_refused_with_the_id(live: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.state.people.MAX_OPEN_CODES", 0)
    live.server.say("/start", user=STRANGER)
    assert str(STRANGER) in live.server.expect_message("申请的人太多", chat=STRANGER)["text"]


def test_who_is_too_fast_is_told_once_and_others_are_not_held_up(world: World) -> None:
    with world.running(limits=QuestionLimits(user_per_minute=1, chat_per_minute=0)):
        for _ in range(8):
            world.server.say("产值？", user=USER)
        world.server.say("/help", user=ADMIN)
        world.server.expect_message("/users", chat=ADMIN)
        world.server.say("@yiju_test_bot 产值？", user=STRANGER, chat=GROUP)
        world.server.expect_message("超3000万元", chat=GROUP)
        for _ in range(8):
            world.server.say("产值？", user=ADMIN)
        for _ in range(8):
            world.server.expect_message("超3000万元", chat=ADMIN)
    sent = [
        call["params"]["text"] for call in world.server.calls("sendMessage") if call["params"]["chat_id"] == str(USER)
    ]
    assert len([text for text in sent if "超3000万元" in text]) == 1
    assert len([text for text in sent if "问得有点快" in text]) == 1
    assert len(sent) == 2


def test_a_button_that_is_too_fast_stops_turning(world: World) -> None:
    with world.running(limits=QuestionLimits(user_per_minute=1, chat_per_minute=0)):
        world.server.say("产值？", user=USER)
        message = world.server.expect_message("超3000万元", chat=USER)
        world.server.press(message, "👍", user=USER)
        assert "问得有点快" in world.server.expect("answerCallbackQuery")["params"]["text"]
    assert world.service.ratings == []


def test_a_stranger_who_writes_on_and_on_is_answered_little(world: World) -> None:
    with world.running(access=Access(frozenset({ADMIN})), limits=QuestionLimits(user_per_minute=1)):
        for _ in range(8):
            world.server.say("在吗", user=STRANGER)
        world.server.say("/help", user=ADMIN)
        world.server.expect_message("/users", chat=ADMIN)
    calls = [call for call in world.server.calls("sendMessage") if call["params"]["chat_id"] == str(STRANGER)]
    assert ["没有使用权限" in calls[0]["params"]["text"], "请过" in calls[1]["params"]["text"], len(calls)] == [
        True,
        True,
        2,
    ]


def test_decisions_and_questions_name_who_it_was(live: World) -> None:
    greet_admin(live)
    live.server.say("/start", user=STRANGER)
    request = live.server.expect_message("有人申请使用", chat=ADMIN)
    live.server.press(request, "批准", user=ADMIN)
    live.server.expect_message("现在可以提问", chat=STRANGER)
    assert [(entry.deed.actor, entry.deed.action) for entry in live.audit.find()] == [
        (f"telegram:{ADMIN}", "access_approved"),
        (f"telegram:{STRANGER}", "access_requested"),
    ]


def test_a_name_that_changed_is_remembered(live: World) -> None:
    live.people().approve(STRANGER, by="cli:root")
    live.server.say("产值？", user=STRANGER)
    live.server.expect_message("超3000万元", chat=STRANGER)
    live.server.say("/new", user=STRANGER)
    live.server.expect_message("已经忘掉", chat=STRANGER)
    assert live.people().get(STRANGER).name == f"用户{STRANGER}"


def test_who_writes_in_the_name_of_a_group_has_the_groups_access_alone(live: World) -> None:
    everybody = 1087968824
    live.people().approve(everybody, by="cli:root")
    group = {"id": OTHER_GROUP, "type": "supergroup", "title": "办公室"}
    live.server.say("@yiju_test_bot 产值？", user=everybody, chat=OTHER_GROUP, sender_chat=group)
    live.server.say("@yiju_test_bot 产值？", user=everybody, chat=GROUP, sender_chat={**group, "id": GROUP})
    live.server.expect_message("超3000万元", chat=GROUP)
    assert len(live.service.asked) == 1


def test_an_administrator_says_what_somebody_may_see(live: World) -> None:
    live.server.say(f"/users {USER} 可看 内部、党组", user=ADMIN)
    card = live.server.expect_message("可看: 公开资料、党组、内部", chat=ADMIN)["text"]
    assert f"/users {USER} 可看" in card
    assert outsider(live).clearance(USER) == Clearance(frozenset({"内部", "党组"}))
    live.server.say(f"/users {GROUP} 可看 *", user=ADMIN)
    live.server.expect_message("可看: 全部资料", chat=ADMIN)
    live.server.say(f"/users {USER} 可看 public", user=ADMIN)
    live.server.expect_message("可看: 公开资料\n", chat=ADMIN)
    assert outsider(live).clearance(USER) == PUBLIC_ONLY
    live.server.say(f"/users {USER} 可看 a/b", user=ADMIN)
    live.server.expect_message("不是标签", chat=ADMIN)
    live.server.say("/users 4711 可看 内部", user=ADMIN)
    live.server.expect_message("没有找到", chat=ADMIN)
    live.server.say("/start", user=STRANGER)
    live.server.expect_message("配对码", chat=STRANGER)
    live.server.say(f"/users {STRANGER} 可看 内部", user=ADMIN)
    live.server.expect_message("还没有使用权限", chat=ADMIN)


def outsider(live: World) -> People:
    """Who may do what, as another process sees it."""
    people = live.people()
    people.refresh()
    return people


def test_questions_are_answered_by_what_may_be_seen_in_the_chat(live: World) -> None:
    for telegram_id, label in ((USER, "内部"), (GROUP, "党组")):
        live.server.say(f"/users {telegram_id} 可看 {label}", user=ADMIN)
        live.server.expect_message(f"可看: 公开资料、{label}", chat=ADMIN)
    for user, chat in ((USER, None), (ADMIN, None), (USER, GROUP), (ADMIN, GROUP)):
        live.server.say("@yiju_test_bot 产值？", user=user, chat=chat)
        live.server.expect_message("超3000万元", chat=chat or user)
    inner, party = Clearance(frozenset({"内部"})), Clearance(frozenset({"党组"}))
    assert live.service.cleared == [inner, EVERYTHING, party, party]


def test_a_group_is_not_shown_what_administrators_see_alone(live: World) -> None:
    live.admin.labelled = True
    for command in ("/status", "/gaps", "/reindex", "/documents 1"):
        live.server.say(command, user=ADMIN, chat=GROUP)
        live.server.expect_message("私聊中发管理命令", chat=GROUP)
    live.server.say("/status", user=ADMIN)
    live.server.expect_message("160", chat=ADMIN)
    assert live.admin.started == []
