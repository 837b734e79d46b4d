"""tantivy under our terms: what a question finds, what its terms weigh, and BM25 against a formula of our own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from retrieval.lexical_index import LexicalIndex, LexicalIndexWriter
from retrieval.terms import Terms, passage_terms

PASSAGES = {
    11: ("清溪镇凉瓜丰收", None, "清溪镇种植凉瓜650多亩，产值达1.3亿元。"),
    12: ("东江大桥通车", "工程进展", "东江大桥全长2.6公里，总投资四千万元。"),
    15: ("河源中学校庆", None, "河源中学创办于1923年，现有学生1338名。"),
    19: ("健康科普", None, "番茄富含维生素，夏天多吃西瓜。大桥下有瓜田。"),
}


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    return build(tmp_path, PASSAGES)


def build(folder: Path, passages: dict[int, tuple[str, str | None, str]]) -> LexicalIndex:
    writer = LexicalIndexWriter(folder)
    for row, (title, heading, text) in passages.items():
        writer.add(row, title, heading, text)
    writer.finish()
    return LexicalIndex(folder)


def search(index: LexicalIndex, question: str, groups: Sequence[Sequence[str]] = ()) -> list[int]:
    return list(index.search(index.prepare(Terms.of(groups).question_groups(question)), 10))


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("凉瓜产值", 11),
        ("涼瓜產值多少？", 11),
        ("哪里的产值是一亿三千万元", 11),
        ("13000万元", 11),
        ("大桥投资4000万", 12),
        ("工程进展", 12),
        ("一千三百三十八名学生", 15),
        ("Qingxi", 11),
        ("QING XI 种了多少亩", 11),
        ("How much did Dongjiang bridge cost", 12),
    ],
)
def test_a_question_finds_its_passage_first(index: LexicalIndex, question: str, row: int) -> None:
    assert search(index, question)[0] == row


def test_a_synonym_finds_the_other_word(index: LexicalIndex) -> None:
    assert search(index, "苦瓜") == []
    assert search(index, "苦瓜", [["苦瓜", "凉瓜"]]) == [11]
    assert search(index, "西红柿", [["番茄", "西红柿"]]) == [19]


def test_a_single_character_finds_words_that_begin_with_it(index: LexicalIndex) -> None:
    assert search(index, "瓜")[0] == 19


@pytest.mark.parametrize("question", ["", "？！", "多少", "🎉", "AND OR NOT", 'text:"', "((((", "row:11", "*", "\\"])
def test_a_question_without_known_terms_finds_nothing(index: LexicalIndex, question: str) -> None:
    assert search(index, question) == []


def test_excluded_rows_are_not_found(index: LexicalIndex) -> None:
    query = index.prepare(Terms.of(()).question_groups("大桥"))
    assert set(index.search(query, 10)) == {12, 19}
    assert set(index.search(query, 10, excluded={12})) == {19}


@pytest.mark.parametrize("left_out", [0, 1, 31, 32, 33, 150, 195, 200])
def test_leaving_out_the_best_gives_the_next_ones(tmp_path: Path, left_out: int) -> None:
    index = build(tmp_path, {row: ("", None, "大桥" * (1 + row % 7) + "通车" * row) for row in range(1, 201)})
    query = index.prepare(Terms.of(()).question_groups("大桥通车"))
    every = index.search(query, 200)
    assert len(every) == 200
    best = list(every)[:left_out]
    found = index.search(query, 10, excluded={*best, 999})
    assert found == dict(list(every.items())[left_out : left_out + 10])
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_scores_of_rows_equal_those_of_a_search(index: LexicalIndex) -> None:
    query = index.prepare(Terms.of(()).question_groups("大桥通车"))
    assert index.scores(query, [11, 12, 19]) == pytest.approx({11: 0.0, **index.search(query, 10)})
    assert index.scores(query, [12, 12, 404]) == pytest.approx({12: index.search(query, 10)[12], 404: 0.0})
    assert index.scores(query, []) == {}


def test_scores_are_bm25(tmp_path: Path, index: LexicalIndex) -> None:
    """Lengths below 40 are stored exactly, so the formula can be checked to the digit."""
    documents = {
        row: passage_terms(f"{title}\n{heading or ''}") + passage_terms(text)
        for row, (title, heading, text) in PASSAGES.items()
    }
    mean = sum(map(len, documents.values())) / len(documents)
    query = index.prepare(Terms.of(()).question_groups("凉瓜产值"))
    expected = 0.0
    for term in ("凉瓜", "瓜产", "产值"):
        count = documents[11].count(term)
        if count:
            expected += index.idf(term) * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * len(documents[11]) / mean))
    assert index.search(query, 1)[11] == pytest.approx(expected, rel=0.02)


def test_idf_falls_with_frequency_and_is_highest_for_what_does_not_occur(index: LexicalIndex) -> None:
    assert index.idf("没有") > index.idf("凉瓜") > index.idf("大桥") > 0
    assert index.idf("凉瓜") == pytest.approx(math.log(1 + 3.5 / 1.5))
    assert index.occurs("凉瓜")
    assert not index.occurs("没有")


def test_coverage_is_the_share_of_the_question_that_occurs(index: LexicalIndex) -> None:
    terms = Terms.of(())
    occurring, absent = index.idf("凉瓜"), index.idf("瓜价") + index.idf("价格")
    share = index.prepare(terms.question_groups("凉瓜价格")).coverage
    assert share == pytest.approx(occurring / (occurring + absent))
    assert index.prepare(terms.question_groups("凉瓜产值")).coverage == 1  # 瓜产 is where two known words meet
    assert index.prepare(terms.question_groups("凉瓜")).coverage == 1
    assert index.prepare(terms.question_groups("Who discovered penicillin?")).coverage == 0
    assert index.prepare(terms.question_groups("？")).coverage == 0


def test_10_000_characters_are_searched_in_time(index: LexicalIndex) -> None:
    assert search(index, "清溪镇种植凉瓜。" + "天地玄黄宇宙洪荒" * 1250)[0] == 11
    assert search(index, "qingxi " * 1400)[0] == 11


def test_an_empty_index_answers_nothing(tmp_path: Path) -> None:
    index = build(tmp_path, {})
    assert (index.count, search(index, "凉瓜")) == (0, [])
    assert index.idf("凉瓜") >= 0


def test_a_folder_without_an_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"."):
        LexicalIndex(tmp_path)
