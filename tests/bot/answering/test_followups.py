"""Follow-ups are completed from the question before; questions that stand alone are left alone."""

from __future__ import annotations

import pytest

from bot.answering.followups import completed, subject_of


@pytest.mark.parametrize(
    ("previous", "question", "expected"),
    [
        ("荷塘花茶产值多少", "那种植面积呢？", "荷塘花茶的种植面积是多少"),
        ("荷塘花茶的种植面积是多少", "有多少户在种？", "荷塘花茶有多少户在种?"),
        ("荷塘镇指导站覆盖多少家企业？", "它们今年解决了多少难题？", "荷塘镇指导站今年解决了多少难题?"),
        ("荷塘镇的镇长是谁？", "那棠下镇呢？", "棠下镇的镇长是谁?"),
        ("荷塘镇的镇长是谁？", "那书记呢？", "荷塘镇的书记是谁"),
        ("2023年粮食产量是多少？", "2024年呢？", "2024年粮食产量是多少?"),
        ("花茶工坊每年增收多少？", "带动了多少人就业？", "花茶工坊带动了多少人就业?"),
        ("荷塘镇花茶产值多少", "该镇有几个村？", "荷塘镇花茶有几个村?"),
        ("荷塘镇“两企三新”党员有多少人？", "那社会组织呢？", "荷塘镇社会组织有多少"),
        ("荷塘镇的镇长是谁？", "花茶公司的负责人呢？", "花茶公司的负责人是谁"),
        ("荷塘镇成立了几个指导站？", "每个覆盖多少人？", "荷塘镇每个覆盖多少人?"),
    ],
)
def test_what_is_left_out_is_taken_from_before(previous: str, question: str, expected: str) -> None:
    assert completed(question, previous) == expected


@pytest.mark.parametrize("odd", [r"\1", r"\g<x>", "\\", "$1"])
def test_signs_of_any_kind_are_taken_as_they_are(odd: str) -> None:
    assert completed("它的面积是多少", f"{odd}公司的产值多少") == f"{odd}公司的面积是多少"
    assert completed("他是哪里人", "荷塘镇的镇长是谁？", f"张{odd}") == f"张{odd}是哪里人"


@pytest.mark.parametrize(
    "question", ["摩托车试车场占地多少亩？", "谢谢", "棠下镇的镇长是谁？", "其中规模以上工业增速是多少？"]
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert completed(question, "荷塘花茶产值多少") == question


@pytest.mark.parametrize("previous", ["", "？", "How many?", "多少"])
def test_without_a_subject_before_nothing_is_added(previous: str) -> None:
    assert subject_of(previous) == ""
    assert completed("那面积呢？", previous) == "那面积呢？"
