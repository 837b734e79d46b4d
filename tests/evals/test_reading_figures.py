"""What a reading is worth, and the sums over readings, computed by hand."""

from __future__ import annotations

import pytest

from corpus.documents import Document, Passage
from evals.datasets import Question
from evals.reading_figures import (
    Read,
    answer_words,
    closeness,
    holds_answer,
    judgement,
    read_as,
    refusal,
    reliability,
)
from retrieval.hits import Hit, Reading, Span

TEXT = "今年清溪镇种植凉瓜650多亩，产值达1.3亿元。镇里办起了凉瓜节。"
QUESTION = Question("1", "凉瓜产值多少？", ("1.3亿元",), ("gua",))


def reading(*spans: tuple[int, int], score: float = 0.8) -> Reading:
    document = Document("gua", "凉瓜丰收", TEXT, None, None, None, "a")
    hit = Hit(Passage("p", "gua", TEXT, 0, len(TEXT), None), document, 1.0, 1)
    return Reading(hit, 1.0, Span(0, TEXT.index("。")), tuple(Span(*span) for span in spans), score, 1 - score)


def span_of(words: str) -> tuple[int, int]:
    return TEXT.index(words), TEXT.index(words) + len(words)


def read(sure: float, *, there: bool = True, right: bool = True, words: bool = True) -> Read:
    return Read(there, sure, words, right, right, right, float(right))


def test_the_right_words_are_exact_and_right() -> None:
    assert read_as(QUESTION, [reading(span_of("1.3亿元"))]) == Read(True, 0.8, True, True, True, True, 1.0)


def test_longer_words_are_right_but_not_exact() -> None:
    judged = read_as(QUESTION, [reading(span_of("产值达1.3亿元"))])
    assert (judged.right, judged.exact) == (True, False)
    # 1.3亿元 (5) of 产值达1.3亿元 (8): 2 * 5 / 13
    assert judged.f1 == pytest.approx(10 / 13)


def test_other_words_of_the_sentence_are_supported_but_not_right() -> None:
    judged = read_as(QUESTION, [reading(span_of("650多亩"))])
    assert (judged.supported, judged.right, judged.f1) == (True, False, 0.0)


def test_only_the_first_reading_counts() -> None:
    assert not read_as(QUESTION, [reading(span_of("650多亩")), reading(span_of("1.3亿元"))]).right


def test_nothing_read_is_no_answer() -> None:
    assert read_as(QUESTION, []) == Read(True, 0.0, False, False, False, False, 0.0)


def test_without_its_document_nothing_is_right_by_chance() -> None:
    judged = read_as(QUESTION, [reading(span_of("1.3亿元"))], answerable=False)
    assert (judged.answerable, judged.right, judged.supported) == (False, False, False)


def test_an_unanswerable_question_is_never_answerable() -> None:
    judged = read_as(Question("2", "荔枝产值多少？", (), ("gua",)), [reading(span_of("1.3亿元"))])
    assert (judged.answerable, judged.right, judged.f1) == (False, False, 0.0)


def test_several_spans_are_joined_each_once() -> None:
    spans = (span_of("650多亩"), span_of("1.3亿元"), span_of("1.3亿元"))
    assert answer_words(reading(*spans)) == "650多亩、1.3亿元"


def test_traditional_words_are_the_same_words() -> None:
    assert judgement(Question("1", "？", ("瓦德體",), ()), "瓦德体").exact_match


def test_a_number_inside_another_is_no_answer() -> None:
    assert holds_answer("共5万元。", ("5万元",))
    assert not holds_answer("共75万元。", ("5万元",))
    assert not holds_answer("共75万元。", ())


def test_closeness_is_the_mean() -> None:
    found = closeness([read(0.9), read(0.9, right=False)])
    assert found == {"questions": 2, "em": 0.5, "f1": 0.5, "right": 0.5}
    assert closeness([])["em"] is None


def test_refusal_by_hand() -> None:
    reads = [
        read(0.9),
        read(0.6, right=False),
        read(0.2),
        read(0.7, there=False, right=False),
        read(0.1, there=False, right=False),
        # No probability helps a reading without words.
        read(0.95, there=False, right=False, words=False),
    ]
    found = refusal(reads, threshold=0.5)
    assert (found["answerable"], found["unanswerable"]) == (3, 3)
    assert found["refusal_precision"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["refusal_recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["answered_of_answerable"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["right_of_answered"] == pytest.approx(1 / 3, abs=1e-4)
    # 0.9 beats all three; 0.6 beats 0.1 and 0; 0.2 beats 0.1 and 0.
    assert found["auroc"] == pytest.approx(7 / 9, abs=1e-4)


def test_reliability_by_hand() -> None:
    found = reliability([read(0.95), read(1.0), read(0.95, right=False), read(0.05, right=False)])
    last = found["bins"][9]
    assert (last["readings"], last["supported"]) == (3, pytest.approx(2 / 3, abs=1e-4))
    assert sum(own["readings"] for own in found["bins"]) == found["readings"] == 4
    # (|2.9 - 2| + |0.05 - 0|) / 4
    assert found["ece_right"] == pytest.approx(0.2375, abs=1e-4)


def test_reliability_of_nothing() -> None:
    found = reliability([])
    assert found["ece_supported"] is None
    assert all(own["confidence"] is None for own in found["bins"])
