from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.folding import Folded, fold, occurs


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("北京大学 创办于\n1898 年。", "北京大学创办于1898年"),
        ("１．３亿元", "1.3亿元"),
        ("67％", "67%"),
        ("3‰", "3‰"),
        ("𠮷野家", "𠮷野家"),
        ("😀好", "😀好"),
        ("產業總產值", "产业总产值"),
        ("“凉瓜”、（杜阮）——《报》…", "凉瓜杜阮报"),
        ("零宽\u200b空格\ufeff", "零宽空格"),
        ("5.0", "5.0"),
        ("5。0", "50"),
        ("1,338名", "1338名"),
        ("第5.", "第5"),
        (".5", "5"),
        ("5. 0", "50"),
        ("A.B", "AB"),
        ("10.28.3", "10.28.3"),
        ("-2%", "-2%"),
        ("−2%", "-2%"),
        ("－２％", "-2%"),
        ("3-5天", "3-5天"),
        ("3–5天", "35天"),
        ("- 5", "5"),
        ("--5", "-5"),
        ("中-英", "中英"),
        ("2023-05-01", "2023-05-01"),
        ("COVID-19", "COVID-19"),
        ("零下5°C", "零下5°C"),
        ("A+", "A+"),
        ("。、，！？", ""),
    ],
)
def test_fold_keeps_what_the_contract_keeps(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_letter_case_is_kept() -> None:
    assert fold("WTO") != fold("wto")


def test_100_000_characters_fold() -> None:
    assert len(fold("凉瓜产值达1.3亿元。" * 10_000)) == 100_000


@given(st.text(alphabet="0123456789.-−％‰。 ，１．万亿產值Aa+~°\n"))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_no_text_breaks_the_folding(text: str) -> None:
    assert not any(character.isspace() for character in fold(text))


@given(st.text(alphabet="0123456789.- %一亿，"))
def test_a_folded_dot_is_between_digits_and_a_minus_before_one(text: str) -> None:
    folded = fold(text)
    for position, character in enumerate(folded):
        if character == ".":
            assert folded[position - 1].isdigit()
            assert folded[position + 1].isdigit()
        if character == "-":
            assert folded[position + 1].isdigit()


@pytest.mark.parametrize(
    ("reference", "text", "expected"),
    [
        ("5万元", "5万元", True),
        ("5万元", "补助5万元", True),
        ("5万元", "75万元", False),
        ("5万元", "7.5万元", False),
        ("5万元", "75万元和5万元", True),
        ("0.5", "10.5", False),
        ("1.3", "1.35", False),
        ("1", "1.3", False),
        ("3", "1.3", False),
        ("1.3", "11.3亿", False),
        (".5", "1.5", False),
        (".5", "为 .5", True),
        ("5", "-5", True),
        ("-5", "3-5", True),
        ("5", "3-5天", True),
        ("3", "3-5天", True),
        ("35", "3–5", True),
        ("67%", "167%", False),
        ("7%", "67%", False),
        ("67%", "67％以上", True),
        ("1338", "1338名", True),
        ("1338", "1,338", True),
        ("338", "1,338", False),
        ("共5", "共50", False),
        ("亿元", "1.3亿元", True),
        ("陳蒙", "陈蒙教练", True),
        ("A", "1A2", True),
        ("。", "任何话。", False),
        ("", "任何话", False),
        ("5", "", False),
    ],
)
def test_a_reference_occurs_only_where_it_cuts_no_number(reference: str, text: str, expected: bool) -> None:
    assert occurs(fold(reference), fold(text)) is expected


@given(st.text(alphabet="12.万元-", max_size=6), st.text(alphabet="12.万元-", max_size=14))
def test_occurs_agrees_with_trying_every_position(reference: str, text: str) -> None:
    needle, hay = fold(reference), fold(text)
    assert occurs(needle, hay) is _occurs_by_trying_all(needle, hay)


def _occurs_by_trying_all(reference: Folded, text: Folded) -> bool:
    padded = f"  {text}  "
    for start in range(2, len(padded) - 2):
        end = start + len(reference)
        if not reference or padded[start:end] != reference:
            continue
        touched = [
            inner.isdigit() and (outer.isdigit() or (outer == "." and (inner.isdigit() or beyond.isdigit())))
            for inner, outer, beyond in (
                (padded[start], padded[start - 1], padded[start - 2]),
                (padded[end - 1], padded[end], padded[end + 1 : end + 2]),
            )
        ]
        if not any(touched):
            return True
    return False
