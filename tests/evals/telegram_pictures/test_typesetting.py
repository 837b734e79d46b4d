"""Lines fit their width, lose no word, and break where Chinese breaks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.telegram_pictures.transcript import Entity
from evals.telegram_pictures.typesetting import lines, shortened, width

TEXTS = st.text(alphabet=st.sampled_from("杜阮凉瓜，。《》“”[1]3.5%亿元 ab gourd\n😀𠮷"), max_size=120)


@given(TEXTS, st.integers(min_value=2, max_value=30))
def test_no_line_is_wider_than_asked_and_nothing_but_spaces_is_lost(text: str, max_width: int) -> None:
    broken = lines(text, (), max_width=max_width)
    assert all(line.width <= max_width + 1e-6 for line in broken)
    assert "".join(line.text for line in broken).replace(" ", "") == text.replace("\n", "").replace(" ", "")
    assert len(broken) >= text.count("\n") + 1


def test_a_line_neither_begins_with_a_closing_mark_nor_ends_with_an_opening_one() -> None:
    text = "算上加工、餐饮和旅游，过去一年《杜阮凉瓜》全产业链（含加工）的总产值为1.3亿元。" * 4
    for max_width in range(6, 30):
        broken = [line.text for line in lines(text, (), max_width=max_width)]
        assert not [line for line in broken if line[0] in "，。》）" or line[-1] in "《（"]


@pytest.mark.parametrize("word", ["13000", "1.3", "pengjiang_page_2024-06-12.txt", "67%"])
def test_words_and_numbers_stay_whole_where_they_fit(word: str) -> None:
    broken = lines(f"杜阮凉瓜{word}元总产值", (), max_width=width(word) + 1)
    assert [line.text for line in broken if word in line.text]


def test_a_word_wider_than_a_line_is_broken() -> None:
    assert [line.text for line in lines("aaaa", (), max_width=width("aa"))] == ["aa", "aa"]


def test_styles_follow_utf16_offsets() -> None:
    (line,) = lines("😀产值1.3亿元", [Entity("bold", 4, 5), Entity("underline", 4, 3)], max_width=40)
    assert [(span.text, set(span.styles)) for span in line.spans] == [
        ("😀产值", set()),
        ("1.3", {"bold", "underline"}),
        ("亿元", {"bold"}),
    ]


def test_a_quotation_is_marked_line_by_line_and_narrower() -> None:
    broken = lines("引文引文引文\n后面", [Entity("expandable_blockquote", 0, 6)], max_width=4)
    assert [(line.text, line.quoted) for line in broken] == [("引文引", True), ("文引文", True), ("后面", False)]


def test_empty_text_is_one_empty_line() -> None:
    assert [line.text for line in lines("", (), max_width=10)] == [""]


def test_shortened_keeps_what_fits() -> None:
    assert shortened("通知.txt", max_width=10) == "通知.txt"
    assert shortened("关于开放区图书馆暑期自习室的通知", max_width=6) == "关于开放区…"
    assert shortened("第一行\n第二行", max_width=10) == "第一行"
