"""No digit leaves that no cited passage holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.digits import unsupported_numbers


@pytest.mark.parametrize(
    ("answer", "passage", "expected"),
    [
        ("1.3亿元 [1]", "总产值达1.3亿元。", []),
        ("１．３亿元", "总产值达1.3亿元。", []),
        ("5万元", "收入75万元。", ["5"]),
        ("13亿元", "总产值达1.3亿元。", ["13"]),
        ("没有数字", "", []),
        ("2人 [12]", "共2人。", []),
    ],
)
def test_numbers_without_evidence_are_named(answer: str, passage: str, expected: list[str]) -> None:
    assert unsupported_numbers(answer, [passage]) == expected


def test_dates_of_cited_documents_are_allowed() -> None:
    assert unsupported_numbers("[1] 发布于2024年6月12日。", ["无"], allowed=["2024年6月12日"]) == []


@given(st.text(alphabet="0123456789.,万元 甲", max_size=30))
def test_a_quote_always_covers_itself(text: str) -> None:
    assert unsupported_numbers(text, [text]) == []
