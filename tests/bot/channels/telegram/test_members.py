"""The list of users and groups and the card of one: what is shown, and which buttons there are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access import Role
from bot.channels.telegram.access_phrases import ACCESS_PHRASES, SIMPLIFIED
from bot.channels.telegram.members import MemberPress, found_members, member_card, member_list
from bot.channels.telegram.requests import Outgoing
from bot.channels.telegram.text import plain, to_html
from bot.people import Member
from bot.state.people import Person

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)


def person(telegram_id: int, state: str = "approved", role: str = "user", **more: Any) -> Member:
    fields = {"name": f"张{telegram_id}", "username": None, "requested_at": NOW, **more}
    record = Person(telegram_id=telegram_id, role=role, state=state, **fields)
    roles = {"approved:user": Role.USER, "approved:admin": Role.ADMIN}
    return Member(telegram_id, roles.get(record.standing, Role.STRANGER), by_settings=False, record=record)


def labels(message: Outgoing) -> list[str]:
    return [button.label for row in message.buttons for button in row]


def test_a_short_list_has_a_button_for_each_and_no_pages() -> None:
    members = [person(1, "pending"), person(2, role="admin"), person(-3), Member(4, Role.USER, by_settings=True)]
    message = member_list(members, 0, SIMPLIFIED)
    assert plain(message.text) == "用户与群（4）\n等待批准 1 · 管理员 1 · 可以提问 2"
    assert labels(message) == ["⏳ 张1", "🛡 张2", "👥 张-3", "👤 用户 4 · 设置指定"]


@given(st.integers(0, 60), st.integers(-3, 100))
def test_every_page_shows_its_own_and_leads_on(count: int, page: int) -> None:
    members = [person(number + 1) for number in range(count)]
    seen = set()
    for number in range(max((count + 7) // 8, 1)):
        message = member_list(members, number, SIMPLIFIED)
        presses = [MemberPress.read(button.data) for row in message.buttons for button in row]
        assert all(press is not None for press in presses)
        seen |= {press.telegram_id for press in presses if press is not None and press.act == "v"}
    assert seen == {member.telegram_id for member in members}
    assert all(button.fits for row in member_list(members, page, SIMPLIFIED).buttons for button in row)


def test_nobody_is_said_to_be_nobody() -> None:
    message = member_list([], 3, SIMPLIFIED)
    assert "配对码" in plain(message.text)
    assert not message.buttons


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (person(5, "pending"), ["批准", "拒绝"]),
        (person(5), ["设为管理员", "移除"]),
        (person(5, role="admin"), ["取消管理员", "移除"]),
        (person(-5), ["移除"]),
        (person(5, "rejected"), ["重新批准"]),
        (person(-5, "removed"), ["重新批准"]),
        (Member(5, Role.ADMIN, by_settings=True), []),
    ],
)
def test_a_card_offers_what_can_be_done(member: Member, expected: list[str]) -> None:
    assert labels(member_card(member, 2, SIMPLIFIED, names={})) == [*expected, "« 返回名单"]


def test_a_card_says_who_decided_and_when() -> None:
    member = person(33, username="lisi", decided_by="telegram:11", decided_at=NOW)
    text = plain(member_card(member, 0, SIMPLIFIED, names={"telegram:11": "王主任"}).text)
    assert text.startswith("张33\n用户 · ID 33 · @lisi\n权限: 可以提问\n可看: 公开资料\n申请时间: ")
    assert "王主任 于 " in text
    by_id = plain(member_card(member, 0, SIMPLIFIED, names={}).text)
    assert "11 于 " in by_id
    local = person(33, decided_by="cli:root", decided_at=NOW)
    assert "命令行（root） 于 " in plain(member_card(local, 0, SIMPLIFIED, names={}).text)


def test_a_name_is_text_and_no_markup() -> None:
    member = person(33, "pending", name="<b>李&四</b>")
    assert "&lt;b&gt;李&amp;四&lt;/b&gt;" in to_html(member_card(member, 0, SIMPLIFIED, names={}).text)


@pytest.mark.parametrize("language", ACCESS_PHRASES)
def test_cards_and_lists_exist_in_every_frame(language: Any) -> None:
    words = ACCESS_PHRASES[language]
    for state in ("pending", "approved", "rejected", "removed"):
        for telegram_id in (5, -5):
            card = member_card(person(telegram_id, state), 0, words, names={}, heading=words.asks)
            assert plain(card.text).startswith(words.asks)
            assert words.states["approved:user" if state == "approved" else state] in plain(card.text)


def test_many_that_were_found_are_cut_and_counted() -> None:
    message = found_members([person(number) for number in range(1, 40)], SIMPLIFIED)
    assert len(labels(message)) == 16
    assert "39" in plain(message.text)


@given(st.sampled_from("lvybnxmd"), st.integers(-(10**15), 10**15), st.integers(0, 10**6))
def test_button_data_come_back_and_fit(act: str, telegram_id: int, page: int) -> None:
    press = MemberPress(act, telegram_id, page)
    assert MemberPress.read(press.data) == press
    assert len(press.data.encode()) <= 64


@given(st.text(max_size=80))
def test_foreign_data_are_none(data: str) -> None:
    assert MemberPress.read(data) is None
    assert MemberPress.read(f"a:{data}") is None or data.count(":") == 2


@pytest.mark.parametrize("data", ["a:v:x:0", "a:v:1", "a:q:1:0", "a:v:1:0:0", "b:v:1:0", "a:v:1:" + "9" * 70])
def test_damaged_data_are_none(data: str) -> None:
    assert MemberPress.read(data) is None
