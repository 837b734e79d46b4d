"""Conversations at the side: open, begin anew, delete; addresses lead back to them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.chatting import ask, opened

Shot = Callable[[Page, str], None]


def test_a_conversation_is_opened_again_with_its_answers_and_gone_on_with(page: Page) -> None:
    opened(page)
    ask(page, "杜阮镇有多少户种植凉瓜？")
    page.get_by_role("button", name="新对话").first.click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator("#welcome")).to_be_visible()
    expect(page.locator("#question")).to_be_focused()

    page.locator("#conversation-list").get_by_text("杜阮镇有多少户种植凉瓜？").first.click()

    expect(page.locator(".turn .short")).to_contain_text("200户")
    expect(page.locator("#conversation-list [aria-current=page]")).to_have_text("杜阮镇有多少户种植凉瓜？")
    turn = ask(page, "产值呢？")
    expect(turn.locator(".answer-text")).not_to_be_empty()
    expect(page.locator(".turn")).to_have_count(2)


def test_the_address_of_a_conversation_opens_it_and_back_leaves_it(page: Page) -> None:
    opened(page)
    ask(page)
    address = page.url

    page.reload()
    expect(page.locator(".turn .short")).to_contain_text("1.3亿元")
    page.get_by_role("button", name="新对话").first.click()
    page.go_back()
    expect(page.locator(".turn .short")).to_contain_text("1.3亿元")
    assert page.url == address


def test_a_conversation_is_deleted_after_asking_and_is_gone(page: Page, shot: Shot) -> None:
    opened(page)
    ask(page, "试车场建在什么地方？")
    entry = page.locator("#conversation-list li").filter(has_text="试车场建在什么地方？")
    entry.hover()
    entry.get_by_role("button").click()
    expect(page.get_by_role("dialog")).to_contain_text("删除这个对话？")
    shot(page, "delete")
    page.keyboard.press("Escape")
    expect(entry).to_have_count(1)

    entry.hover()
    entry.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="删除").click()

    expect(entry).to_have_count(0)
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator("#told")).to_have_text("对话已删除。")


def test_an_address_of_no_conversation_says_so(page: Page) -> None:
    opened(page, "/?c=nothing")
    expect(page.locator(".turns .notice")).to_have_text("这个对话已不再保存。")
    turn = ask(page)
    expect(turn.locator(".short")).to_contain_text("1.3亿元")
