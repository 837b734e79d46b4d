"""Readers and embedders that remember give what the ones behind them give, asked once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corpus.documents import Document, Passage
from evals.reader_latency import EveryTerm
from evals.readers_under_test import SentenceMemory, UnderTest
from retrieval.hits import Hit, Reading, Span, TermStatistics
from tests.retrieval.fakes import HashingEmbedder


class CountingReader:
    """Reads nothing out of every hit."""

    def __init__(self) -> None:
        self.questions: list[str] = []

    def read(self, question: str, hits: Sequence[Hit], statistics: TermStatistics) -> list[Reading]:
        self.questions.append(question)
        return [Reading(hit, 0.0, Span(0, 1), (), 0.0, 1.0) for hit in hits]


def hit(score: float) -> Hit:
    document = Document("d", "简报", "镇里今年修路三公里。", None, None, None, "a")
    return Hit(Passage("p", "d", document.text, 0, len(document.text), None), document, score, 1)


def test_the_same_question_over_the_same_hits_is_read_once() -> None:
    reader = CountingReader()
    under_test = UnderTest("counting", reader, 0.5)
    first = under_test.read("修路几公里？", [hit(1.0)], EveryTerm())
    assert under_test.read("修路几公里？", [hit(1.0)], EveryTerm()) is first
    # Another score is another search, of which a reader may make something else.
    under_test.read("修路几公里？", [hit(0.5)], EveryTerm())
    under_test.read("谁修路？", [hit(1.0)], EveryTerm())
    assert reader.questions == ["修路几公里？", "修路几公里？", "谁修路？"]


def test_a_sentence_is_embedded_once_and_comes_in_its_place() -> None:
    embedder = HashingEmbedder()
    memory = SentenceMemory(embedder)
    texts = ["修路三公里。", "种瓜两亩。", "修路三公里。"]
    assert np.array_equal(memory.encode_documents(texts), HashingEmbedder().encode_documents(texts))
    memory.encode_documents(texts[1:])
    assert embedder.embedded == texts[:2]
