"""Unanswered questions, gathered: the same question in other words is one gap, another question is another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gaps import Unanswered, ask_the_same, clustered, question_keys
from retrieval.terms import Terms

KEYS = question_keys(Terms.of([["凉瓜", "苦瓜"]]))
START = datetime(2026, 7, 1, tzinfo=UTC)

SAME = [
    ("杜阮凉瓜产值多少", "杜阮凉瓜的产值是多少？"),
    ("青石镇有几所小学？", "请问青石镇一共有几所小学呢"),
    ("青石镇有几所小学？", "青石鎮有幾所小學"),
    ("苦瓜产值有多大", "凉瓜产值多少"),
    ("大新县的县长是谁？", "大新县县长叫什么名字"),
    ("社保卡怎么补办？", "社保卡丢了怎么补办"),
    ("今年蓬江区参加高考的考生有多少人？", "蓬江区今年有多少人参加高考"),
    ("How many schools are there in Qingshi?", "how many schools in Qingshi"),
]
OTHER = [
    ("青石镇有几所小学？", "青石镇有几所中学？"),
    ("2023年青石镇产值多少", "2022年青石镇产值多少"),
    ("2023年青石镇产值多少", "青石镇产值多少"),
    ("青石镇产值多少", "白石镇产值多少"),
    ("青石镇产值多少", "青石镇苦瓜产值多少"),
    ("大新县的县长是谁？", "大新县的书记是谁？"),
    ("江海区有多少个党组织", "蓬江区有多少个党组织"),
    ("镇长是谁", "青石镇镇长是谁？"),
    ("社保卡怎么补办？", "居住证怎么补办？"),
]


def asked(question: str, *, owner: str = "telegram:1", times: int = 1, minutes: int = 0) -> Unanswered:
    return Unanswered(question, owner, times, START + timedelta(minutes=minutes))


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_question_in_other_words_is_one_gap(one: str, other: str) -> None:
    assert len(clustered([asked(one), asked(other)], KEYS)) == 1


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_question_is_another_gap(one: str, other: str) -> None:
    assert len(clustered([asked(one), asked(other)], KEYS)) == 2


def test_a_gap_counts_questions_and_people_and_shows_the_wording_asked_most() -> None:
    gaps = clustered(
        [
            asked("青石镇有几所小学？", owner="telegram:1", times=2, minutes=1),
            asked("青石镇有几所小学", owner="telegram:2", times=1, minutes=9),
            asked("青石镇一共有几所小学呢", owner="key:a", times=1, minutes=4),
            asked("镇长电话", owner="key:a", times=3, minutes=2),
        ],
        KEYS,
    )

    first, second = gaps
    assert (first.question, first.others) == ("青石镇有几所小学", ("青石镇一共有几所小学呢",))
    assert (first.times, first.people, first.asked_at) == (4, 3, START + timedelta(minutes=9))
    assert (second.question, second.times, second.people) == ("镇长电话", 3, 1)


def test_questions_without_a_word_are_gaps_of_their_own() -> None:
    gaps = clustered([asked("多少？"), asked("？？"), asked("几个")], KEYS)

    assert sum(gap.times for gap in gaps) == 3


def test_no_questions_no_gaps() -> None:
    assert clustered([], KEYS) == []


@given(st.lists(st.sampled_from([question for pair in SAME + OTHER for question in pair]), max_size=12))
def test_every_question_is_in_one_gap_whatever_the_order(questions: list[str]) -> None:
    gaps = clustered([asked(question, minutes=at) for at, question in enumerate(questions)], KEYS)
    again = clustered([asked(question, minutes=at) for at, question in reversed(list(enumerate(questions)))], KEYS)

    assert sum(gap.times for gap in gaps) == len(questions)
    assert gaps == again
    leaders = [KEYS(gap.question) for gap in gaps]
    assert not any(ask_the_same(one, other) for one, other in combinations(leaders, 2) if one and other)
