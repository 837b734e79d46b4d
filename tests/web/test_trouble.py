"""When something is wrong the page says what, and what to do; what passes by itself is tried again."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.chatting import QUESTION, ask, opened

Shot = Callable[[Page, str], None]
EVENTS = "text/event-stream"


def problem(status: int, code: str, **headers: str) -> Callable[[Route], None]:
    body = {"status": status, "code": code, "detail": "详情。", "request_id": "r-1"}
    return lambda route: route.fulfill(status=status, json=body, headers=headers)


def first_then_real(*answers: Callable[[Route], None]) -> Callable[[Route], None]:
    """The given answers in turn, then the server's own."""
    left = list(answers)
    return lambda route: left.pop(0)(route) if left else route.continue_()


def event(name: str, said: object) -> str:
    return f"event: {name}\ndata: {json.dumps(said, ensure_ascii=False)}\n\n"


@pytest.mark.parametrize(("status", "code"), [(503, "busy"), (429, "too_many_requests"), (503, "not_ready")])
def test_what_passes_is_tried_again_by_itself(page: Page, status: int, code: str) -> None:
    opened(page)
    page.route("**/v1/ask", first_then_real(problem(status, code, **{"Retry-After": "1"})))

    page.locator("#question").fill(QUESTION)
    page.keyboard.press("Enter")

    expect(page.locator(".turn .trouble")).to_contain_text("秒后自动重试")
    expect(page.locator(".turn .short")).to_contain_text("1.3亿元")
    expect(page.locator(".turn")).to_have_count(1)


def test_trouble_of_the_server_names_what_to_tell_the_administrator(page: Page, shot: Shot) -> None:
    opened(page)
    page.route("**/v1/ask", first_then_real(problem(500, "internal")))

    turn = ask(page)

    expect(turn.locator("[role=alert]")).to_contain_text("程序出了点问题")
    expect(turn.locator("[role=alert]")).to_contain_text("编号 r-1")
    shot(page, "trouble")
    turn.get_by_role("button", name="重试").click()
    expect(turn.locator(".short")).to_contain_text("1.3亿元")


def test_without_network_the_page_says_so_and_asks_again_when_told(page: Page, shot: Shot) -> None:
    opened(page)
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()

    turn = ask(page)

    expect(turn.locator("[role=alert]")).to_contain_text("网络已断开")
    shot(page, "offline")
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden()
    turn.get_by_role("button", name="重试").click()
    expect(turn.locator(".short")).to_contain_text("1.3亿元")


def test_who_is_not_signed_in_any_more_is_led_to_signing_in(page: Page) -> None:
    opened(page)
    page.route("**/v1/ask", problem(401, "unauthorized"))

    turn = ask(page)

    link = turn.get_by_role("link", name="登录")
    expect(link).to_have_attribute("href", "/login?next=%2F")


def test_a_question_that_is_refused_comes_back_into_the_box(page: Page) -> None:
    opened(page)
    page.route("**/v1/ask", problem(422, "invalid_question"))

    turn = ask(page, "？？")

    expect(turn.locator("[role=alert]")).to_contain_text("详情。")
    expect(page.locator("#question")).to_have_value("？？")


def test_an_answer_in_pieces_shows_them_and_ends_with_the_whole(page: Page) -> None:
    opened(page)
    ask(page)
    given: list[str] = []

    def stream(route: Route) -> None:
        given.append(route.request.headers["accept"])
        response = route.fetch(headers={**route.request.headers, "accept": "application/json"})
        answer = response.json()
        pieces = [event("stage", {"stage": "reading"}), ": still there\n\n"]
        pieces += [event("delta", {"text": each}) for each in answer["answer"]]
        pieces.append(event("answer", answer))
        route.fulfill(body="".join(pieces), content_type=EVENTS)

    page.route("**/v1/ask", stream)
    turn = ask(page, "种植面积呢？")

    assert EVENTS in given[0]
    expect(turn.locator(".short")).to_contain_text("650亩")
    expect(turn.locator(".source-card")).to_have_count(1)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (event("delta", {"text": "半句"}), "回答没有传完，请重试。"),
        (event("delta", {"text": "半句"}) + event("problem", {"status": 500, "code": "internal"}), "程序出了点问题"),
        ("data: no json\n\n", "连接不上服务。"),
    ],
)
def test_an_answer_that_breaks_off_is_not_taken_for_one(page: Page, body: str, words: str) -> None:
    opened(page)
    page.route("**/v1/ask", first_then_real(lambda route: route.fulfill(body=body, content_type=EVENTS)))

    turn = ask(page)

    expect(turn.locator("[role=alert]")).to_contain_text(words)
    expect(turn).not_to_contain_text("半句")
    turn.get_by_role("button", name="重试").click()
    expect(turn.locator(".short")).to_contain_text("1.3亿元")


def test_a_question_is_stopped_and_asked_again(page: Page, shot: Shot) -> None:
    opened(page)
    held: list[Route] = []
    page.route("**/v1/ask", lambda route: held.append(route))  # noqa: PLW0108 - a builtin cannot be wrapped
    page.locator("#question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".turn .stage-words")).to_be_visible()
    shot(page, "waiting")

    page.get_by_role("button", name="停止").click()

    expect(page.locator(".turn")).to_contain_text("已停止。")
    page.unroute("**/v1/ask")
    page.get_by_role("button", name="重新提问").click()
    expect(page.locator(".turn .short")).to_contain_text("1.3亿元")


def test_an_index_without_all_vectors_is_said_so(page: Page, shot: Shot) -> None:
    opened(page)

    def partial(route: Route) -> None:
        answer = route.fetch(headers={**route.request.headers, "accept": "application/json"}).json()
        route.fulfill(json={**answer, "index": {"embedded": 0.4278}})

    page.route("**/v1/ask", partial)
    turn = ask(page)

    expect(turn.locator(".index-notice")).to_contain_text("索引42%已向量化")
    shot(page, "index-partial")


def test_other_documents_that_differ_and_questions_to_go_on_with_can_be_followed(page: Page, shot: Shot) -> None:
    opened(page)
    asked: list[str] = []

    def differing(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "{}")["question"])
        answer = route.fetch(headers={**route.request.headers, "accept": "application/json"}).json()
        if len(asked) == 1:
            other = {key: answer["citations"][0][key] for key in ALTERNATIVE_KEYS}
            answer["alternatives"] = [{**other, "short_answer": "1.2亿元"}]
            answer["suggestions"] = [{"kind": "question", "text": "种植面积多少？", "document_id": None}]
            answer["sources"] = 4
        route.fulfill(json=answer)

    page.route("**/v1/ask", differing)
    turn = ask(page)
    expect(turn.locator(".differing .other")).to_have_text("1.2亿元")
    expect(turn.locator(".sources h3").first).to_contain_text("共 4 份文件说法一致")
    shot(page, "differing")

    turn.locator(".differing .source-card").click()
    expect(page.locator("#source mark.quote").first).to_be_visible()
    turn.get_by_role("button", name="种植面积多少？").click()

    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn").nth(1).locator(".short")).to_be_visible()
    assert asked == [QUESTION, "种植面积多少？"]


ALTERNATIVE_KEYS = (
    *("document_id", "document_title", "publisher", "published_at", "url", "source_path"),
    *("passage_id", "passage_start", "quote", "start", "end"),
)
