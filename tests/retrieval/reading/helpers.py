"""A small corpus of our own and statistics over it that can be counted by hand."""

from __future__ import annotations

import math

from corpus.chunking import passages_of
from corpus.documents import Document
from corpus.folding import fold
from retrieval.hits import Hit

TOWN = (
    "荷塘镇今年种植茉莉花约300户，面积1200多亩，花茶产值达8600万元。全镇建成花茶加工厂5家，其中规模以上2家。"
    "镇委书记梁志远带队到良村调研。镇长陈丽表示，明年将扩种200亩。"
    "该镇与广东轻工职业技术学院共建花茶学院。花海节设置了采花比赛、“一路飘香”徒步活动、摄影展等项目。"
    "茉莉花茶车间于2023年5月18日投产。该项目没有使用财政资金。"
)


class CountedStatistics:
    """``TermStatistics`` over a few texts: idf by whether a term stands in them."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = [fold(text) for text in texts]

    def idf(self, term: str) -> float:
        count = sum(term in text for text in self._texts)
        return math.log(1 + (len(self._texts) - count + 0.5) / (count + 0.5))

    def occurs(self, term: str) -> bool:
        return any(term in text for text in self._texts)


def hits_of(text: str, *, title: str = "荷塘镇茉莉花产业", document_id: str = "d1", first_rank: int = 1) -> list[Hit]:
    """The text as one document, its passages as hits in their order."""
    document = Document(document_id, title, text, "荷塘发布", None, None, f"{document_id}.txt")
    return [
        Hit(passage, document, 1.0 / rank, rank, 0.85, 10.0)
        for rank, passage in enumerate(passages_of(document, ()), start=first_rank)
    ]
