"""Questions to ranked passages over a real snapshot and store."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from retrieval.indexing import embedded_text
from retrieval.retriever import HybridRetriever
from retrieval.snapshot import Snapshot, open_current
from retrieval.terms import Terms
from retrieval.vectors import PartedVectorIndex, Vector
from tests.retrieval.conftest import Library


def without_vectors(snapshot: Snapshot, rows: Collection[int]) -> None:
    """Let the snapshot be one where some passages are not embedded yet."""
    dead = np.array(sorted(rows), dtype=np.int64)
    snapshot.vectors = PartedVectorIndex(snapshot.vectors.parts, dead, snapshot.vectors.dim)


class NoEmbedder:
    """An embedder that must not be asked."""

    dim, model_id = 64, "hashing"

    def encode_queries(self, texts: Sequence[str]) -> Vector:
        raise AssertionError("a question was embedded where no passage is")

    def encode_documents(self, texts: Sequence[str]) -> Vector:
        raise AssertionError("no passage is embedded in a search")


@pytest.fixture
def snapshot(library: Library) -> Iterator[Snapshot]:
    library.write_many(30)
    library.index()
    opened = open_current(library.index_dir)
    yield opened
    opened.close()


@pytest.fixture
def retriever(library: Library, snapshot: Snapshot) -> HybridRetriever:
    return HybridRetriever(snapshot, library.store, library.embedder, Terms.shipped())


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("凉瓜产值多少", "清溪镇凉瓜丰收"),
        ("苦瓜种植了多少亩？", "清溪镇凉瓜丰收"),
        ("淸溪鎮涼瓜產值", "清溪镇凉瓜丰收"),
        ("产值一亿三千万元的是什么", "清溪镇凉瓜丰收"),
        ("Qingxi 凉瓜", "清溪镇凉瓜丰收"),
        ("大桥总投资4000万元？", "东江大桥今日通车"),
        ("河源中学校长是谁", "河源中学迎来百年校庆"),
    ],
)
def test_a_question_finds_its_document_first(retriever: HybridRetriever, question: str, title: str) -> None:
    assert retriever.search(question, top_k=3)[0].document.title == title


def test_hits_are_ranked_and_hold_the_scores_of_both_sides(retriever: HybridRetriever, library: Library) -> None:
    question = "凉瓜产值多少"
    hits = retriever.search(question, top_k=20)
    assert [hit.rank for hit in hits] == list(range(1, 21))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.passage.id for hit in hits}) == 20
    assert hits[0].lexical is not None
    assert hits[0].lexical > 0
    assert hits[-1].lexical is None
    query = library.embedder.encode_queries([question])[0]
    for hit in hits:
        text = embedded_text(hit.document.title, hit.passage.heading, hit.passage.text)
        assert hit.dense == pytest.approx(float(query @ library.embedder.encode_documents([text])[0]), abs=5e-4)


@pytest.mark.parametrize(
    "question", ["？！…", "多少", "🎉", "𠮷", "瓜", "a", " ", "\x00\x01", "x" * 10_000, "凉瓜" * 5_000]
)
def test_odd_questions_are_survived(retriever: HybridRetriever, question: str) -> None:
    hits = retriever.search(question, top_k=5)
    assert len(hits) == 5
    assert all(hit.dense is not None for hit in hits)


def test_top_k_bounds_the_hits(retriever: HybridRetriever) -> None:
    assert len(retriever.search("村庄修路", top_k=1)) == 1
    assert retriever.search("村庄修路", top_k=0) == []
    assert len(retriever.search("村庄修路", top_k=500)) == 33


def test_more_candidates_are_looked_at_when_many_are_asked_for(library: Library, snapshot: Snapshot) -> None:
    few = HybridRetriever(snapshot, library.store, library.embedder, Terms.shipped(), candidates=2)
    assert len(few.search("村庄修路", top_k=12)) == 12


def test_retired_documents_do_not_use_up_the_candidates(library: Library, snapshot: Snapshot) -> None:
    few = HybridRetriever(snapshot, library.store, library.embedder, Terms.shipped(), candidates=5)
    for hit in few.search("编号村庄修路公里", top_k=25):
        library.store.retire(hit.document.id, "superseded")
    hits = few.search("编号村庄修路公里", top_k=5)
    assert len(hits) == 5
    assert not {hit.document.id for hit in hits} & library.store.retired()


def test_an_empty_index_has_no_hits(library: Library) -> None:
    for path in library.sources.iterdir():
        path.unlink()
    library.index()
    assert library.search("凉瓜产值多少") == []


def test_statistics_are_those_of_the_snapshot(retriever: HybridRetriever) -> None:
    assert retriever.statistics.occurs("凉瓜")
    assert retriever.statistics.idf("凉瓜") > retriever.statistics.idf("村庄")


def test_many_searches_at_once_give_what_one_gives(retriever: HybridRetriever) -> None:
    questions = [f"第{number}号简报的村庄修路多少公里" for number in range(30)]
    alone = [[hit.passage.id for hit in retriever.search(question, top_k=5)] for question in questions]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda question: retriever.search(question, top_k=5), questions))
    assert [[hit.passage.id for hit in hits] for hits in together] == alone


def test_passages_that_are_not_embedded_are_found_by_their_words(library: Library, snapshot: Snapshot) -> None:
    town = library.search("凉瓜产值多少")[0].document.id
    without_vectors(snapshot, snapshot.rows_of([town]))
    retriever = HybridRetriever(snapshot, library.store, library.embedder, Terms.shipped())
    hits = retriever.search("凉瓜产值多少", top_k=40)
    assert (hits[0].document.id, hits[0].dense) == (town, None)
    assert all(hit.dense is not None for hit in hits[1:])
    assert len(hits) == 33


def test_with_no_vectors_the_ranking_is_the_lexical_one_and_no_question_is_embedded(
    library: Library, snapshot: Snapshot
) -> None:
    question = "编号为7的村庄今年修路多少公里"
    terms = Terms.shipped()
    words = snapshot.lexical.search(snapshot.lexical.prepare(terms.question_groups(question)), 10)
    without_vectors(snapshot, snapshot.rows.tolist())
    hits = HybridRetriever(snapshot, library.store, NoEmbedder(), terms).search(question, top_k=10)
    assert [hit.lexical for hit in hits] == pytest.approx(sorted(words.values(), reverse=True))
    assert hits[0].document.title == "第7号简报"


def test_without_an_embedder_the_words_are_searched_alone(library: Library, snapshot: Snapshot) -> None:
    hits = HybridRetriever(snapshot, library.store, None, Terms.shipped()).search("凉瓜产值多少", top_k=3)
    assert hits[0].document.title == "清溪镇凉瓜丰收"
    assert all(hit.dense is None for hit in hits)
    assert HybridRetriever(snapshot, library.store, None, Terms.shipped()).search("？！…", top_k=3) == []


def test_retired_documents_stay_out_where_nothing_is_embedded(library: Library, snapshot: Snapshot) -> None:
    retriever = HybridRetriever(snapshot, library.store, None, Terms.shipped())
    first = retriever.search("凉瓜产值多少", top_k=1)[0]
    library.store.retire(first.document.id, "superseded")
    assert first.document.id not in {hit.document.id for hit in retriever.search("凉瓜产值多少", top_k=5)}
