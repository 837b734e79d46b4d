"""The benchmark's parts over a small set of our own, asked of the rule-based reader."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from embeddings.cache import VectorCache
from evals import reader_parts, reader_refusal
from evals.datasets import Question
from evals.reader_parts import Sizes
from evals.reader_refusal import ABSENT, NEAR, REMOVED, Contrast
from evals.readers_under_test import RULES, UnderTest
from evals.reading_figures import Read
from evals.reading_sets import GivenDocuments, ReadingSet, Sources, available, open_documents, read_set
from evals.retrieval_sets import RememberingEmbedder
from retrieval.reading.meaning import sentence_similarity
from retrieval.reading.rule_reader import RuleReader
from retrieval.reading.wordings import wordings
from retrieval.terms import Terms
from tests.retrieval.fakes import HashingEmbedder

TOWNS = ("清溪", "白沙", "石湾", "东坪", "梅林", "杏花")
SIZES = Sizes(questions=10, compared=10, refused=10)


def named(kind: str, number: int, *, checking: bool = True) -> str:
    """An id of the half that is wanted."""
    ids = (f"{kind}-{number}-{each}" for each in range(100))
    return next(each for each in ids if (hashlib.sha256(each.encode()).digest()[0] >= 128) == checking)


def write(path: Path, lines: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[Sources]:
    documents: list[dict[str, object]] = []
    questions: list[dict[str, object]] = []
    for number, town in enumerate(TOWNS):
        context = named("doc", number, checking=number != 5)
        text = f"{town}镇今年修建公路{number + 3}公里，总投资{number + 2}千万元。通车后，{town}镇到县城只要十五分钟。"
        documents.append({"id": context, "title": f"{town}镇修路", "text": text})
        questions.append(
            {
                "id": f"q{number}",
                "question": f"{town}镇修建了多少公里公路？",
                "answers": [f"{number + 3}公里"],
                "context_id": context,
            }
        )
    absent: list[dict[str, object]] = [
        {"id": named("none", 1), "question": "哪位镇长主持了龙舟赛？", "answers": [], "context_id": None}
    ]
    data = tmp_path / "shared" / "data"
    write(data / "news/documents.jsonl", documents)
    write(data / "news/questions.jsonl", questions)
    write(data / "news/unanswerable.jsonl", absent)
    cache = VectorCache(tmp_path / "vectors.db")
    embedder = RememberingEmbedder(HashingEmbedder(), cache)
    yield Sources(tmp_path / "shared", tmp_path / "made", tmp_path / "work", embedder)
    cache.close()


@pytest.fixture
def readers(sources: Sources) -> dict[str, UnderTest]:
    rules = RuleReader(similarity=sentence_similarity(sources.embedder), variants=wordings(Terms.shipped()))
    return {RULES: UnderTest(RULES, rules, 0.46)}


def test_reading_reads_the_given_document(sources: Sources, readers: dict[str, UnderTest]) -> None:
    kind = ReadingSet("roads", "news/questions.jsonl", "news/documents.jsonl")
    found = reader_parts.reading(kind, sources, readers, SIZES)
    # One of the six is of the half for training.
    assert found[RULES]["questions"] == 5
    assert found[RULES]["em"] == found[RULES]["f1"] == 1.0


def test_only_passages_of_the_given_document_are_read(sources: Sources) -> None:
    kind = ReadingSet("roads", "news/questions.jsonl", "news/documents.jsonl")
    questions = read_set(kind, sources)
    opened = open_documents(kind, questions, sources)
    given = GivenDocuments(opened)
    assert all({hit.document.id for hit in given.hits(each, 8)} == {each.contexts[0]} for each in questions)
    assert given.hits(Question("x", "多少？", ("三",), ("elsewhere",)), 8) == []
    opened.close()


def test_ranking_stands_beside_fusion(sources: Sources, readers: dict[str, UnderTest]) -> None:
    found = reader_parts.ranking("news", sources, readers, SIZES)
    assert found["questions"] == 5
    assert found["fusion"]["hit@5"] == found[RULES]["hit@5"] == 1.0


def test_the_service_is_asked_over_the_whole_corpus(sources: Sources, readers: dict[str, UnderTest]) -> None:
    found = reader_parts.open_corpus(sources, readers[RULES])
    assert (found["answerable"], found["unanswerable"]) == (5, 1)
    assert found["citation_accuracy"] == 1.0
    assert "latency_ms" not in found


def test_a_question_that_was_read_is_not_read_again(sources: Sources, readers: dict[str, UnderTest]) -> None:
    reader_parts.ranking("news", sources, readers, SIZES)
    seconds = readers[RULES].seconds
    reader_parts.ranking("news", sources, readers, SIZES)
    assert readers[RULES].seconds == seconds


def test_refusal_is_asked_without_the_document_and_of_near_misses(
    sources: Sources, readers: dict[str, UnderTest]
) -> None:
    asked = reader_refusal.searched("news", sources, readers, SIZES)[RULES]
    assert set(asked) == {REMOVED, NEAR, ABSENT}
    assert len(asked[REMOVED].there) == len(asked[REMOVED].gone) == 5
    assert len(asked[NEAR].there) == len(asked[NEAR].gone) == len(asked[NEAR].kinds)
    assert not any(read.answerable for contrast in asked.values() for read in contrast.gone)
    found = reader_refusal.over_all({"news": asked}, 0.46)
    counts = (len(asked[REMOVED].gone), len(asked[NEAR].gone), len(asked[ABSENT].gone))
    assert found["reliability"]["readings"] >= 5 + sum(counts)
    assert found[ABSENT]["unanswerable"] == 1


def test_reprints_go_with_their_document(sources: Sources) -> None:
    path = sources.shared / "data/news/documents.jsonl"
    first, *rest = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    copy = {"id": "copy", "title": "转载", "text": "本报讯 " + first["text"]}
    write(path, [first, *rest, copy])
    opened = reader_parts.open_set("news", sources)
    (question,) = [each for each in opened.questions if each.contexts[0] == first["id"]]
    hits = reader_refusal.hits_without(opened, question, reader_refusal.documents_of(opened), 8)
    assert not {first["id"], "copy"} & {hit.document.id for hit in hits}
    opened.close()


def test_what_shares_little_is_no_reprint() -> None:
    sentence = "今年镇里新修公路二十公里，总投资四千万元，惠及十一个行政村。"
    assert reader_refusal.is_reprint(sentence, "编者按：" + sentence + "另据报道，工程将于年底完工。")
    assert not reader_refusal.is_reprint(sentence, "今年镇里种植凉瓜六百亩，产值一亿元，带动农户三百多户增收致富。")
    assert not reader_refusal.is_reprint("", sentence)


def test_the_share_refused_by_what_was_swapped() -> None:
    sure, unsure = (Read(False, score, True, False, False, False, 0.0) for score in (0.9, 0.1))
    asked = {NEAR: Contrast([], [sure, unsure, unsure], kinds=["year", "year", "place"])}
    assert reader_refusal.summed(asked, 0.5)[NEAR]["refused_by_kind"] == {"place": 1.0, "year": 0.5}


def test_made_questions_are_cut_from_their_documents(sources: Sources) -> None:
    text = "全年粮食总产量五百万吨。棉花总产量三万吨。"
    corpora = sources.shared / "data/corpora"
    corpora.mkdir()
    import lzma

    with lzma.open(corpora / "reports.jsonl.xz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"id": "r1", "title": "报告", "text": text}) + "\n")
    common = {"corpus": "reports", "document_id": "r1", "kind": "count", "lang": "zh"}
    start = text.index("五百万吨")
    made = [
        {**common, "question": "粮食总产量是多少？", "spans": [[start, start + 4]], "near": False},
        {**common, "question": "大豆总产量是多少？", "spans": [], "near": True},
    ]
    kind = ReadingSet("figures", "figures.jsonl", halved=False)
    assert not available(kind, sources)
    write(sources.made / "figures.jsonl", [dict(line) for line in made])
    questions = {question.text: question for question in read_set(kind, sources)}
    assert questions["粮食总产量是多少？"].answers == ("五百万吨",)
    assert questions["大豆总产量是多少？"].answers == ()
    opened = open_documents(kind, list(questions.values()), sources)
    (hit,) = GivenDocuments(opened).hits(questions["粮食总产量是多少？"], 8)
    assert hit.document.text == text
    opened.close()
