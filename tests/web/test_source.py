"""The source beside the answer: the words are marked where they stand, and can be cited."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.chatting import ask, open_first_source, opened

Shot = Callable[[Page, str], None]
QUOTE = "算上加工、餐饮和旅游,过去一年杜阮凉瓜全产业链的总产值为1.3亿元。"


def marked(page: Page, kind: str, place: str = "#source-text") -> str:
    """All words of a kind of mark, in the order of the document."""
    return "".join(page.locator(f"{place} mark.{kind}").all_inner_texts())


def test_a_citation_leads_to_its_words_in_the_whole_document(page: Page, shot: Shot) -> None:
    opened(page)
    turn = ask(page)

    panel = open_first_source(page, turn)

    assert marked(page, "answer") == "1.3亿元"
    assert marked(page, "quote") == QUOTE
    assert marked(page, "passage").startswith("本报讯(记者 余晓岚")
    expect(panel.locator("mark.answer")).to_be_in_viewport()
    expect(panel).to_contain_text("一家学院、一个工作站")  # of the same document, beyond the passage
    expect(page.locator("#source-title")).to_be_focused()
    shot(page, "source")


def test_escape_closes_the_source_and_goes_back_to_the_number(page: Page) -> None:
    opened(page)
    turn = ask(page)
    open_first_source(page, turn)

    page.keyboard.press("Escape")

    expect(page.locator("#source")).to_be_hidden()
    expect(turn.locator(".marker").first).to_be_focused()


def test_a_source_is_copied_as_officials_cite_it_and_by_the_standard(new_page: Callable[..., Page]) -> None:
    page = opened(new_page(permissions=["clipboard-read", "clipboard-write"]))
    panel = open_first_source(page, ask(page))

    def copied(name: str) -> str:
        panel.get_by_role("button", name=name, exact=True).click()
        expect(page.locator("#toast")).to_have_text("已复制")
        return str(page.evaluate("navigator.clipboard.readText()"))

    assert copied("复制公文引用") == f"据《蓬江新闻》2024年6月12日报道，“{QUOTE}”"
    assert copied("复制GB/T 7714") == "小凉瓜串起一条长链 杜阮凉瓜产业链总产值达到1.3亿元[N]. 蓬江新闻, 2024-06-12."
    link = copied("复制链接")
    page.goto(link)
    assert marked(page, "quote", ".document-text") == QUOTE
    assert marked(page, "answer", ".document-text") == "1.3亿元"
    expect(page.locator("mark.answer").last).to_be_in_viewport()


def test_an_answer_is_copied_with_its_sources(new_page: Callable[..., Page]) -> None:
    page = opened(new_page(permissions=["clipboard-read", "clipboard-write"]))
    turn = ask(page)

    turn.get_by_role("button", name="复制回答").click()

    expect(page.locator("#toast")).to_have_text("已复制")
    text = str(page.evaluate("navigator.clipboard.readText()"))
    assert text.startswith("1.3亿元 [1]\n")
    assert "出处\n[1] 小凉瓜串起一条长链" in text


def test_the_page_of_a_passage_is_read_without_scripts(new_page: Callable[..., Page], shot: Shot) -> None:
    page = opened(new_page())
    panel = open_first_source(page, ask(page))
    address = panel.get_by_role("link", name="单独打开").get_attribute("href")
    assert address is not None

    plain = new_page(java_script_enabled=False)
    plain.goto(address)

    expect(plain.get_by_role("heading", level=1)).to_contain_text("小凉瓜串起一条长链")
    assert marked(plain, "quote", ".document-text") == QUOTE
    expect(plain.get_by_role("button")).to_have_count(0)
    shot(plain, "passage")


def test_a_document_that_changed_since_the_answer_shows_the_passage_as_it_was_cited(page: Page) -> None:
    opened(page)
    turn = ask(page)
    page.route(
        re.compile("/v1/sources/"),
        lambda route: route.fulfill(
            json={"id": "d", "title": "新题", "publisher": None, "published_at": None, "url": None,
                  "source_path": "x.txt", "cite": {"official": "", "gbt7714": ""}, "text": "全文已经改写。"}
        ),
    )  # fmt: skip

    open_first_source(page, turn)

    expect(page.locator("#source-text .notice")).to_have_text("原文在回答之后有更新，下面是当时引用的段落。")
    assert marked(page, "quote") == QUOTE
    assert marked(page, "answer") == "1.3亿元"


def test_a_document_that_is_gone_says_so_and_shows_what_was_cited(page: Page) -> None:
    opened(page)
    turn = ask(page)
    page.route(
        re.compile("/v1/sources/"),
        lambda route: route.fulfill(status=404, json={"status": 404, "code": "not_found", "detail": "没有。"}),
    )

    open_first_source(page, turn)

    expect(page.locator("#source-text [role=alert]")).to_contain_text("没有找到")
    assert marked(page, "quote") == QUOTE


def test_offsets_beyond_the_basic_plane_mark_the_right_words(page: Page) -> None:
    opened(page)

    pieces = page.evaluate(
        """async () => {
          const base = document.querySelector('script[type=module]').src.replace('chat.js', 'text.js');
          const { paragraphs, slice, length } = await import(base);
          const text = '𠮷野村😀产值1.3亿元。\\n\\n第二段。';
          return [paragraphs(text, [{start: 6, end: 11, kind: 'answer'}, {start: 4, end: 99, kind: 'quote'}]),
                  slice(text, 6, 11), length(text)];
        }"""
    )

    assert pieces[0] == [
        [
            {"text": "𠮷野村😀", "kinds": []},
            {"text": "产值", "kinds": ["quote"]},
            {"text": "1.3亿元", "kinds": ["answer", "quote"]},
            {"text": "。", "kinds": ["quote"]},
        ],
        [{"text": "第二段。", "kinds": ["quote"]}],
    ]
    assert pieces[1:] == ["1.3亿元", 18]
