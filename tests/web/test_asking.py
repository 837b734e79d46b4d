"""Asking on the page: the answer with its sentence and source, follow-ups, what is not there."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.chatting import QUESTION, ask, opened

Shot = Callable[[Page, str], None]


def test_a_question_gets_its_answer_with_the_sentence_and_the_source(page: Page, shot: Shot) -> None:
    opened(page)
    shot(page, "welcome")

    turn = ask(page)

    expect(turn.locator(".short")).to_contain_text("1.3亿元")
    expect(turn.locator(".answer-text strong").first).to_have_text("1.3亿元")
    expect(turn.locator(".answer-text")).to_contain_text("过去一年杜阮凉瓜全产业链的总产值为1.3亿元")
    expect(turn.locator(".source-card")).to_contain_text("小凉瓜串起一条长链")
    expect(turn.locator(".source-card")).to_contain_text("蓬江新闻 · 2024年6月12日")
    expect(page.locator("#told")).to_have_text("已回答：1.3亿元")
    expect(page.locator("#welcome")).to_be_hidden()
    shot(page, "answer")


def test_a_follow_up_is_asked_in_the_same_conversation(page: Page) -> None:
    opened(page)
    ask(page)
    address = page.url

    turn = ask(page, "种植面积呢？")

    expect(turn.locator(".short")).to_contain_text("650亩")
    assert page.url == address
    assert "?c=" in address


def test_what_the_documents_do_not_say_is_said_so_and_the_nearest_can_be_opened(page: Page, shot: Shot) -> None:
    opened(page)

    turn = ask(page, "国家主席是谁？")

    expect(turn.locator(".answer-text")).to_contain_text("没有找到")
    expect(turn.locator(".marker")).to_have_count(0)
    shot(page, "not-found")
    nearest = turn.locator(".suggestions .source-card").first
    title = nearest.inner_text().splitlines()[-1]
    nearest.click()
    expect(page.locator("#source-title")).to_have_text(title)
    expect(page.locator("#source-text p").first).to_be_visible()


def test_an_empty_question_is_not_sent_and_a_long_one_says_the_bound(page: Page) -> None:
    opened(page)
    page.locator("#question").fill("  \n ")
    page.locator("#send").click()
    expect(page.locator(".turn")).to_have_count(0)

    page.locator("#question").fill("问" * 2001)

    expect(page.locator("#question-fault")).to_have_text("问题有 2001 个字，最多 2000 个字。")
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(0)


def test_shift_enter_starts_a_line_and_enter_asks(page: Page) -> None:
    opened(page)
    page.locator("#question").fill("第一行")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second")
    assert page.locator("#question").input_value() == "第一行\nsecond"


def test_markup_in_a_question_stays_text(page: Page) -> None:
    opened(page)
    question = '<img src=x onerror="document.title=1">杜阮凉瓜产值多少？</script><b>'

    turn = ask(page, question)

    expect(turn.locator(".asked")).to_have_text(question)
    expect(page.locator("#conversation-list a").first).to_have_text(question)
    assert page.locator("main img[src=x]").count() == 0
    assert page.title() != "1"


def test_the_question_box_is_ready_at_once(page: Page) -> None:
    opened(page)
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type(QUESTION)
    expect(page.locator("#question")).to_have_value(QUESTION)
