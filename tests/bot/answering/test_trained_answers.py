"""Whatever words a network finds, the answer made of them keeps the contract: offsets, own words, no foreign digit."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.composing import Composed, compose
from bot.answering.digits import unsupported_numbers
from bot.answers import Citation, Outcome
from corpus.documents import Document, Passage
from retrieval.hits import Hit
from retrieval.reading.rule_reader import RuleReader
from retrieval.reading.wordings import wordings
from retrieval.terms import Terms
from retrieval.trained_reader.calibration import Coefficients, ReaderCalibration
from retrieval.trained_reader.reader import TrainedReader
from tests.retrieval.reading.helpers import CountedStatistics
from tests.retrieval.trained_reader.fake_network import CharacterEncoder, KnowingSession

BEFORE = "前言𠮷。\n"
SIDE = Coefficients({"fused": 0.1, "margin": 1.0}, {"intercept": 0.0, "margin": 1.0})
CALIBRATION = ReaderCalibration(SIDE, SIDE, threshold=0.3, stop_at=0.9, batches=(2, 3))
QUESTIONS = ["产值是多少？", "有哪些村？", "是否有2个？", "What are the villages?", "谁到会？", "为什么？", ""]
FIGURES = ["1,300亩", "３，０００元", "3.5%", "-2.5℃", "2023年5月18日", "2023-05-18", "10:30", "５６", "½", "10⁸", "㎡"]
WORDS = ["一亿三千万", "甲村", "乙村", "镇长", "陈丽", "没有", "和", "一是", "二是", "等5个", "的", "约", "多"]
PIECES = st.sampled_from([*FIGURES, *WORDS, *"、，。；“”《》(）\n\u3000"])
TEXTS = st.lists(PIECES, min_size=1, max_size=12).map("".join)


def no_similarity(question: str, sentences: Sequence[str]) -> list[float]:
    return [0.5] * len(sentences)


def hits_on(texts: Sequence[str]) -> list[Hit]:
    found = []
    for rank, text in enumerate(texts, start=1):
        document = Document(f"d{rank}", f"文件{rank}", BEFORE + text, None, None, None, f"{rank}.txt")
        start = len(BEFORE)
        passage = Passage(f"p{rank}", document.id, text, start, start + len(text), None)
        found.append(Hit(passage, document, 2.0 - rank / 10, rank))
    return found


def answered(question: str, hits: Sequence[Hit], words: str) -> Composed:
    rules = RuleReader(similarity=no_similarity, variants=wordings(Terms.of([])))
    reader = TrainedReader(KnowingSession({words: 4.0}), CharacterEncoder(), rules, calibration=CALIBRATION)
    readings = reader.read(question, hits, CountedStatistics([hit.passage.text for hit in hits]))
    return compose(question, readings, hits, threshold=CALIBRATION.threshold, language="zh-Hans")


def assert_cited(citation: Citation, text: str) -> None:
    assert text[citation.start : citation.end] == citation.quote
    assert text[citation.passage_start :].startswith(citation.passage)
    position = citation.start
    for span in citation.answer_spans:
        assert position <= span.start < span.end <= citation.end
        assert text[span.start : span.end] == span.text
        position = span.end


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(QUESTIONS), st.lists(TEXTS, min_size=1, max_size=3), st.data())
def test_any_words_of_any_text_give_an_answer_of_the_contracts_form(
    question: str, texts: list[str], data: st.DataObject
) -> None:
    hits = hits_on(texts)
    start = data.draw(st.integers(0, len(texts[0]) - 1))
    end = data.draw(st.integers(start + 1, len(texts[0])))

    answer = answered(question, hits, texts[0][start:end])

    if answer.outcome is not Outcome.ANSWERED:
        assert (answer.short_answer, answer.citations, answer.alternatives) == (None, (), ())
        return
    documents = {hit.document.id: hit.document.text for hit in hits}
    for citation in answer.citations:
        assert_cited(citation, documents[citation.document_id])
    spans = answer.citations[0].answer_spans
    words = "、".join(dict.fromkeys(" ".join(span.text.split()) for span in spans))
    assert answer.short_answer in {words, f"是：{words}", f"否：{words}"}
    assert any(character.isalnum() for character in words)
    said = f"{answer.text}\n{answer.short_answer}"
    assert unsupported_numbers(said, [citation.passage for citation in answer.citations]) == []
    cited = {citation.document_id for citation in answer.citations}
    for other in answer.alternatives:
        assert other.document_id not in cited
        assert documents[other.document_id][other.start : other.end] == other.quote
        assert unsupported_numbers(other.short_answer, [other.quote]) == []
