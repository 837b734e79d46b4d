"""The rule reader on a text of ours: the right words for each kind of question, little faith where there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.hits import Reading
from retrieval.reading.rule_reader import RuleReader
from retrieval.reading.wordings import wordings
from retrieval.terms import Terms
from tests.retrieval.reading.helpers import TOWN, CountedStatistics, hits_of

FILLER = "北京大学创办于1898年。图书馆藏书众多。"
TERMS = Terms.of([["茉莉花茶", "香片"]])


def reader() -> RuleReader:
    def similarity(question: str, sentences: Sequence[str]) -> list[float]:
        """A stand-in for meaning: the sentence about the factory is the nearest to every foreign question."""
        return [0.9 if "加工厂" in sentence else 0.7 for sentence in sentences]

    return RuleReader(similarity=similarity, variants=wordings(TERMS))


def read(question: str, text: str = TOWN) -> Reading:
    hits = hits_of(text)
    return reader().read(question, hits, CountedStatistics([*(h.passage.text for h in hits), FILLER]))[0]


def words(reading: Reading) -> list[str]:
    return [reading.hit.document.text[s.start : s.end] for s in reading.answer_spans]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("荷塘镇花茶产值是多少？", ["8600万元"]),
        ("荷塘镇茉莉花种植面积有多大", ["1200多亩"]),
        ("荷塘镇有多少户种植茉莉花？", ["约300户"]),
        ("荷塘鎮花茶產值是多少？", ["8600万元"]),
        ("荷塘镇建成花茶加工厂多少家？", ["5家"]),
        ("荷塘镇的镇长是谁？", ["陈丽"]),
        ("谁带队到良村调研？", ["梁志远"]),
        ("花茶学院是和哪所学校共建的？", ["广东轻工职业技术学院"]),
        ("花海节设置了哪些项目？", ["采花比赛", "“一路飘香”徒步活动", "摄影展"]),
        ("茉莉花茶车间什么时候投产？", ["2023年5月18日"]),
        ("香片车间什么时候投产？", ["2023年5月18日"]),
    ],
)
def test_the_short_answer_is_the_documents_own_words(question: str, expected: list[str]) -> None:
    assert words(read(question)) == expected


def test_an_answer_is_more_probable_than_a_near_miss() -> None:
    asked = read("荷塘镇花茶产值是多少？").answer_score

    assert asked > read("荷塘镇常住人口是多少？").answer_score
    assert asked > read("荷塘镇柑橘产值是多少？").answer_score


def test_probabilities_add_up_and_evidence_holds_the_words() -> None:
    reading = read("荷塘镇花茶产值是多少？")

    assert reading.answer_score + reading.no_answer_score == pytest.approx(1.0)
    assert all(reading.evidence.start <= s.start < s.end <= reading.evidence.end for s in reading.answer_spans)


def test_a_foreign_question_is_read_by_meaning() -> None:
    assert words(read("How many factories has the town built?")) == ["5家"]


@pytest.mark.parametrize("question", ["荷塘镇花茶产值是多少？", "How many factories has the town built?"])
def test_a_passage_that_is_not_embedded_yet_is_read_as_one_of_usual_closeness(question: str) -> None:
    hits = hits_of(TOWN)
    statistics = CountedStatistics([hit.passage.text for hit in hits])

    def probability(dense: float | None) -> float:
        return reader().read(question, [replace(hit, dense=dense) for hit in hits], statistics)[0].answer_score

    assert probability(0.0) < probability(0.75) <= probability(None) <= probability(0.9)


def test_without_hits_there_are_no_readings() -> None:
    assert reader().read("荷塘镇花茶产值是多少？", [], CountedStatistics([FILLER])) == []


def test_readings_come_best_first_whatever_the_order_of_the_hits() -> None:
    hits = hits_of(FILLER, title="校史", document_id="d2") + hits_of(TOWN, first_rank=2)
    statistics = CountedStatistics([h.passage.text for h in hits])

    readings = reader().read("荷塘镇花茶产值是多少？", hits, statistics)

    assert readings[0].hit.document.id == "d1"
    assert [r.relevance for r in readings] == sorted((r.relevance for r in readings), reverse=True)


@given(
    question=st.text(max_size=60),
    text=st.text(alphabet=st.sampled_from("荷塘镇3０多亩,。、“”？\n𠮷a１."), min_size=1, max_size=80),
)
def test_any_question_on_any_text_gives_spans_inside_the_passage(question: str, text: str) -> None:
    hits = hits_of(text)
    for reading in reader().read(question, hits, CountedStatistics([text])):
        passage = reading.hit.passage
        for span in [reading.evidence, *reading.answer_spans]:
            assert passage.start <= span.start <= span.end <= passage.end
        assert 0.0 <= reading.answer_score <= 1.0


@pytest.mark.parametrize("question", ["", "？", "𠮷", "多少", "！！！", "a" * 2000, "多少" * 500])
def test_odd_questions_are_read_without_harm(question: str) -> None:
    assert 0.0 <= read(question).answer_score <= 1.0
