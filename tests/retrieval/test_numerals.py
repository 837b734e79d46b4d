"""Numbers meet whatever way they are written; what is no number stays out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.folding import fold
from retrieval.numerals import chinese_value, numbers

DIGITS = "零一二三四五六七八九"


def in_words(value: int) -> str:
    """The usual Chinese reading of a number below 10^12, written independently of the parser."""
    if value == 0:
        return ""
    for unit, size in (("亿", 10**8), ("万", 10**4), ("千", 1000), ("百", 100), ("十", 10)):
        if value >= size:
            head, rest = divmod(value, size)
            gap = "零" if rest and rest < size // 10 else ""
            return (DIGITS[head] if head < 10 else in_words(head)) + unit + gap + in_words(rest)
    return DIGITS[value]


def found(text: str) -> list[str]:
    return [number.term for number in numbers(fold(text))]


@pytest.mark.parametrize(
    "text", ["一亿三千万", "1.3亿", "13000万", "１３０００万", "1亿3000万", "一億三千萬", "130,000,000"]
)
def test_ways_to_write_a_number_meet(text: str) -> None:
    assert found(f"产值{text}元") == ["130000000"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("650多亩", "650"),
        ("六百五十余亩", "650"),
        ("百分之十五点九", "15.9%"),
        ("15.9%", "15.9%"),
        ("１５．９％", "15.9%"),
        ("千分之三", "3‰"),
        ("二〇二三年", "2023"),
        ("05月", "5"),
        ("十五分钟", "15"),
        ("两百三", "230"),
        ("一万二", "12000"),
        ("三点五亿", "350000000"),
        ("叁佰万元", "3000000"),
        ("四次", "4"),
        ("一千零一夜", "1001"),
        ("3千米", "3"),
        ("1.30", "1.3"),
    ],
)
def test_a_number_has_one_form(text: str, expected: str) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "一村一品",
        "三三五五",
        "百千万工程",
        "十四五规划",
        "五一假期",
        "千方百计",
        "万一",
        "九九八十一",
        "covid19",
        "1.2.3",
        "",
        "百分之",
        "𠮷",
        "🎉",
    ],
)
def test_what_is_no_number_gives_none(text: str) -> None:
    assert found(text) == []


def test_the_unit_is_found_behind_words_of_vagueness() -> None:
    assert [(number.term, number.unit) for number in numbers("650多亩和20余家、3 名")] == [
        ("650", "亩"),
        ("20", "家"),
        ("3", "名"),
    ]


@given(st.integers(min_value=10, max_value=10**12 - 1))
def test_every_reading_has_its_value(value: int) -> None:
    assert chinese_value(in_words(value)) == value


@given(st.text(alphabet="零〇一二两三四五六七八九十百千万亿点%‰0123456789.,年个", max_size=40))
def test_any_run_of_numerals_is_survived_with_spans_inside_the_text(text: str) -> None:
    for number in numbers(text):
        assert 0 <= number.start < number.end <= len(text)


def test_100_000_digits_are_read_in_time() -> None:
    assert len(found("1" * 100_000)) == 1
    assert len(found("一" * 100_000)) == 0
    assert len(found("1.2." * 25_000)) <= 1
