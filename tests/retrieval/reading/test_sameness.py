"""Answers that say the same in other words, and those that do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading.sameness import same_answer, same_words, says_less


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


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2019年", "2019年4月24日"),
        ("恒大", "广州恒大"),
        ("10月17日", "10月17日7时49分"),
        ("詹姆斯", "詹姆斯·卡梅隆"),
        ("1200亩", "约1200亩的大棚"),
    ],
)
def test_what_is_part_of_another_answer_says_less(first: str, second: str) -> None:
    assert says_less([first], [second])
    assert says_less([second], [first])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1亿元", "11亿元"),
        ("1亿元", "11.1亿元"),
        ("5万元", "75万元"),
        ("13", "1.3"),
        ("0.5%", "10.5%"),
        ("县长", "副县长"),
        ("完工", "未完工"),
        ("1亿元", "不足1亿元"),
        ("", "1亿元"),
        ("人", "10人"),
        ("8600万元", "9000万元"),
    ],
)
def test_a_part_of_a_number_or_what_denies_is_another_answer(first: str, second: str) -> None:
    assert not says_less([first], [second])
    assert not says_less([second], [first])


def test_a_list_that_leaves_something_out_says_something_else() -> None:
    assert not says_less(["甲村", "乙村"], ["甲村", "乙村", "丙村"])
    assert not says_less(["甲村"], ["甲村", "乙村"])


@given(first=st.text(max_size=30), second=st.text(max_size=30))
def test_saying_less_has_no_order(first: str, second: str) -> None:
    assert says_less([first], [second]) == says_less([second], [first])
