"""Answers are composed of verbatim spans, refuse when unsure, and never carry a digit without evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.answering.composing import Composed, compose
from bot.answers import Outcome, SuggestionKind
from corpus.documents import Document, Passage
from retrieval.hits import Hit, Reading, Span

TEXT = "荷塘镇今年种植茉莉花约300户。花茶产值达8600万元，比上年增长5%。没有使用财政资金。"


def hit(document_id: str = "d1", text: str = TEXT, published_at: date | None = None) -> Hit:
    document = Document(document_id, "荷塘花茶2025", text, "荷塘发布", published_at, None, f"{document_id}.txt")
    return Hit(Passage(f"p-{document_id}", document_id, text, 0, len(text), None), document, 1.0, 1)


def reading(found: Hit, evidence: str, *words: str, score: float = 0.9) -> Reading:
    text = found.document.text
    start = text.index(evidence)
    spans = tuple(Span(text.index(w), text.index(w) + len(w)) for w in words)
    return Reading(found, score, Span(start, start + len(evidence)), spans, score, 1 - score)


SENTENCE = "花茶产值达8600万元，比上年增长5%。"


def ask(question: str, readings: list[Reading], language: str = "zh-Hans") -> Composed:
    return compose(question, readings, [r.hit for r in readings], threshold=0.5, language=language)  # type: ignore[arg-type]


def test_short_answer_sentence_and_citation_are_verbatim() -> None:
    answer = ask("荷塘花茶产值多少？", [reading(hit(), SENTENCE, "8600万元")])

    assert (answer.outcome, answer.short_answer) == (Outcome.ANSWERED, "8600万元")
    assert answer.text == f"8600万元 [1]\n{SENTENCE} [1]"
    citation = answer.citations[0]
    assert TEXT[citation.start : citation.end] == citation.quote == SENTENCE
    assert [(s.text, TEXT[s.start : s.end]) for s in citation.answer_spans] == [("8600万元", "8600万元")]


def test_below_the_threshold_it_says_so_and_names_the_nearest_documents() -> None:
    answer = ask("荷塘花茶产值多少？", [reading(hit(), SENTENCE, "8600万元", score=0.49)])

    assert (answer.outcome, answer.short_answer, answer.citations) == (Outcome.NOT_FOUND, None, ())
    assert [(s.kind, s.text, s.document_id) for s in answer.suggestions] == [
        (SuggestionKind.DOCUMENT, "荷塘花茶2025", "d1")
    ]
    assert not any(character.isdigit() for character in answer.text)


def test_nothing_found_at_all() -> None:
    answer = compose("荷塘花茶产值多少？", [], [], threshold=0.5, language="zh-Hans")

    assert (answer.outcome, answer.suggestions, answer.confidence) == (Outcome.NOT_FOUND, (), 0.0)


def test_a_digit_that_no_cited_passage_holds_blocks_the_answer() -> None:
    found = hit()
    elsewhere = replace(found, passage=replace(found.passage, text="别的段落。"))

    answer = ask("荷塘花茶产值多少？", [replace(reading(found, SENTENCE, "8600万元"), hit=elsewhere)])

    assert (answer.outcome, answer.blocked_numbers[0]) == (Outcome.NOT_FOUND, "8600")


def test_other_documents_that_say_the_same_are_cited_too() -> None:
    others = [reading(hit(f"d{n}"), SENTENCE, "8600万元") for n in range(1, 6)]

    answer = ask("荷塘花茶产值多少？", [*others, reading(hit("d9"), SENTENCE, "5%")])

    assert [c.document_id for c in answer.citations] == ["d1", "d2", "d3"]
    assert answer.text.startswith("8600万元 [1][2][3]\n")
    assert answer.sources == 5


def test_the_same_amount_in_other_words_agrees() -> None:
    others = [hit("d1"), hit("d2", TEXT.replace("8600万元", "0.86亿元")), hit("d3", TEXT.replace("达8600", "近8600"))]
    words = ["8600万元", "0.86亿元", "近8600万元"]
    sentences = [SENTENCE, SENTENCE.replace("8600万元", "0.86亿元"), SENTENCE.replace("达8600", "近8600")]

    answer = ask("荷塘花茶产值多少？", [reading(*each) for each in zip(others, sentences, words, strict=True)])

    assert (answer.short_answer, answer.sources, answer.alternatives) == ("8600万元", 3, ())
    assert [c.document_id for c in answer.citations] == ["d1", "d2", "d3"]


def test_what_other_documents_say_instead_is_kept_once_each() -> None:
    rival = TEXT.replace("8600万元", "7000万元")
    sentence = SENTENCE.replace("8600万元", "7000万元")
    readings = [
        reading(hit("d1"), SENTENCE, "8600万元"),
        reading(hit("d1"), SENTENCE, "5%"),
        reading(hit("d2", rival, date(2024, 5, 1)), sentence, "7000万元", score=0.8),
        reading(hit("d3", rival), sentence, "7000万元", score=0.7),
        reading(hit("d4", TEXT.replace("8600", "900")), SENTENCE.replace("8600", "900"), "900万元", score=0.4),
    ]

    answer = ask("荷塘花茶产值多少？", readings)

    (other,) = answer.alternatives
    assert (other.short_answer, other.document_id, other.published_at) == ("7000万元", "d2", date(2024, 5, 1))
    assert rival[other.start : other.end] == other.quote == sentence
    assert answer.sources == 1


def test_part_of_an_answer_is_no_other_answer() -> None:
    rival = "荷塘镇花茶产值达8600万元，其中出口900万元。"
    readings = [
        reading(hit("d1"), SENTENCE, "8600万元"),
        reading(hit("d2", rival), rival, "8600万元，其中出口900万元", score=0.8),
    ]

    answer = ask("荷塘花茶产值多少？", readings)

    assert (answer.sources, answer.alternatives) == (1, ())


def test_a_document_that_agrees_says_nothing_else_instead() -> None:
    readings = [
        reading(hit("d1"), SENTENCE, "8600万元"),
        reading(hit("d2"), SENTENCE, "8600万元", score=0.8),
        reading(hit("d2"), TEXT, "约300户", score=0.7),
    ]

    answer = ask("荷塘花茶产值多少？", readings)

    assert (answer.sources, answer.alternatives) == (2, ())


def test_an_alternative_with_part_of_a_number_is_left_out() -> None:
    rival = TEXT.replace("8600", "1,700")

    answer = ask(
        "荷塘花茶产值多少？", [reading(hit("d1"), SENTENCE, "8600万元"), reading(hit("d2", rival), rival, "700万元")]
    )

    assert (answer.short_answer, answer.alternatives) == ("8600万元", ())


def test_two_documents_that_say_yes_agree_whatever_their_words_and_no_is_another_answer() -> None:
    texts = ["花茶产值比上年增长5%。", "荷塘镇花茶产值上升。", "花茶产值没有增长。", "花茶产值并未增长。"]
    readings = [reading(hit(f"d{n}", text), text, text[:-1]) for n, text in enumerate(texts, start=1)]

    answer = ask("花茶产值增长了吗？", readings)

    assert [citation.document_id for citation in answer.citations] == ["d1", "d2"]
    assert [other.short_answer for other in answer.alternatives] == ["否：花茶产值没有增长"]


def test_space_around_an_answers_words_is_not_of_it() -> None:
    text = "　花茶产值达8600万元　"

    (citation,) = ask("荷塘花茶产值多少？", [reading(hit("d1", text), text, text)]).citations

    (span,) = citation.answer_spans
    assert (span.text, text[span.start : span.end]) == ("花茶产值达8600万元",) * 2
    assert citation.start <= span.start < span.end <= citation.end


def test_a_short_answer_stands_on_one_line_wherever_the_document_breaks_its_own() -> None:
    text = "镇里明确，花茶产值\n达8600万元。"

    answer = ask("荷塘花茶产值多少？", [reading(hit("d1", text), text, "花茶产值\n达8600万元")])

    assert answer.short_answer == "花茶产值 达8600万元"
    assert answer.text.splitlines()[0] == "花茶产值 达8600万元 [1]"
    assert answer.citations[0].answer_spans[0].text == "花茶产值\n达8600万元"


@pytest.mark.parametrize(
    ("question", "expected"),
    [("花茶产值增长了吗？", "是："), ("使用财政资金了吗？", "否："), ("有没有使用财政资金？", "否：")],
)
def test_yes_or_no_stands_before_the_words_that_say_so(question: str, expected: str) -> None:
    words = "比上年增长5%" if expected == "是：" else "没有使用财政资金"

    answer = ask(question, [reading(hit(), words, words)])

    assert answer.short_answer == expected + words


@pytest.mark.parametrize(
    ("published_at", "note"),
    [(None, "[1] 发布日期不明"), (date(2025, 6, 12), "[1] 发布于2025年6月12日")],
)
def test_a_question_about_this_year_is_told_when_the_document_is_from(published_at: date | None, note: str) -> None:
    answer = ask("今年花茶产值多少？", [reading(hit(published_at=published_at), SENTENCE, "8600万元")])

    assert answer.outcome is Outcome.ANSWERED
    assert answer.text.splitlines()[-1].startswith(note)


@pytest.mark.parametrize(("language", "frame"), [("zh-Hant", "文件"), ("en", "documents")])
def test_the_frame_is_in_the_askers_script_or_language(language: str, frame: str) -> None:
    assert frame in ask("？", [reading(hit(), SENTENCE, "8600万元", score=0.1)], language).text


def test_list_spans_are_joined() -> None:
    assert ask("产值和户数？", [reading(hit(), TEXT, "约300户", "8600万元")]).short_answer == "约300户、8600万元"
