"""What readers think of an answer reaches those who look after the corpus."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.chatting import ask, opened
from tests.web.server import WebServer

Shot = Callable[[Page, str], None]


def kept(server: WebServer) -> dict[str, object]:
    said: dict[str, object] = json.loads(server.yiju("feedback", "--json"))
    return said


def test_a_good_answer_is_thanked_for(page: Page) -> None:
    opened(page)
    turn = ask(page)

    turn.get_by_role("button", name="有用", exact=True).click()

    expect(turn.locator(".feedback")).to_have_text("谢谢，已经记下。")
    expect(turn.get_by_role("button", name="有用", exact=True)).to_have_attribute("aria-pressed", "true")


def test_a_bad_answer_is_asked_for_its_reason_and_both_are_kept(page: Page, server: WebServer, shot: Shot) -> None:
    opened(page)
    turn = ask(page, "蓬江摩托车试车场一期什么时候完工？")
    turn.get_by_role("button", name="没用", exact=True).click()
    form = turn.locator("form.reasons")
    expect(form).to_be_visible()
    shot(page, "feedback")

    form.get_by_label("已过时").check(force=True)
    form.get_by_label("补充说明（可不填）").fill("二期也完工了 <b>")
    form.get_by_role("button", name="提交").click()

    expect(turn.locator(".feedback")).to_have_text("谢谢，已经记下。")
    assert "二期也完工了 <b>" in json.dumps(kept(server), ensure_ascii=False)
    assert "outdated" in json.dumps(kept(server))


def test_what_was_not_found_can_only_have_been_missed(page: Page) -> None:
    opened(page)
    turn = ask(page, "国家主席是谁？")

    turn.get_by_role("button", name="没用", exact=True).click()

    expect(turn.locator(".option")).to_have_text(["文件里有，没找到", "其他"])


def test_a_rating_that_cannot_be_kept_says_so(page: Page) -> None:
    opened(page)
    turn = ask(page)
    page.route(
        "**/feedback",
        lambda route: route.fulfill(status=404, json={"status": 404, "code": "answer_not_found", "detail": "没有。"}),
    )

    turn.get_by_role("button", name="有用", exact=True).click()

    expect(turn.locator(".feedback [role=alert]")).to_have_text("这个回答已不再保存。")
    expect(turn.get_by_role("button", name="有用", exact=True)).to_have_attribute("aria-pressed", "false")
