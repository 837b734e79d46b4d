"""Answers are whole: each rule on a text of ours, and what holds for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.trained_reader import whole as rules
from retrieval.trained_reader.whole import RULES, Rule, whole

TEXT = st.text(
    alphabet=st.sampled_from("约近1.3亿万元％%-多左右年月日《》“”（）()，。、的了陈丽长镇A𠮷b\n 0９８"),
    min_size=1,
    max_size=40,
)


@st.composite
def runs(draw: st.DrawFn) -> tuple[str, int, int]:
    text = draw(TEXT)
    start = draw(st.integers(0, len(text) - 1))
    return text, start, draw(st.integers(start + 1, len(text)))


def widened(text: str, part: str, *only: Rule) -> str:
    start = text.index(part)
    low, high = whole(text, start, start + len(part), only or RULES)
    return text[low:high]


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("花茶产值近1.3亿元，增长5%。", "3亿", "近1.3亿元"),
        ("花茶产值近1.3亿元，增长5%。", "5", "5%"),
        ("种植面积1200多亩，", "1200", "1200多亩"),
        ("全镇约300户左右。", "300", "约300户左右"),
        ("增速为-2.5%。", "2.5", "-2.5%"),
        ("（共计３０００亩）", "３００", "３０００亩"),
        ("一亿三千万元的项目", "三千万", "一亿三千万元"),
        ("出版了《行知》一书", "行知", "《行知》"),
        ("出版了《行知》一书", "行知》", "《行知》"),
        ("他说“你好”。", "你好”", "你好"),
        ("他说“你好”。", "“你好", "你好"),
        ("于2023年5月18日投产", "2023", "2023年"),
        ("于2023年5月18日投产", "2023年5月1", "2023年5月18日"),
        ("红色的大楼，", "的大楼，", "大楼"),
        ("小雁塔的钟楼", "小雁塔的", "小雁塔"),
        ("楼是红色的。", "红色的", "红色的"),
        ("镇长陈丽表示，", "丽", "陈丽"),
        ("用TensorFlow训练", "Tensor", "TensorFlow"),
        ("成立於１９９８年。", "１９９８", "１９９８年"),
        ("比分为3-2，险胜", "2", "2"),
        ("电话：0750-6123456。", "6123456", "0750-6123456"),
        ("电话：0750-6123456。", "0750", "0750-6123456"),
        ("编号10750-61234567号", "61234567", "61234567"),
    ],
)
def test_words_are_made_whole(text: str, part: str, expected: str) -> None:
    assert widened(text, part) == expected


@pytest.mark.parametrize(
    ("rule", "text", "part", "expected"),
    [
        (rules.trimmed, "，产值。", "，产值。", "产值"),
        (rules.without_particle, "红的花", "的花", "花"),
        (rules.whole_numeral, "共1,300人", "300", "1,300"),
        (rules.whole_amount, "约200亩", "200", "200亩"),
        (rules.with_qualifier, "约200亩左右", "200亩", "约200亩左右"),
        (rules.whole_date, "2023年投产", "2023", "2023年"),
        (rules.whole_person, "镇长陈丽表示", "陈", "陈丽"),
        (rules.paired, "题为《行知", "《行知", "行知"),
        (rules.titled, "读《行知》", "行知", "《行知》"),
    ],
)
def test_each_rule_works_alone(rule: Rule, text: str, part: str, expected: str) -> None:
    assert widened(text, part, rule) == expected


def test_without_rules_nothing_changes() -> None:
    assert whole("约200亩。", 1, 3, ()) == (1, 3)


@given(runs())
def test_a_run_stays_inside_the_text_and_is_never_empty(run: tuple[str, int, int]) -> None:
    text, start, end = run
    low, high = whole(text, start, end)
    assert 0 <= low < high <= len(text)


@given(runs())
def test_widening_twice_changes_nothing_more(run: tuple[str, int, int]) -> None:
    text, start, end = run
    once = whole(text, start, end)
    assert whole(text, *once) == once


@given(runs())
def test_a_number_is_never_cut(run: tuple[str, int, int]) -> None:
    text, start, end = run
    low, high = whole(text, start, end)
    for edge in (low, high):
        assert not (0 < edge < len(text) and text[edge - 1].isdecimal() and text[edge].isdecimal())


@given(runs())
def test_words_of_the_run_are_kept(run: tuple[str, int, int]) -> None:
    text, start, end = run
    low, high = whole(text, start, end)
    lost = text[start : max(start, low)] + text[min(end, high) : end]
    assert not any(character.isdecimal() or character in "亿万元亩陈丽" for character in lost)
