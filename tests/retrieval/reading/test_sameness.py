"""Answers that say the same in other words, and those that do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading.sameness import same_answer, same_words


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1.3亿元", "1.30亿元"),
        ("1.3亿元", "13000万元"),
        ("一亿三千万元", "1.3亿元"),
        ("近1亿元", "1亿元"),
        ("约300户", "三百户"),
        ("650亩", "种植面积650亩"),
        ("15%", "百分之十五"),
        ("12公里", "12千米"),
        ("《行知》", "行知"),
        ("廣東省", "广东省"),
        ("镇长陈丽", "陈丽"),
        ("2023年5月18日", "5月18日"),
        ("1,300亩", "1300亩"),
        ("－2.5%", "-2.5%"),
        ("−2.5%", "增速为-2.5%"),
        ("“甲-乙”", "甲乙"),
    ],
)
def test_the_same_is_recognised(first: str, second: str) -> None:
    assert same_words(first, second)
    assert same_words(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1.3亿元", "1.3万元"),
        ("近1亿元", "超过1亿元"),
        ("650亩", "65亩"),
        ("5%", "5个百分点"),
        ("300户", "300人"),
        ("北京", "北京大学"),
        ("副镇长", "镇长"),
        ("-2.5%", "2.5%"),
        ("增速为-2.5%", "2.5%"),
        ("增长5%", "下降5%"),
        ("3-5天", "35天"),
        ("10:30", "1030"),
        ("1/3", "13"),
        ("5月18日", "2023年6月18日"),
        ("", ""),
        ("。", "。"),
    ],
)
def test_what_differs_is_not_merged(first: str, second: str) -> None:
    assert not same_words(first, second)
    assert not same_words(second, first)


def test_a_list_is_the_same_in_any_order_and_as_one_run() -> None:
    assert same_answer(["甲村", "乙村"], ["乙村", "甲村"])
    assert same_answer(["甲村", "乙村"], ["甲村、乙村"])
    assert not same_answer(["甲村", "乙村"], ["甲村", "丙村"])
    assert not same_answer(["甲村", "乙村"], ["甲村"])


@given(st.text(max_size=20), st.text(max_size=20))
def test_it_does_not_matter_which_comes_first(first: str, second: str) -> None:
    assert same_words(first, second) == same_words(second, first)


@given(st.text(alphabet="荷塘镇约1.3亿元《》", min_size=1, max_size=12))
def test_words_are_the_same_as_themselves(words: str) -> None:
    assert same_words(words, words) == any(character.isalnum() for character in words)
