"""Lists are complete, their parts are whole, and what is no list stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading.questions import analyse
from retrieval.trained_reader.listing import asks_for_several, parts_of

EVENTS = "花海节设置了采花比赛、“一路飘香”徒步活动、摄影展等项目。"
STEPS = "会上明确,一是加强领导;二是抓好落实,确保进度;三是严肃纪律。散会后各组分头准备。"


def parts(text: str, run: str) -> list[str]:
    start = text.index(run)
    return [text[a:b] for a, b in parts_of(text, start, start + len(run))]


@pytest.mark.parametrize(
    "run",
    [
        "采花比赛",
        "采花比赛、“一路飘香”徒步活动",
        "“一路飘香”徒步活动、摄影展等项目",
        "采花比赛、“一路飘香”徒步活动、摄影展",
    ],
)
def test_an_enumeration_is_given_whole(run: str) -> None:
    assert parts(EVENTS, run) == ["采花比赛", "“一路飘香”徒步活动", "摄影展"]


@pytest.mark.parametrize("run", ["加强领导", "抓好落实,确保进度", "一是加强领导;二是抓好落实,确保进度;三是严肃纪律"])
def test_numbered_points_are_given_whole(run: str) -> None:
    assert parts(STEPS, run) == ["加强领导", "抓好落实,确保进度", "严肃纪律"]


def test_an_enumeration_does_not_cut_numbers() -> None:
    assert parts("面积分别为1,300亩、2,400亩,比上年多。", "1,300亩") == ["1,300亩", "2,400亩"]


def test_words_beside_a_list_are_not_taken_for_it() -> None:
    assert parts(STEPS, "散会后各组分头准备") == ["散会后各组分头准备"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("市教育局和市体育局", ["市教育局", "市体育局"]),
        ("广州、深圳和香港", ["广州", "深圳", "香港"]),
        ("中华人民共和国和法国", ["中华人民共和国", "法国"]),
        ("“甲与乙的对话”展览", ["“甲与乙的对话”展览"]),
        ("一等奖", ["一等奖"]),
        ("河东的渡口和河西的车站之间往来人员和货物", ["河东的渡口和河西的车站之间往来人员和货物"]),
        ("甲村,乙村,丙村", ["甲村", "乙村", "丙村"]),
        ("1,300亩,2,400亩", ["1,300亩", "2,400亩"]),
    ],
)
def test_a_run_is_cut_at_its_joints(text: str, expected: list[str]) -> None:
    assert parts(text, text) == expected


@given(st.text(alphabet="甲乙村、和及以,;。一二三是“”《》等1(）()\n", min_size=1, max_size=40), st.data())
def test_parts_are_in_order_inside_the_text_and_never_empty(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))

    found = parts_of(text, start, end)

    assert found
    bounds = [bound for part in found for bound in part]
    assert bounds == sorted(bounds)
    assert all(0 <= low < high <= len(text) for low, high in found)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("花海节设置了哪些项目?", True),
        ("花茶产值是多少?", False),
        ("which two countries are mentioned?", True),
        ("what are the main products?", True),
        ("which city is the capital?", False),
        ("what is the class?", False),
    ],
)
def test_a_question_says_whether_it_asks_for_several(question: str, expected: bool) -> None:
    assert asks_for_several(analyse(question)) is expected
