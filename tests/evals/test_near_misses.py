"""A near miss differs from its question in one part, and its document does not have the new one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import pytest

from corpus.documents import Document
from evals.datasets import Question
from evals.near_misses import Places, content_words, near_misses, parts

SHIPS = Document("ships", "船厂年报", "2019年，东海船厂交付货轮12艘，产值达8亿元。", None, date(2020, 3, 1), None, "a")
TEA = Document("tea", "茶园春季采茶", "云南普洱的茶园有四千亩，去年收入三千万元。", None, None, None, "b")
RICE = Document("rice", "水稻丰收", "湖南益阳今年收割水稻，总产量九十万吨。", None, None, None, "c")
DOCUMENTS = {each.id: each for each in (SHIPS, TEA, RICE)}
QUESTIONS = [
    Question("1", "2019年东海船厂交付了多少艘货轮？", ("12艘",), ("ships",)),
    Question("2", "云南普洱的茶园有多少亩？", ("四千亩",), ("tea",)),
    Question("3", "湖南益阳收割的水稻总产量是多少？", ("九十万吨",), ("rice",)),
]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(part.kind, part.text) for part in parts(text)]


def test_each_near_miss_has_one_part_that_its_document_lacks() -> None:
    places = Places(DOCUMENTS)
    made = near_misses(QUESTIONS, DOCUMENTS)
    assert {near.origin.id for near in made} >= {"1", "2"}
    for near in made:
        assert near.question.answers == ()
        assert near.question.contexts == near.origin.contexts
        old = {part.text for part in parts(near.origin.text)}
        (new,) = {part.text for part in parts(near.question.text)} - old
        assert not places.holds(near.origin.contexts[0], new)


def test_the_same_every_time() -> None:
    assert near_misses(QUESTIONS, DOCUMENTS) == near_misses(QUESTIONS, DOCUMENTS)


def test_nothing_is_made_where_nothing_can_be_swapped() -> None:
    assert near_misses([Question("1", "为什么？", ("因为",), ("tea",))], DOCUMENTS) == []
    assert near_misses([], {}) == []


def test_a_part_that_the_document_does_not_have_is_not_what_makes_it_answer() -> None:
    other_year = Question("1", "2003年的产值是几？", ("8亿元",), ("ships",))
    assert near_misses([other_year], DOCUMENTS) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019年交付了多少艘？", ("year", "2019")),
        ("杜甫的《北征》寫於何時？", ("entity", "《北征》")),
        ("玛丽·居里在哪里去世？", ("entity", "玛丽·居里")),
        ("云南的茶园有多大？", ("place", "云南")),
        ("船厂的产值是多少？", ("indicator", "产值")),
        ("When did the mayor of Lisbon resign?", ("entity", "Lisbon")),
        ("What happened in 1755?", ("year", "1755")),
    ],
)
def test_parts_by_kind(text: str, expected: tuple[str, str]) -> None:
    assert expected in kinds(text)


@pytest.mark.parametrize("text", ["", "？", "𠮷", "多少", "２０１９年", "甲" * 2000])
def test_any_text_is_taken(text: str) -> None:
    found = parts(text)
    assert all(part.text == text[part.start : part.end] and part.text for part in found)


def test_parts_do_not_overlap() -> None:
    found: Sequence[tuple[int, int]] = sorted(
        (part.start, part.end) for part in parts("2019年湖南益阳的《水稻志》的作者是谁？")
    )
    assert all(first[1] <= second[0] for first, second in pairwise(found))


def test_a_document_that_has_the_new_part_and_most_of_the_rest_may_answer() -> None:
    places = Places(DOCUMENTS)
    rest = content_words("的茶园收入有多少？")
    assert places.may_answer("普洱", rest)
    assert not places.may_answer("益阳", rest)
    assert not places.may_answer("四川", rest)


def test_a_document_is_of_the_year_it_was_published_in() -> None:
    places = Places(DOCUMENTS)
    assert places.holds("ships", "2020")
    assert not places.holds("ships", "2021")
    assert not places.holds("nowhere", "2020")
