"""What a question asks for."""

from __future__ import annotations

import pytest

from retrieval.reading.quantities import UnitKind
from retrieval.reading.questions import AnswerKind, analyse


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("杜阮凉瓜产值多少", AnswerKind.QUANTITY),
        ("杜阮凉瓜产值", AnswerKind.QUANTITY),
        ("试车场占地几亩", AnswerKind.QUANTITY),
        ("荷塘镇的镇长是谁?", AnswerKind.PERSON),
        ("嫌疑人叫什么名字?", AnswerKind.PERSON),
        ("车间什么时候投产", AnswerKind.TIME),
        ("花海节有哪些项目", AnswerKind.LIST),
        ("和哪所学校共建", AnswerKind.NAME),
        ("博物馆在哪里", AnswerKind.NAME),
        ("博物馆免费吗?", AnswerKind.YES_NO),
        ("为什么要扩种", AnswerKind.CLAUSE),
        ("how many candidates are there?", AnswerKind.QUANTITY),
        ("who leads the town?", AnswerKind.PERSON),
    ],
)
def test_the_kind_follows_from_the_question_word(question: str, kind: AnswerKind) -> None:
    assert analyse(question).kind is kind


@pytest.mark.parametrize(
    ("question", "unit", "kind"),
    [
        ("试车场占地多少亩", "亩", UnitKind.AREA),
        ("建成多少家工厂", "家", UnitKind.COUNT),
        ("余额增加了多少亿元", "元", UnitKind.MONEY),
        ("凉瓜多少钱一斤", "元", UnitKind.MONEY),
        ("产值同比增长多少", "%", UnitKind.SHARE),
        ("覆盖率是多少", "", UnitKind.SHARE),
        ("种植面积有多大", "", UnitKind.AREA),
        ("常住人口有多少", "人", UnitKind.COUNT),
        ("航天员驻留了多久", "", UnitKind.DURATION),
        ("一共有多少", "", None),
    ],
)
def test_unit_and_its_kind(question: str, unit: str, kind: UnitKind | None) -> None:
    form = analyse(question)

    assert (form.unit, form.unit_kind) == (unit, kind)


def test_the_office_asked_is_the_focus() -> None:
    assert analyse("荷塘镇的镇长是谁?").focus == "镇长"


def test_question_words_and_units_are_not_among_its_words() -> None:
    assert analyse("荷塘镇有多少家花茶加工厂?").segments == ("荷塘镇", "花茶加工厂")
