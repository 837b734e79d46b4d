"""Where the doors are locked: sign in, ask, find one's own conversations and nobody else's, sign out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.chatting import ask, axe_faults, open_first_source, opened
from tests.web.looks import LOOKS
from tests.web.server import PASSWORD, WebServer

Shot = Callable[[Page, str], None]
NewPage = Callable[..., Page]


def signed_in(page: Page, name: str) -> Page:
    opened(page, "/login?next=/")
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_be_visible()
    page.wait_for_load_state()
    return page


def test_a_stranger_is_led_to_signing_in_and_back(new_page: NewPage, locked_server: WebServer, shot: Shot) -> None:
    page = opened(new_page(at=locked_server))
    expect(page.get_by_role("heading", level=1)).to_have_text("需要登录后才能提问")
    assert axe_faults(page) == []
    shot(page, "locked")

    page.get_by_role("link", name="登录").click()
    page.locator("#name").fill("chen")
    page.locator("#password").fill(PASSWORD)
    shot(page, "sign-in")
    page.keyboard.press("Enter")

    page.wait_for_url("**/")
    page.wait_for_load_state()
    expect(page.get_by_role("link", name="chen")).to_have_attribute("href", "/account")
    expect(page.get_by_role("link", name="管理")).to_have_count(0)
    turn = ask(page)
    expect(turn.locator(".short")).to_contain_text("1.3亿元")
    turn.get_by_role("button", name="有用", exact=True).click()
    expect(turn.locator(".feedback")).to_have_text("谢谢，已经记下。")
    open_first_source(page, turn)
    expect(page.locator("#source mark.answer")).to_have_text("1.3亿元")


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_of_the_door_are_clean_by_axe_and_fit_their_width(
    new_page: NewPage, locked_server: WebServer, shot: Shot, look: str
) -> None:
    page = new_page(at=locked_server, **LOOKS[look])
    faults: dict[str, list[str]] = {}

    def look_at(name: str) -> None:
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults[name] = axe_faults(page) + ([f"{wider} px too wide"] if wider > 0 else [])
        shot(page, f"door-{look}-{name}")

    opened(page, "/login")
    look_at("sign-in")
    page.locator("#name").fill("nobody")
    page.locator("#password").fill("是错的")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码不对")
    look_at("wrong")
    opened(page, "/login/link?token=over")
    look_at("link-over")
    link = locked_server.yiju("accounts", "link", "chen")
    opened(page, re.search(r"/login/link\?token=\S+", link)[0])  # type: ignore[index]
    look_at("password")
    signed_in(page, "chen")
    opened(page, "/account")
    look_at("account")
    opened(page, "/admin/audit")
    expect(page.get_by_role("heading", level=1)).to_have_text("没能打开")
    look_at("refused")

    assert {name: found for name, found in faults.items() if found} == {}


def test_the_language_is_chosen_before_signing_in_and_the_way_on_is_kept(
    new_page: NewPage, locked_server: WebServer
) -> None:
    page = opened(new_page(at=locked_server), "/login?next=/account")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.locator("#name").fill("chen")
    page.locator("#password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("User name or password is wrong, or the account is disabled.")
    page.get_by_role("link", name="繁體").click()
    page.locator("#name").fill("chen")
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("帳號")


def test_conversations_are_those_of_who_is_signed_in(new_page: NewPage, locked_server: WebServer) -> None:
    mine = signed_in(new_page(at=locked_server), "chen")
    ask(mine, "杜阮镇有多少户种植凉瓜？")
    address = mine.url

    other = signed_in(new_page(at=locked_server), "guan")
    expect(other.get_by_role("link", name="管理")).to_have_attribute("href", "/admin")
    expect(other.locator("#no-conversations")).to_be_visible()
    other.goto(address)
    expect(other.locator(".turns .notice")).to_have_text("这个对话已不再保存。")


def test_after_signing_out_nothing_is_shown_any_more(new_page: NewPage, locked_server: WebServer) -> None:
    page = signed_in(new_page(at=locked_server), "chen")
    turn = ask(page)
    panel = open_first_source(page, turn)
    permalink = str(panel.get_by_role("link", name="单独打开").get_attribute("href"))
    second = page.context.new_page()
    opened(second)
    second.get_by_role("button", name="退出登录").click()
    second.wait_for_load_state()

    page.keyboard.press("Escape")
    refused = ask(page, "种植面积呢？")
    expect(refused.locator("[role=alert]")).to_contain_text("登录已失效")
    expect(refused.get_by_role("link", name="登录")).to_be_visible()
    page.goto(permalink)
    expect(page.locator("#password")).to_be_visible()
