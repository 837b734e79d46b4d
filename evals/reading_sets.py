"""The sets that reading is measured on: a question with its document given, cut into passages as the product cuts it.

Nothing of them was trained on: of sets with halves only the checking half is asked, the others serve for testing alone.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.datasets import Question, read_lines, read_questions
from evals.fit_confidence import Without
from evals.retrieval_sets import SETS, OpenIndex, OpenSet, RememberingEmbedder
from retrieval.hits import Hit, TermStatistics
from retrieval.retriever import HybridRetriever

_SEED = 7


@dataclass(frozen=True, slots=True)
class ReadingSet:
    """Questions with their documents: the paths of both, or a file of questions made from the corpora (``made``).

    Paths are relative to the shared data, those of made questions to the folder of made questions. ``halved``: only its
    checking half is for testing.
    """

    name: str
    questions: str
    documents: str = ""
    halved: bool = True

    @property
    def made(self) -> bool:
        return not self.documents


_CJRC, _DUREADER = "reading/cjrc_law/", "reading/dureader_checklist/"
# Those that are in ``retrieval_sets.SETS`` share its indexes; of the others only the sampled documents are indexed.
READING_SETS = (
    ReadingSet("xquad_zh", "xquad/questions_zh.jsonl", "xquad/documents.jsonl"),
    ReadingSet("xquad_en", "xquad/questions_en.jsonl", "xquad/documents.jsonl"),
    ReadingSet("cmrc2018_trial", "reading/cmrc2018_trial/questions.jsonl", "reading/cmrc2018_trial/documents.jsonl"),
    ReadingSet("drcd_dev", "reading/drcd_dev/questions.jsonl", "reading/drcd_dev/documents.jsonl"),
    ReadingSet("cjrc_law", _CJRC + "questions.jsonl", _CJRC + "documents.jsonl", halved=False),
    ReadingSet("dureader_checklist", _DUREADER + "questions.jsonl", _DUREADER + "documents.jsonl"),
    ReadingSet("government_figures", "government_figures.jsonl", halved=False),
    ReadingSet("figures_heldout", "figures_heldout.jsonl", halved=False),
)


class GivenDocuments:
    """Searches one document at a time, as if the corpus held no other."""

    def __init__(self, index: OpenIndex) -> None:
        self._store = Without(index.store)
        self._retriever = HybridRetriever(index.snapshot, self._store, index.embedder, index.terms)
        self._ids = frozenset(index.snapshot.document_ids)

    @property
    def statistics(self) -> TermStatistics:
        return self._retriever.statistics

    def hits(self, question: Question, passages: int) -> list[Hit]:
        """The best ``passages`` of the question's document; none where the index does not hold it."""
        self._store.held_back = self._ids - set(question.contexts[:1])
        return self._retriever.search(question.text, top_k=passages) if self._store.held_back != self._ids else []


@dataclass(frozen=True, slots=True)
class Sources:
    """Where everything is: shared data, made questions, and a folder for indexes. ``embedder`` remembers."""

    shared: Path
    made: Path
    work: Path
    embedder: RememberingEmbedder


def available(kind: ReadingSet, sources: Sources) -> bool:
    return _questions_path(kind, sources).is_file()


def read_set(kind: ReadingSet, sources: Sources) -> list[Question]:
    """The questions for testing, unanswerable ones too, shuffled always alike, so that a sample is a beginning."""
    path = _questions_path(kind, sources)
    if kind.made:
        found = list(_made_questions(path, sources))
    else:
        # Whether a court's facts say yes or no has no words in them that could be compared.
        yes_no = {line["id"] for line in read_lines(path) if line.get("yes_no")}
        found = [question for question in read_questions(path) if question.id not in yes_no]
        found = [question for question in found if question.for_checking or not kind.halved]
    return shuffled(found)


def shuffled(questions: Iterable[Question]) -> list[Question]:
    found = list(questions)
    random.Random(_SEED).shuffle(found)
    return found


def open_documents(kind: ReadingSet, questions: Sequence[Question], sources: Sources) -> OpenIndex:
    """An index that holds at least the documents of the questions. ``close`` it."""
    same = next((each for each in SETS if each.name == kind.name), None)
    if same is not None:
        return OpenSet(same, sources.shared, sources.work, sources.embedder)
    folder = sources.work / kind.name
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {context for question in questions for context in question.contexts}
    path = folder / "documents.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for line in _documents(kind, sources, wanted):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    opened = OpenIndex(path, folder, sources.work / "vectors.db", sources.embedder)
    sources.embedder.remember([question.text for question in questions])
    return opened


def _questions_path(kind: ReadingSet, sources: Sources) -> Path:
    return sources.made / kind.questions if kind.made else sources.shared / "data" / kind.questions


def _documents(kind: ReadingSet, sources: Sources, wanted: set[str]) -> Iterator[dict[str, Any]]:
    if kind.made:
        for corpus in sorted({_split_id(document_id)[0] for document_id in wanted}):
            own = {_split_id(each)[1] for each in wanted if _split_id(each)[0] == corpus}
            for line in _corpus_documents(sources, corpus, own.__contains__):
                yield line | {"id": _joined_id(corpus, line["id"])}
    else:
        for line in read_lines(sources.shared / "data" / kind.documents):
            if line["id"] in wanted:
                yield line


def _made_questions(path: Path, sources: Sources) -> Iterator[Question]:
    """A made question's answer is its spans' words, cut from its document."""
    lines = list(read_lines(path))
    texts: dict[str, str] = {}
    for corpus in sorted({line["corpus"] for line in lines}):
        own = {line["document_id"] for line in lines if line["corpus"] == corpus}
        found = _corpus_documents(sources, corpus, own.__contains__)
        texts.update({_joined_id(corpus, line["id"]): line["text"] for line in found})
    for number, line in enumerate(lines):
        document_id = _joined_id(line["corpus"], line["document_id"])
        words = "、".join(texts[document_id][start:end] for start, end in line["spans"])
        yield Question(f"{path.stem}-{number}", line["question"], (words,) if words else (), (document_id,))


def _corpus_documents(sources: Sources, corpus: str, wanted: Callable[[str], bool]) -> Iterator[dict[str, Any]]:
    for line in read_lines(sources.shared / "data" / "corpora" / f"{corpus}.jsonl.xz"):
        if wanted(line["id"]):
            yield line


def _joined_id(corpus: str, document_id: str) -> str:
    return f"{corpus}/{document_id}"


def _split_id(joined: str) -> tuple[str, str]:
    corpus, _, document_id = joined.partition("/")
    return corpus, document_id
