from __future__ import annotations

import random
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Document
from evals.datasets import Question
from evals.reader_training.examples import Group, Row, Wanted, build, cut_around, is_development, occurrences

TEXT = (
    "荷岸镇去年粮食总产量2.6万吨。镇里修了三条路。"
    "荷岸镇水产产值4.1亿元，比上年增长6%。果农说今年天气好。"
    "东桥镇水产产值9800万元。两镇都在修冷库，明年投入使用。"
)


def document(name: str, text: str = TEXT) -> Document:
    return Document(name, f"{name}的账本", text, None, date(2024, 3, 1), None, "a.jsonl")


def wanted(question: str, answer: str, source: Document, **changed: object) -> Wanted:
    start = source.text.index(answer)
    place = (start, start + len(answer))
    made = Wanted("made/money", False, question, source, (place,), place, answers=(answer,))
    for name, value in changed.items():
        setattr(made, name, value)
    return made


def test_an_answer_is_found_folded_and_never_inside_a_longer_number() -> None:
    assert occurrences("產值５萬元，另有75万元。", "5万元") == [(2, 5)]
    assert occurrences("产值1.5万元", "") == []


@given(st.integers(0, len(TEXT) - 2), st.integers(1, 12), st.integers(20, 200), st.integers(0, 99))
def test_a_cut_holds_what_it_is_cut_around(start: int, length: int, wanted_length: int, seed: int) -> None:
    end = min(len(TEXT), start + length)
    low, high = cut_around(TEXT, start, end, (wanted_length, wanted_length + 20), random.Random(seed))
    assert low <= start < end <= high or not TEXT[start:end].strip()
    assert 0 <= low < high <= len(TEXT)


def test_an_endless_sentence_is_cut_too() -> None:
    text = "产值" * 2000
    low, high = cut_around(text, 1000, 1004, (100, 120), random.Random(1))
    assert low <= 1000
    assert high >= 1004
    assert high - low < 400


def test_a_group_has_its_answer_in_the_passage_and_negatives_without_it() -> None:
    documents = [document("荷岸"), document("东桥", TEXT.replace("4.1亿元", "7.7亿元").replace("荷岸", "西岭"))]
    asked = [
        wanted("荷岸镇水产产值多少？", "4.1亿元", documents[0], negatives=2),
        wanted("西岭镇水产？", "7.7亿元", documents[1]),
    ]
    first, second = build(asked, random.Random(3))
    positive, *negatives = first.rows
    assert [positive.passage[a:b] for a, b in positive.spans] == ["4.1亿元"]
    assert positive.relevant is True
    assert negatives
    assert all(row.relevant is False and not row.spans and "4.1亿元" not in row.passage for row in negatives)
    assert second.rows[0].relevant is True


def test_a_near_miss_has_no_answer_and_is_not_ranked_by() -> None:
    source = document("荷岸")
    near = Wanted(
        "made/money", False, "荷岸镇2020年水产产值？", source, (), (30, 40), ranked=False, negatives=0, near=True
    )
    (group,) = build([near], random.Random(3))
    assert [(row.spans, row.relevant) for row in group.rows] == [((), None)]


def test_groups_survive_json() -> None:
    group = Group("a/b", True, "问？", (Row("题", "文", ((0, 1),), True), Row("", "他", (), None)))
    assert Group.of_json(group.as_json()) == group


def test_development_documents_are_of_the_training_half() -> None:
    kept = [name for name in (f"d{i}" for i in range(2000)) if is_development(name)]
    assert 120 < len(kept) < 280
    assert not any(Question(name, "", (), (name,)).for_checking for name in kept)
