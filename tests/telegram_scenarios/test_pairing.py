"""Strangers are let in by an administrator, in Telegram or on the command line, and lose it again; all is kept."""

from __future__ import annotations

import json
import re

from tests.telegram_scenarios.chats import Chat, Message
from tests.telegram_scenarios.questions import SEATS
from tests.telegram_scenarios.town import Town
from tests.telegram_server.client import buttons


def code_in(message: Message) -> str:
    found = re.search(r"配对码：([A-Z0-9]{3}-[A-Z0-9]{3})", message["text"])
    assert found is not None, message["text"]
    return found[1]


def awake(town: Town) -> Chat:
    """An administrator to whom the bot may write."""
    admin = town.administrator()
    admin.says("/help")
    admin.expect_reply("/users")
    return admin


def yiju(town: Town, *arguments: str) -> dict[str, object]:
    done = town.program.run(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(done.stdout)
    return said


def test_a_stranger_is_approved_by_button_and_told(town: Town) -> None:
    admin, stranger = awake(town), town.stranger()
    stranger.says("/start")
    code_in(stranger.expect_reply("没有使用权限", str(stranger.user)))
    request = admin.expect_request(stranger)
    assert admin.presses(request, "批准") == ""
    admin.expect_edit(request, "可以提问")
    stranger.expect_reply("现在可以提问")
    stranger.says(SEATS.question)
    stranger.expect_reply(SEATS.answer)


def test_a_stranger_is_turned_down_and_told(town: Town) -> None:
    admin, stranger = awake(town), town.stranger()
    stranger.says(SEATS.question)
    stranger.expect_reply("没有使用权限")
    request = admin.expect_request(stranger)
    admin.presses(request, "拒绝")
    admin.expect_edit(request, "已拒绝")
    stranger.expect_reply("没有批准")
    stranger.says(SEATS.question)
    stranger.expect_reply("如有疑问")
    assert "已经处理过" in admin.presses(request, "批准")


def test_a_code_is_approved_on_the_command_line_while_the_bot_runs(town: Town) -> None:
    stranger = town.stranger()
    stranger.says("/start")
    approved = yiju(town, "users", "approve", code_in(stranger.expect_reply("没有使用权限")))
    assert (approved["id"], approved["state"]) == (stranger.user, "approved")
    stranger.expect_reply("现在可以提问")
    stranger.says(SEATS.question)
    answer = stranger.expect_reply(SEATS.answer)
    yiju(town, "users", "remove", str(stranger.user))
    stranger.expect_reply("已被取消")
    assert stranger.presses(answer, "[1]") == ""
    stranger.says(SEATS.question)
    stranger.expect_reply("如有疑问")
    entries = yiju(town, "audit", "--user", str(stranger.user))["entries"]
    assert isinstance(entries, list)
    assert [each["action"] for each in entries] == ["question", "access_requested"]
    assert entries[0]["detail"] == SEATS.question
    assert entries[0]["outcome"] == "answered"
    assert entries[0]["sources"]


def test_a_group_is_approved_and_answers_there_alone(town: Town) -> None:
    admin = awake(town)
    group = town.group(allowed=False)
    group.says("/start")
    group.expect_reply("本群还没有使用权限", str(group.chat))
    request = admin.expect_request(group)
    admin.presses(request, "批准")
    group.expect_reply("本群已获批准")
    group.says(f"/ask {SEATS.question}")
    group.expect_reply(SEATS.answer)


def test_a_new_administrator_administers_until_demoted(town: Town) -> None:
    admin, stranger = awake(town), town.stranger()
    stranger.says("/start")
    stranger.expect_reply("没有使用权限")
    request = admin.expect_request(stranger)
    admin.presses(request, "批准")
    stranger.expect_reply("现在可以提问")
    admin.presses(admin.expect_edit(request, "可以提问"), "设为管理员")
    stranger.expect_reply("现在是管理员")
    own = [menu for scope, _, menu in town.menus() if f"{stranger.user}" in scope]
    assert any("users" in {command["command"] for command in menu} for menu in own)
    stranger.says("/status")
    stranger.expect_reply("运行状况")
    admin.presses(admin.expect_edit(request, "管理员"), "取消管理员")
    stranger.expect_reply("不再是管理员")
    stranger.says("/status")
    stranger.expect_reply("只有管理员")


def test_users_finds_a_person_by_code_and_by_id(town: Town) -> None:
    admin, stranger = awake(town), town.stranger()
    stranger.says("/start")
    code = code_in(stranger.expect_reply("没有使用权限"))
    admin.expect_request(stranger)
    for word in (code, str(stranger.user)):
        admin.says(f"/users {word}")
        # The card begins as the word to administrators does.
        assert [button["text"] for button in buttons(admin.expect_request(stranger))][:2] == ["批准", "拒绝"]
    admin.says("/users")
    page = admin.expect_reply("用户与群")
    admin.presses(page, "▶")
    admin.expect_edit(page, "用户与群")
    assert admin.presses_data(page, f"a:x:{admin.user}:0")
    admin.says("/users 无此人")
    admin.expect_reply("没有找到")


def test_the_list_is_not_shown_in_a_group(town: Town) -> None:
    admin = town.administrator()
    group = town.group(member=admin)
    group.says("/users")
    group.expect_reply("私聊")
