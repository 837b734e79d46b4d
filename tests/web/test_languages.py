"""The words of the page in three languages; quotes stay as printed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.chatting import ask, open_first_source, opened

Shot = Callable[[Page, str], None]
NewPage = Callable[..., Page]


@pytest.mark.parametrize(
    ("locale", "language", "heading"),
    [("zh-CN", "zh-Hans", "出处"), ("zh-TW", "zh-Hant", "出處"), ("en-GB", "zh-Hans", "出处")],
)
def test_the_page_is_in_the_script_that_the_browser_prefers(
    new_page: NewPage, shot: Shot, locale: str, language: str, heading: str
) -> None:
    page = opened(new_page(locale=locale))
    expect(page.locator("html")).to_have_attribute("lang", language)

    turn = ask(page)

    expect(turn.locator(".sources h3")).to_have_text(heading)
    expect(turn.locator(".answer-text")).to_contain_text("总产值为1.3亿元")
    shot(page, f"language-{locale}")


def test_another_language_is_chosen_within_a_conversation_and_remembered(page: Page) -> None:
    opened(page)
    ask(page)

    page.get_by_role("link", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".turn .asked")).to_have_text("杜阮凉瓜产值多少？")
    expect(page.locator(".turn .sources h3")).to_have_text("Sources")
    expect(page.locator(".turn .answer-text")).to_contain_text("总产值为1.3亿元")
    opened(page)
    expect(page.get_by_role("button", name="New conversation").first).to_be_visible()


def test_dates_are_written_as_in_the_language(new_page: NewPage) -> None:
    page = opened(new_page(), "/?lang=en")
    turn = ask(page)
    expect(turn.locator(".source-about")).to_have_text("蓬江新闻 · 2024-06-12")
    panel = open_first_source(page, turn)
    expect(panel.locator("#source-about")).to_have_text(re.compile("2024-06-12"))


def test_a_theme_is_chosen_and_remembered(new_page: NewPage) -> None:
    page = opened(new_page(color_scheme="light"))

    def paper() -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    light = paper()
    page.get_by_label("深浅色").select_option("dark")
    dark = paper()
    assert dark != light
    opened(page)
    assert paper() == dark
    page.get_by_label("深浅色").select_option("")
    assert paper() == light
    opened(page)
    assert paper() == light
