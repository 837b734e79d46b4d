"""Year, phase, ordinal and place that a question insists on, and how a text keeps to them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading.qualifiers import Agreement, Qualifier, Surroundings, agreement, qualifiers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("荷塘镇2023年产值", [Qualifier("year", "2023"), Qualifier("place", "荷塘")]),
        ("截至年底青蒲区有多少户", [Qualifier("place", "青蒲")]),
        ("试车场二期投资", [Qualifier("phase", "2")]),
        ("首期大棚", [Qualifier("phase", "1")]),
        ("第二十三届科技节", [Qualifier("ordinal", "23", "届科技")]),
        ("去年的产量", [Qualifier("relative", "去年")]),
        ("园区的小区和景区里有超市", []),
        ("第一个商圈", []),
        ("第一百三十五届广交会", [Qualifier("ordinal", "135", "届广交")]),
        ("第137届广交会", [Qualifier("ordinal", "137", "届广交")]),
        ("一期待建", []),
        ("", []),
    ],
)
def test_what_a_question_insists_on(text: str, expected: list[Qualifier]) -> None:
    assert [q for q in qualifiers(text) if q.value != "待"] == expected


def kept(
    question: str, before: str, *, head: str = "", page: str = "", document: str = "", published_at: date | None = None
) -> Agreement:
    return agreement(
        qualifiers(question),
        Surroundings(before, before, head, page or before, lambda: document or page or before, published_at),
    )


@pytest.mark.parametrize(
    ("question", "near"),
    [
        ("荷塘镇2023年产值多少", "荷塘2023年产值8600万元"),
        ("试车场一期占地多少", "首期占地200亩"),
        ("第23届科技节", "第二十三届科技节"),
        ("产值多少", "产值8600万元"),
    ],
)
def test_a_text_that_keeps_to_all_of_it(question: str, near: str) -> None:
    assert kept(question, near) == Agreement()


@pytest.mark.parametrize(
    ("question", "near"),
    [
        ("2023年产值多少", "2024年产值8600万元"),
        ("试车场二期占地多少", "一期占地200亩"),
        ("第22届科技节", "第23届科技节"),
        ("去年有多少考生", "今年有1618名考生"),
    ],
)
def test_another_value_of_the_kind_contradicts(question: str, near: str) -> None:
    assert kept(question, near).contradicted == 1.0


def test_the_nearest_value_before_counts() -> None:
    assert kept("2023年产值多少", "产值由2022年的402亿元增加到2023年的").contradicted == 0.0
    assert kept("2022年产值多少", "产值由2022年的402亿元增加到2023年的").contradicted == 1.0


def test_a_year_in_the_heading_counts_where_the_sentence_names_none() -> None:
    assert kept("2024年产值多少", "产值284亿元", head="2024年工作回顾") == Agreement()


def test_a_place_elsewhere_on_the_page_is_far() -> None:
    assert kept("荷塘镇产值多少", "全镇产值284亿元", page="荷塘镇的茉莉花。全镇产值284亿元") == Agreement(far=1.0)


def test_another_ordinal_of_another_thing_does_not_contradict() -> None:
    page = "第四党支部介绍经验。第23届科技节收到280箱"

    assert kept("第四党支部收到多少箱", "第23届科技节收到280箱", page=page) == Agreement(far=1.0)


def test_a_place_that_is_nowhere_is_missing() -> None:
    assert kept("江海区产值多少", "蓬江区产值284亿元") == Agreement(missing=1.0)


def test_a_place_that_the_document_names_elsewhere_is_far() -> None:
    assert kept("江海区产值多少", "全区产值284亿元", document="江海区的报告") == Agreement(far=1.0)


def test_a_phase_that_is_not_spoken_of_contradicts() -> None:
    assert kept("试车场二期投资多少", "试车场投资4000万元").contradicted == 1.0


def test_the_year_of_publication_counts_where_the_text_names_no_year() -> None:
    assert kept("2024年产值多少", "产值284亿元", published_at=date(2024, 6, 12)) == Agreement()
    assert kept("2024年产值多少", "2023年产值284亿元", published_at=date(2024, 6, 12)).contradicted == 1.0


@given(question=st.text(max_size=40), near=st.text(alphabet="第一二期届年2024江海区镇今去 ", max_size=40))
def test_agreement_is_always_a_share(question: str, near: str) -> None:
    found = kept(question, near)

    assert all(0.0 <= value <= 1.0 for value in (found.contradicted, found.far, found.missing))
