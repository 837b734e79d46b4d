"""People with their offices, and things by the ending of their names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading.names import named_things, office_in, people


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("县委副书记、县长周岚带队到云岫县考察", [("周岚", ("副书记", "县长"))]),
        ("镇委书记梁志远、镇长陈丽参加", [("梁志远", ("书记",)), ("陈丽", ("镇长",))]),
        ("副镇长何彬介绍,全镇有8个村", [("何彬", ("副镇长",))]),
        ("记者欧阳明报道", []),
        ("欧阳明表示,将扩种", [("欧阳明", ())]),
        ("会议在镇政府召开", []),
        ("由党组书记、局长庄明瑞牵头", [("庄明瑞", ("书记", "局长"))]),
        ("镇党委书记戚伟介绍,茶园有2万亩", [("戚伟", ("书记",))]),
        ("各镇党委书记齐聚茶山看变化", []),
    ],
)
def test_people_come_with_the_offices_before_their_names(
    text: str, expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert [(text[p.start : p.end], p.offices) for p in people(text)] == expected


def test_bylines_are_there_when_asked_for() -> None:
    assert [p.offices for p in people("记者欧阳明报道", wants_byline=True)] == [("记者",)]


@pytest.mark.parametrize(
    ("text", "noun", "name"),
    [
        ("与广东轻工职业技术学院共建花茶学院", "学校", "广东轻工职业技术学院"),
        ("车开到考点——荷塘实验中学附属良村学校,开始检查", "学校", "荷塘实验中学附属良村学校"),
        ("由荷塘水务有限公司承建", "公司", "荷塘水务有限公司"),
        ("资金用于天津工厂的改造", "工厂", "天津工厂"),
    ],
)
def test_a_name_is_whole(text: str, noun: str, name: str) -> None:
    assert name in [text[start:end] for start, end in named_things(text, noun)]


def test_a_description_is_no_name() -> None:
    assert named_things("作为全市首个商圈", "商圈") == []


def test_the_office_at_the_end_keeps_its_rank() -> None:
    assert (office_in("荷塘镇副镇长"), office_in("荷塘镇镇长"), office_in("荷塘镇")) == ("副镇长", "镇长", "")


@given(st.text(alphabet="王陈欧阳县长副书记、,说 ·abc学院与", max_size=40))
def test_names_lie_inside_the_text(text: str) -> None:
    assert all(0 <= p.scope_start <= p.start < p.end <= len(text) for p in people(text))
    assert all(0 <= start < end <= len(text) for start, end in named_things(text, "学院"))
