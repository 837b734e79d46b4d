"""Markdown files."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.errors import UnreadableFileError
from corpus.loaders.markdown import article_of_markdown
from corpus.preparing import Article


def article(text: str, file_name: str = "") -> Article:
    found = article_of_markdown(text, file_name=file_name)
    assert found is not None
    return found


def test_headings_give_title_and_sections() -> None:
    found = article("# 凉瓜年报\n\n概况。\n\n## 产业\n\n### 种植\n\n面积650亩。\n")
    assert found.title == "凉瓜年报"
    assert found.text == "概况。\n产业\n种植\n面积650亩。"
    assert [(section.start, section.heading) for section in found.sections] == [(4, "产业"), (7, "产业 种植")]


def test_front_matter_gives_the_facts() -> None:
    found = article("---\ntitle: 年报\ndate: 2024-11-18\npublisher: 镇政府\nurl: https://e.cn\nlayout: x\n---\n正文。")
    assert (found.title, found.published_at, found.publisher, found.url) == (
        "年报",
        date(2024, 11, 18),
        "镇政府",
        "https://e.cn",
    )
    assert found.text == "正文。"


def test_simple_markup_is_taken_off() -> None:
    found = article(
        "- **8个村**流转[4310亩](http://a.cn)\n> `引用`的*话*。\n![图](a.png)\n<!-- 批注 -->\n"
        "| 村 | 亩 |\n|---|---|\n| 上巷 | 30 |\n***\n"
    )
    assert found.text == "8个村流转4310亩\n引用的话。\n村 | 亩\n上巷 | 30"


def test_underlined_headings_and_code_are_understood() -> None:
    found = article("年报\n====\n说明\n----\n```\n# 不是标题 **x**\n```\n2*3*4=24。")
    assert found.title == "年报"
    assert found.text == "说明\n# 不是标题 **x**\n2*3*4=24。"


def test_the_file_name_may_give_the_date() -> None:
    assert article("正文。", "2024-06-12-report.md").published_at == date(2024, 6, 12)


def test_nothing_gives_nothing() -> None:
    assert article_of_markdown("\n<!-- x -->\n") is None


@pytest.mark.parametrize("head", ["title: [", "date: 去年", "title: [a, b]"])
def test_front_matter_that_is_not_understood_fails(head: str) -> None:
    with pytest.raises(UnreadableFileError, match="front matter"):
        article_of_markdown(f"---\n{head}\n---\n正文。")


def test_comments_are_taken_out_and_an_open_one_stays() -> None:
    assert article("# 通知\n\n今天<!-- 内部 -->停水。<!-- 明天").text.endswith("今天停水。<!-- 明天")


@pytest.mark.parametrize("opener", ["<!--", "**x ", "[x", "![x"])
def test_a_long_run_of_openers_is_read_as_text(opener: str) -> None:
    # Patterns that look ahead from every opener took minutes for this.
    assert opener.strip() in article("# 通知\n\n" + opener * 100_000 + "\n\n今天停水。").text
