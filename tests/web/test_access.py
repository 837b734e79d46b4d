"""For everyone: axe finds nothing on any page in light, dark and on a phone; the keyboard alone is enough."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.chatting import QUESTION, ask, axe_faults, open_first_source, opened
from tests.web.looks import LOOKS, PHONE

Shot = Callable[[Page, str], None]
NewPage = Callable[..., Page]


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(new_page: NewPage, shot: Shot, look: str) -> None:
    page = opened(new_page(**LOOKS[look]))
    faults = {"welcome": axe_faults(page)}
    turn = ask(page)
    faults["answer"] = axe_faults(page)
    shot(page, f"{look}-answer")
    turn.get_by_role("button", name="没用", exact=True).click()
    expect(turn.locator(".reasons")).to_be_visible()
    faults["reasons"] = axe_faults(page)
    panel = open_first_source(page, turn)
    faults["source"] = axe_faults(page)
    shot(page, f"{look}-source")
    address = panel.get_by_role("link", name="单独打开").get_attribute("href")
    page.keyboard.press("Escape")
    ask(page, "国家主席是谁？")
    faults["not found"] = axe_faults(page)
    page.goto(str(address))
    faults["passage"] = axe_faults(page)
    shot(page, f"{look}-passage")
    page.goto("/p/nothing")
    faults["problem"] = axe_faults(page)

    assert {where: found for where, found in faults.items() if found} == {}


def test_nothing_is_wider_than_a_phone_and_buttons_are_large_enough(new_page: NewPage) -> None:
    page = opened(new_page(**{**PHONE, "width": 320}))
    turn = ask(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, select')].filter((each) => {
          const box = each.getBoundingClientRect();
          return box.width && box.right > 0 && (box.height < 24 || box.width < 24);
        }).map((each) => each.outerHTML.slice(0, 80))"""
    )
    assert width == 320
    assert small == []
    open_first_source(page, turn)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_on_a_phone_the_list_is_a_drawer(new_page: NewPage, shot: Shot) -> None:
    page = opened(new_page(**PHONE))
    ask(page)
    drawer = page.locator("#drawer")
    expect(drawer).not_to_be_visible()

    page.get_by_role("button", name="对话", exact=True).click()
    expect(drawer).to_be_visible()
    expect(page.locator("#drawer-close")).to_be_focused()
    shot(page, "phone-drawer")
    page.keyboard.press("Escape")
    expect(drawer).not_to_be_visible()
    expect(page.locator("#drawer-open")).to_be_focused()

    page.locator("#drawer-open").click()
    page.locator("#conversation-list a").first.click()
    expect(drawer).not_to_be_visible()
    expect(page.locator(".turn").first).to_be_visible()


def test_on_a_phone_the_source_takes_the_focus_from_everything_else(new_page: NewPage) -> None:
    page = opened(new_page(**PHONE))
    turn = ask(page)
    open_first_source(page, turn)

    for _ in range(12):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('#source')"
        )
        assert inside
    page.locator("#source-close").click()
    expect(turn.locator(".marker").first).to_be_focused()


def test_the_keyboard_alone_asks_reads_and_rates(new_page: NewPage) -> None:
    # Where nothing hovers the box does not take the focus by itself, so that the first Tab goes to the first control.
    page = opened(new_page(has_touch=True, is_mobile=True))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到提问框")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    turn = page.locator(".turn")
    expect(turn.locator(".short")).to_be_visible()

    page.keyboard.press("Shift+Tab")
    expect(turn.get_by_role("button", name="没用", exact=True)).to_be_focused()
    for _ in range(5):
        page.keyboard.press("Shift+Tab")
    expect(turn.locator(".marker").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#source mark.answer")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#source-close")).to_be_focused()
    page.keyboard.press("Enter")
    expect(turn.locator(".marker").first).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#question")).to_be_focused()
    expect(page.locator("#question")).to_have_value("")


def test_every_focused_control_is_seen(page: Page) -> None:
    opened(page)
    ask(page)
    page.evaluate("document.activeElement.blur()")
    for _ in range(14):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
              const each = document.activeElement;
              if (each === document.body || each.id === 'question') return true;
              const box = each.getBoundingClientRect();
              const style = getComputedStyle(each);
              return box.width > 1 && style.outlineStyle !== 'none' && box.bottom > 0 && box.top < innerHeight;
            }"""
        )
        assert seen, page.evaluate("document.activeElement.outerHTML")


def test_a_composing_input_method_keeps_enter_for_itself(page: Page) -> None:
    opened(page)
    page.locator("#question").fill("杜阮")
    page.evaluate(
        """() => document.getElementById('question').dispatchEvent(
          new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"""
    )
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator("#question")).to_have_value("杜阮")


def test_paper_shows_answers_and_addresses_without_buttons(page: Page) -> None:
    opened(page)
    turn = ask(page)
    page.emulate_media(media="print")

    expect(turn.locator(".short")).to_be_visible()
    expect(turn.locator(".permalink")).to_contain_text("/p/")
    for hidden in ("#drawer", "#ask", ".actions"):
        expect(page.locator(hidden)).not_to_be_visible()
