"""Amounts are found whole: number, unit and qualifier; ordinals, calendar dates and idioms are not amounts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading.quantities import UnitKind, quantities


@pytest.mark.parametrize(
    ("text", "amount", "kind"),
    [
        ("产值达1.3亿元", "1.3亿元", UnitKind.MONEY),
        ("投资超4千万元", "超4千万元", UnitKind.MONEY),
        ("面积650多亩", "650多亩", UnitKind.AREA),
        ("农户约200户", "约200户", UnitKind.COUNT),
        ("金额7600万余元", "7600万余元", UnitKind.MONEY),
        ("增长15.9%", "15.9%", UnitKind.SHARE),
        ("占百分之十五", "百分之十五", UnitKind.SHARE),
        ("人口1亿2542万人", "1亿2542万人", UnitKind.COUNT),
        ("雨量120~150毫米", "120~150毫米", UnitKind.LENGTH),
        ("出口3万辆至5万辆", "3万辆至5万辆", UnitKind.COUNT),
        ("共三十余件", "三十余件", UnitKind.COUNT),
        ("上升0.3个百分点", "0.3个百分点", UnitKind.SHARE),
        ("营业额7,800元左右", "7,800元左右", UnitKind.MONEY),
    ],
)
def test_an_amount_is_whole(text: str, amount: str, kind: UnitKind) -> None:
    found = [q for q in quantities(text) if text[q.start : q.end] == amount]

    assert [q.kind for q in found] == [kind]


@pytest.mark.parametrize("text", ["第3届运动会", "2024年6月12日", "一村一品", "“十四五”规划", "一体化推进", "万家灯火"])
def test_what_is_no_amount_is_left_out(text: str) -> None:
    assert [text[q.start : q.end] for q in quantities(text) if not q.is_weak] == []


@given(st.text(alphabet="0123456789.,一二十百千万亿多余约超近元亩%年月日户个 至-", max_size=40))
def test_amounts_stand_in_order_and_do_not_overlap(text: str) -> None:
    found = quantities(text)

    assert all(0 <= q.start <= q.number_start < q.end <= len(text) for q in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
