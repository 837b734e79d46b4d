"""Amounts are whole, times get their year, subjects lose what only connects."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.reader_training.making.numbers import quantities
from evals.reader_training.making.pages import Page, clauses
from evals.reader_training.making.reports import report_sentences
from evals.reader_training.making.subjects import localised, places, scope_before, subject_of
from evals.reader_training.making.times import absolute, leading_time, time_of


@pytest.mark.parametrize(
    ("text", "amount", "kind"),
    [
        ("全镇凉瓜种植面积超过3200亩", "超过3200亩", "area"),
        ("总产值1.36亿元，比上年多", "1.36亿元", "money"),
        ("收入达到3亿元", "3亿元", "money"),
        ("共有500多家企业", "500多家", "count"),
        ("出口4万多亿元", "4万多亿元", "money"),
        ("失业率4.5%以内", "4.5%以内", "share"),
        ("产量增长百分之十二点五", "百分之十二点五", "share"),
        ("累计1,312万人次", "1,312万人次", "people"),
        ("工期约18个月", "约18个月", "duration"),
    ],
)
def test_an_amount_is_whole(text: str, amount: str, kind: str) -> None:
    found = list(quantities(text))
    assert [(text[each.start : each.end], each.kind) for each in found] == [(amount, kind)]


@pytest.mark.parametrize("text", ["K396次列车", "第3届论坛", "3个体户", "编号12"])
def test_names_and_ordinals_are_no_amounts(text: str) -> None:
    assert not list(quantities(text))


@given(st.text(alphabet="0123456789.,万亿元多约家个%第至—甲 ", max_size=40))
def test_amounts_lie_in_order_and_end_in_a_unit(text: str) -> None:
    found = list(quantities(text))
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(text[each.start : each.end].strip() and each.unit for each in found)


@pytest.mark.parametrize(
    ("phrase", "year", "told"),
    [
        ("今年上半年", 2023, "2023年上半年"),
        ("去年", 2024, "2023年"),
        ("1—4月", 2022, "2022年1—4月"),
        ("截至6月底", 2025, "截至2025年6月底"),
        ("一九八五年", None, "1985年"),
        ("截至目前", 2025, ""),
        ("上半年", None, None),
    ],
)
def test_a_time_gets_its_year(phrase: str, year: int | None, told: str | None) -> None:
    assert leading_time(phrase) == len(phrase)
    assert absolute(phrase, year) == told


def test_a_part_of_a_year_is_of_the_year_told_before() -> None:
    assert absolute("全年", 2016, "2015年") == "2015年全年"
    assert absolute("下半年", 2016, "2015年上半年") == "2015年下半年"
    assert absolute("全年", 2016, "2016年政府工作报告中") == "2016年全年"
    assert absolute("去年", 2016, "2013年") == "2015年"


def test_a_comparison_tells_no_time_of_its_own() -> None:
    assert time_of("2010年与2005年相比", 2011) == ""
    assert time_of("其中2010年", 2011) == "2010年"


def test_a_subject_loses_time_and_connectives() -> None:
    subject = subject_of("其中，今年一季度蓬江区财政收入", 2024)
    assert subject is not None
    assert (subject.time, subject.text, subject.named) == ("2024年一季度", "蓬江区财政收入", True)
    assert subject_of("他的收入", 2024) is None
    assert subject_of("比上年", 2024) is None


def test_whose_it_is_comes_from_the_sentence_else_from_the_title_else_from_nowhere() -> None:
    text = "蓬江区加快种植，总产量达到3000吨。"
    page = Page("x", "1", "江门市农业简报", text, 2024)
    assert scope_before(page, (0, len(text)), 8) == "蓬江区"
    assert scope_before(page, (0, len(text)), 0) == "江门市"
    assert scope_before(Page("x", "1", "农业简报", text, 2024), (0, len(text)), 0) == ""
    assert scope_before(Page("x", "1", "江门市和佛山市", text, 2024), (0, len(text)), 0) is None


def test_places_are_whole_and_all_the_province_is_named() -> None:
    assert places("江门市蓬江区的面积") == ["江门市蓬江区"]
    assert localised("全省粮食产量", "湖北省") == "湖北省粮食产量"
    assert localised("全省粮食产量", "武汉市") is None
    assert localised("粮食产量", "") == "粮食产量"


def test_clauses_do_not_end_in_brackets_or_numbers() -> None:
    text = "产值1,200万元，来自“甲，乙”两地（含丙，丁）；增长3%。"
    assert [clause.text for clause in clauses(text, 0, len(text))] == [
        "产值1,200万元",
        "来自“甲，乙”两地（含丙，丁）",
        "增长3%",
    ]
    assert all(text[clause.start : clause.end] == clause.text for clause in clauses(text, 0, len(text)))


def test_a_yearly_report_speaks_of_the_year_before_and_of_its_own() -> None:
    text = (
        "各位代表，现在我向大会报告工作。\n\n一、2015年工作回顾\n\n全年新建农村公路二十万公里以上。\n\n"
        "二、2016年工作部署\n\n城镇新增就业一千万人以上是目标。"
    )
    told = {time for _, _, time in report_sentences(Page("government_reports", "1", "报告", text, 2016))}
    assert told == {"2016年政府工作报告中", "2015年", "2016年"}
    assert {time for _, _, time in report_sentences(Page("news", "1", "报告", text, 2016))} == {""}
