"""The part of the reader's benchmark about refusal: does the probability tell what the corpus does not say?

An answerable question is read with its document there, with the document and its reprints taken away, and changed to a
near miss (``near_misses``). Questions that the sets themselves call unanswerable are asked beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.evaluation.metrics import mean
from corpus.documents import Document
from corpus.folding import fold_title
from evals.datasets import Question, read_questions
from evals.fit_confidence import Without
from evals.near_misses import near_misses
from evals.reader_parts import Readers, Sizes, checked, open_set
from evals.readers_under_test import TRAINED_FP32, UnderTest, most_passages
from evals.reading_figures import Read, holds_answer, read_as, refusal, reliability, rounded
from evals.reading_sets import (
    READING_SETS,
    GivenDocuments,
    Sources,
    available,
    open_documents,
    read_set,
)
from evals.retrieval_sets import OpenSet
from retrieval.hits import Hit
from retrieval.retriever import HybridRetriever

# Of the sets that are searched, those whose questions stand alone well enough to be refused.
SEARCHED = ("news", "xquad_zh", "xquad_en", "drcd_dev", "cmrc2018_trial")
ENGLISH = frozenset({"xquad_en"})
# Sets with unanswerable questions of their own, read with the document given.
GIVEN = ("dureader_checklist", "figures_heldout")
REMOVED, NEAR, ABSENT = "removed", "near", "absent"
_SHINGLE = 20
# A document that has this share of another's runs of 20 characters is a reprint of it.
_REPRINT = 0.3


@dataclass(frozen=True, slots=True)
class Contrast:
    """Readings with the answer there, against readings without it. ``kinds`` says of the latter what was swapped.

    ``strict``: of the latter those where no passage that was read holds a reference by chance.
    """

    there: Sequence[Read]
    gone: Sequence[Read]
    strict: Sequence[Read] = ()
    kinds: Sequence[str] = ()


Asked = dict[str, Contrast]
"""What one reader made of one set, by what was done to its questions."""
_Searched = Sequence[tuple[Question, Sequence[Hit]]]


def searched(name: str, sources: Sources, readers: Readers, sizes: Sizes) -> dict[str, Asked]:
    """Every reader over one searched set."""
    opened, most = open_set(name, sources), most_passages(readers)
    questions = checked(opened)
    chosen = questions[: sizes.refused]
    documents = documents_of(opened)
    swapped = near_misses(questions[: sizes.questions], documents)[: sizes.refused]
    absent = _absent(name, sources)[: sizes.refused]
    texts = [near.question.text for near in swapped] + [question.text for question in absent]
    sources.embedder.remember(texts)

    def found(some: Sequence[Question]) -> _Searched:
        return [(question, opened.retriever.search(question.text, top_k=most)) for question in some]

    there, swapped_from = found(chosen), found([each.origin for each in swapped])
    near, none = found([each.question for each in swapped]), found(absent)
    removed = [(question, hits_without(opened, question, documents, most)) for question in chosen]
    asked = {}
    for reader_name, under_test in _told_apart(readers):
        read = _reading(under_test, opened.retriever)
        reads, gone = read(there, True), read(removed, False)
        strict = [one for one, (question, hits) in zip(gone, removed, strict=True) if not _by_chance(question, hits)]
        asked[reader_name] = {
            REMOVED: Contrast(reads, gone, strict=strict),
            NEAR: Contrast(read(swapped_from, True), read(near, False), kinds=[each.kind for each in swapped]),
        }
        if none:
            asked[reader_name][ABSENT] = Contrast(reads, read(none, False))
    opened.close()
    return asked


def given(name: str, sources: Sources, readers: Readers, sizes: Sizes) -> dict[str, Asked]:
    """Every reader over one set with unanswerable questions of its own; {} where it is not there."""
    kind = next(each for each in READING_SETS if each.name == name)
    if not available(kind, sources):
        return {}
    questions = read_set(kind, sources)
    answerable = [question for question in questions if question.answers][: sizes.refused]
    absent = [question for question in questions if not question.answers][: sizes.refused]
    opened = open_documents(kind, [*answerable, *absent], sources)
    documents, most = GivenDocuments(opened), most_passages(readers)
    there, none = ([(question, documents.hits(question, most)) for question in some] for some in (answerable, absent))
    asked = {}
    for reader_name, under_test in _told_apart(readers):
        read = _reading(under_test, documents)
        asked[reader_name] = {NEAR if kind.made else ABSENT: Contrast(read(there, True), read(none, False))}
    opened.close()
    return asked


def summed(asked: Asked, threshold: float) -> dict[str, Any]:
    """The figures of one reader over one set; of near misses also the share refused by what was swapped."""
    found: dict[str, Any] = {}
    for kind, contrast in asked.items():
        found[kind] = refusal([*contrast.there, *contrast.gone], threshold)
        if contrast.strict:
            found[f"{kind}, strictly"] = refusal([*contrast.there, *contrast.strict], threshold)
        if contrast.kinds:
            found[kind]["refused_by_kind"] = {
                each: rounded(_share_refused(contrast, each, threshold)) for each in sorted(set(contrast.kinds))
            }
    return found


def over_all(by_set: Mapping[str, Asked], threshold: float) -> dict[str, Any]:
    """All sets together, English ones apart, and how the probability fits over everything that was asked."""
    chinese = [asked for name, asked in by_set.items() if name not in ENGLISH]
    kinds = list(dict.fromkeys(kind for asked in chinese for kind in asked))
    joined = {kind: _joined([asked[kind] for asked in chinese if kind in asked]) for kind in kinds}
    # A reading with its document there stands beside several without, and counts once.
    there = {id(read): read for asked in by_set.values() for contrast in asked.values() for read in contrast.there}
    gone = [read for asked in by_set.values() for contrast in asked.values() for read in contrast.gone]
    found = {"threshold": threshold, **summed(joined, threshold)}
    return found | {"reliability": reliability([*there.values(), *gone])}


def _joined(contrasts: Sequence[Contrast]) -> Contrast:
    return Contrast(
        [read for each in contrasts for read in each.there],
        [read for each in contrasts for read in each.gone],
        [read for each in contrasts for read in each.strict],
    )


def hits_without(opened: OpenSet, question: Question, documents: Mapping[str, Document], most: int) -> list[Hit]:
    """The ``most`` best passages with the question's documents and every reprint of them taken away."""
    store = Without(opened.store)
    retriever = HybridRetriever(opened.snapshot, store, opened.embedder, opened.terms)
    held_back = set(question.contexts)
    while True:
        store.held_back = frozenset(held_back)
        hits = retriever.search(question.text, top_k=most)
        reprints = {
            hit.document.id
            for hit in hits
            if any(is_reprint(hit.document.text, documents[each].text) for each in held_back if each in documents)
        }
        if not reprints:
            return hits
        held_back |= reprints


def is_reprint(text: str, other: str) -> bool:
    """Whether the shorter of both shares a good part of its runs of 20 letters with the longer one."""
    few, many = sorted((_shingles(text), _shingles(other)), key=len)
    return bool(few) and len(few & many) >= _REPRINT * len(few)


def documents_of(opened: OpenSet) -> dict[str, Document]:
    """Every document of an index, by id."""
    stored = opened.store.documents(opened.snapshot.versions.tolist())
    return {document.id: document for document in stored.values()}


def _shingles(text: str) -> frozenset[str]:
    letters = fold_title(text)
    return frozenset(letters[start : start + _SHINGLE] for start in range(max(len(letters) - _SHINGLE + 1, 0)))


def _absent(name: str, sources: Sources) -> list[Question]:
    if name != "news":
        return []
    questions = read_questions(sources.shared / "data" / "news/unanswerable.jsonl")
    return [question for question in questions if question.for_checking]


def _told_apart(readers: Readers) -> Iterator[tuple[str, UnderTest]]:
    """Those that are measured here: what 8 bits change is seen in reading."""
    return ((name, under_test) for name, under_test in readers.items() if name != TRAINED_FP32)


def _by_chance(question: Question, hits: Sequence[Hit]) -> bool:
    return any(holds_answer(hit.passage.text, question.answers) for hit in hits)


def _reading(
    under_test: UnderTest, searching: HybridRetriever | GivenDocuments
) -> Callable[[_Searched, bool], list[Read]]:
    def read(asked: _Searched, answerable: bool) -> list[Read]:
        statistics = searching.statistics
        return [
            read_as(question, under_test.read(question.text, hits, statistics), answerable=answerable)
            for question, hits in asked
        ]

    return read


def _share_refused(contrast: Contrast, kind: str, threshold: float) -> float | None:
    own = [read for read, its in zip(contrast.gone, contrast.kinds, strict=True) if its == kind]
    return mean(not read.answered(threshold) for read in own)
