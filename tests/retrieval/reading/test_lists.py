"""Enumerations and their parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading.lists import enumerations


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("设置了采花比赛、徒步活动、摄影展等项目", ["采花比赛", "徒步活动", "摄影展"]),
        ("“三联”指的是“联学、联建、联动”三项机制", ["联学", "联建", "联动"]),
        ("覆盖苹果、梨和桃", ["苹果", "梨", "桃"]),
        ("设置了“飞花”接力、“踏浪”划船两个项目", ["“飞花”接力", "“踏浪”划船"]),
        ("面积分别是1,300亩、2,400亩,其中", ["1,300亩", "2,400亩"]),
        ("开放时间为10:30、14:00", ["10:30", "14:00"]),
    ],
)
def test_parts_are_cut_clean(text: str, parts: list[str]) -> None:
    assert parts in [[text[a:b] for a, b in found] for found in enumerations(text)]


def test_one_thing_is_no_enumeration() -> None:
    assert enumerations("设置了采花比赛。") == []


@given(st.text(alphabet="甲乙丙丁、“”《》，。和等了()1 ", max_size=50))
def test_parts_lie_inside_the_text_and_in_order(text: str) -> None:
    for parts in enumerations(text):
        assert len(parts) > 1
        assert all(0 <= a <= b <= len(text) for a, b in parts)
        assert list(parts) == sorted(parts)
