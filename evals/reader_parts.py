"""The parts of the reader's benchmark that ask whole sets: reading with the document given, ranking, open corpus."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bot.evaluation.judging import DocumentNames
from bot.evaluation.questions import Case
from bot.evaluation.report import as_report
from bot.evaluation.runner import evaluate
from bot.passage_view import PassageFinder
from bot.responding import Policy
from bot.service import QAService
from bot.state.store import StateStore
from corpus.database import open_database
from corpus.visibility import Clearance
from evals.datasets import Question, read_questions
from evals.readers_under_test import TRAINED, TRAINED_FP32, UnderTest, most_passages
from evals.reading_figures import closeness, known, read_as
from evals.reading_sets import GivenDocuments, ReadingSet, Sources, open_documents, read_set, shuffled
from evals.retrieval_benchmark import figures, reciprocal_rank
from evals.retrieval_sets import SETS, OpenSet
from retrieval.searching import SearchSession

# Sets whose questions can be asked of a whole corpus; the last one serves for testing alone, so all of it is asked.
RANKED = ("news", "xquad_zh", "xquad_en", "drcd_dev", "cmrc2018_trial", "news_mrc_train")
TEST_ONLY = frozenset({"news_mrc_train"})
OPEN_CORPUS = "news"

Readers = Mapping[str, UnderTest]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Questions of a set at most: read or ranked, read in fp32 too, and asked for refusal."""

    questions: int = 400
    compared: int = 200
    refused: int = 150


def reading(kind: ReadingSet, sources: Sources, readers: Readers, sizes: Sizes) -> dict[str, Any]:
    """EM and F1 with the document given. What is read in fp32 too stands under ``TRAINED`` once more, on as much."""
    questions = [question for question in read_set(kind, sources) if question.answers][: sizes.questions]
    opened = open_documents(kind, questions, sources)
    given = GivenDocuments(opened)
    most = most_passages(readers)
    hits = {question.id: given.hits(question, most) for question in questions}
    questions = [question for question in questions if hits[question.id]]
    found: dict[str, Any] = {}
    for name, under_test in readers.items():
        asked = questions[: sizes.compared] if name == TRAINED_FP32 else questions
        before = under_test.seconds
        reads = [read_as(q, under_test.read(q.text, hits[q.id], given.statistics)) for q in asked]
        found[name] = closeness(reads) | {"seconds": round(under_test.seconds - before, 2)}
        if name == TRAINED and TRAINED_FP32 in readers:
            found[f"{TRAINED}_on_as_many"] = closeness(reads[: sizes.compared])
    opened.close()
    return found


def ranking(name: str, sources: Sources, readers: Readers, sizes: Sizes) -> dict[str, Any]:
    """hit@1, hit@5 and mrr@10 over the passages that are read, as they were found and as each reader ranks them."""
    opened = open_set(name, sources)
    questions = checked(opened)[: sizes.questions]
    most = most_passages(readers)
    hits = {question.id: opened.retriever.search(question.text, top_k=most) for question in questions}
    ranks = [reciprocal_rank([hit.document.id for hit in hits[q.id]], q.contexts) for q in questions]
    found: dict[str, Any] = {"questions": len(questions), "fusion": figures(ranks)}
    statistics = opened.retriever.statistics
    for reader_name, under_test in readers.items():
        if reader_name == TRAINED_FP32:
            continue
        read = [under_test.read(q.text, hits[q.id], statistics) for q in questions]
        documents = [[reading.hit.document.id for reading in readings] for readings in read]
        ranks = [reciprocal_rank(ids, q.contexts) for ids, q in zip(documents, questions, strict=True)]
        found[reader_name] = figures(ranks)
    opened.close()
    return found


def open_corpus(
    sources: Sources, under_test: UnderTest, *, change: Callable[[OpenSet], None] = lambda opened: None
) -> dict[str, Any]:
    """The figures of `yiju eval`: the service asked over the whole corpus, unanswerable questions among the rest.

    ``change``: what is done to the open index first.
    """
    opened = open_set(OPEN_CORPUS, sources)
    change(opened)
    unanswerable = read_questions(sources.shared / "data" / "news/unanswerable.jsonl")
    questions = [*checked(opened), *(question for question in unanswerable if question.for_checking)]
    sources.embedder.remember([question.text for question in questions])
    with service_over(opened, under_test) as service:
        judged = evaluate(
            lambda text, _: service.ask(text, owner="benchmark", top_k=10),
            [Case(question.id, (known(question),), is_dialogue=False) for question in questions],
            names=_Names(opened),
            progress=lambda *_: None,
        )
    opened.close()
    report = as_report(judged)
    for left_out in ("by_type", "turn_accuracy", "latency_ms"):
        del report[left_out]
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in report.items()}


@contextmanager
def service_over(opened: OpenSet, under_test: UnderTest) -> Iterator[QAService]:
    """The product's service over an index of a benchmark; what it remembers goes away."""
    with tempfile.TemporaryDirectory(prefix="yiju-benchmark-") as folder:
        engine = open_database(f"sqlite:///{folder}/state.db")
        try:
            state = StateStore(engine)
            state.migrate()
            versions = frozenset(int(version) for version in opened.snapshot.versions)
            yield QAService(
                search=_SetSearch(opened),
                reader=under_test,
                passages=PassageFinder(opened.store, lambda: versions),
                state=state,
                policy=Policy(passages_read=under_test.passages, threshold=under_test.threshold),
            )
        finally:
            engine.dispose()


class _SetSearch:
    """``Search`` of the service over one open index."""

    def __init__(self, opened: OpenSet) -> None:
        self._opened = opened

    @contextmanager
    def session(self, clearance: Clearance) -> Iterator[SearchSession]:
        yield SearchSession(self._opened.snapshot.id, self._opened.retriever, 1.0)


def open_set(name: str, sources: Sources) -> OpenSet:
    """The index of a set. ``close`` it."""
    kind = next(each for each in SETS if each.name == name)
    return OpenSet(kind, sources.shared, sources.work, sources.embedder)


def checked(opened: OpenSet) -> list[Question]:
    """The answerable questions of a set that nothing was trained on, shuffled always alike."""
    return [
        question
        for question in shuffled(opened.questions)
        if question.answers and (question.for_checking or opened.name in TEST_ONLY)
    ]


class _Names:
    """What a document goes by: its own id and those of near-duplicates joined to it."""

    def __init__(self, opened: OpenSet) -> None:
        self._aliases: dict[str, set[str]] = {}
        for alias, document_id in opened.store.aliases(opened.snapshot.versions.tolist()).items():
            self._aliases.setdefault(document_id, set()).add(alias)

    def __call__(self, document_id: str) -> DocumentNames:
        return DocumentNames(frozenset({document_id, *self._aliases.get(document_id, ())}), frozenset())
