"""Fits the trained reader's table (ranking, probability, threshold, early stop) on documents its network never saw.

Each question of the development documents is read with its document in the corpus, with it taken away, and with one of
its parts swapped; and questions that their set calls unanswerable are read as they are. What was read is kept, so that
a second fit needs no model.

python -m evals.fit_reader [--shared ../shared] [--questions 150] [--again] [--write]
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.evaluation.folding import fold, occurs
from bot.evaluation.judging import longest_common_run
from corpus.documents import Document
from embeddings.cache import VectorCache
from embeddings.factory import open_embedder
from evals.datasets import Question, read_lines, read_questions
from evals.fit_confidence import Without, supports
from evals.near_misses import near_misses
from evals.reader_fit_table import fitted_table
from evals.reader_fitting import IMPOSSIBLE, NEAR, WITH, WITHOUT, ReadHit, Sample
from evals.retrieval_sets import SETS, OpenSet, RememberingEmbedder, RetrievalSet
from evals.run_record import run_record
from retrieval.hits import Hit
from retrieval.reading.confidence import Calibration
from retrieval.reading.meaning import sentence_similarity
from retrieval.reading.rule_reader import Examined, RuleReader
from retrieval.reading.wordings import wordings
from retrieval.retriever import HybridRetriever
from retrieval.terms import Terms
from retrieval.trained_reader.calibration import ReaderCalibration
from retrieval.trained_reader.factory import open_trained_reader
from retrieval.trained_reader.features import AMONG_OTHERS
from retrieval.trained_reader.reader import TrainedReader

FITTED = ("news", "news_needing_context", "xquad_zh", "xquad_en", "drcd_dev", "cmrc2018_trial", "dureader_checklist")
UNANSWERABLE = {"news": "news/unanswerable.jsonl"}
_DUREADER = "reading/dureader_checklist/"
_ALL_SETS = (
    *SETS,
    RetrievalSet("dureader_checklist", f"{_DUREADER}documents.jsonl", f"{_DUREADER}questions.jsonl", fitted=True),
)
TABLE = Path("retrieval/trained_reader/calibration.json")
RESULT = Path("evals/results/reader_fit.json")
_ENOUGH_F1 = 0.6
_SEED = 1


def gather(options: argparse.Namespace) -> Iterator[Sample]:
    """Read everything once."""
    options.work.mkdir(parents=True, exist_ok=True)
    cache = VectorCache(options.work / "vectors.db")
    embedder = RememberingEmbedder(open_embedder("bundled", "auto", options.models, progress=print), cache)
    rules = RuleReader(
        similarity=sentence_similarity(embedder), variants=wordings(Terms.shipped()), calibration=Calibration.load()
    )
    shipped = ReaderCalibration.load()
    # All passages are read for a fit, in one batch: what would have been left out is worked out afterwards.
    everything = ReaderCalibration(shipped.native, shipped.foreign, 0.5, 2.0, (options.passages,))
    reader = open_trained_reader(options.models, rules, calibration=everything, progress=print)
    for kind in _ALL_SETS:
        if kind.name in FITTED:
            opened = OpenSet(kind, options.shared, options.work, embedder)
            questions = [question for question in opened.questions if question.for_development]
            random.Random(_SEED).shuffle(questions)
            questions = questions[: options.questions]
            if kind.name in UNANSWERABLE:
                others = read_questions(options.shared / "data" / UNANSWERABLE[kind.name])
                questions += [question for question in others if question.for_development]
            started, count = time.perf_counter(), 0
            documents = _documents(options.shared / "data" / kind.documents)
            for sample in samples(opened, questions, documents, reader, options.passages):
                count += 1
                yield sample
            spent = time.perf_counter() - started
            print(f"{kind.name}: {len(questions)} questions, {count} readings, {spent:.0f} s", flush=True)
            opened.close()


def samples(
    opened: OpenSet,
    questions: Sequence[Question],
    documents: Mapping[str, Document],
    reader: TrainedReader,
    passages: int,
) -> Iterator[Sample]:
    """Every question with its documents, without them, and with a part swapped."""
    store = Without(opened.store)
    retriever = HybridRetriever(opened.snapshot, store, opened.embedder, opened.terms)
    swapped = near_misses([question for question in questions if question.answers], documents)
    runs = [(question, WITH if question.answers else IMPOSSIBLE) for question in questions]
    runs += [(question, WITHOUT) for question in questions if question.answers]
    runs += [(near.question, NEAR) for near in swapped]
    for question, kind in runs:
        store.held_back = frozenset(question.contexts) if kind == WITHOUT else frozenset()
        hits = retriever.search(question.text, top_k=passages)
        examined = reader.examine(question.text, hits, retriever.statistics)
        if examined:
            yield _sample(opened.name, kind, question, hits, examined)


def _documents(path: Path) -> dict[str, Document]:
    """What swapped parts of questions are looked up in."""
    made = (
        Document(line["id"], line.get("title") or "", line["text"], None, None, None, "") for line in read_lines(path)
    )
    return {document.id: document for document in made}


def _sample(name: str, kind: str, question: Question, hits: Sequence[Hit], examined: Sequence[Examined]) -> Sample:
    read = {each.reading.hit.rank: each for each in examined}
    ordered = [read[hit.rank] for hit in hits if hit.rank in read]
    foreign = "place" not in ordered[0].values
    group = question.contexts[0] if question.contexts else question.id
    return Sample(name, foreign, kind, group, tuple(_read_hit(question, each) for each in ordered))


def _read_hit(question: Question, each: Examined) -> ReadHit:
    reading = each.reading
    text = reading.hit.document.text
    words = tuple(text[span.start : span.end] for span in reading.answer_spans)
    return ReadHit(
        values={name: value for name, value in each.values.items() if name not in AMONG_OTHERS},
        document=reading.hit.document.id,
        words=words,
        own=reading.hit.document.id in question.contexts,
        right=is_right(words, question.answers),
        supported=supports(reading, question.answers),
    )


def is_right(words: Sequence[str], answers: Sequence[str]) -> bool:
    """Whether the words hold an answer and not much else, or are nearly one with the same numbers."""
    given = fold("、".join(words))
    for answer in map(fold, answers):
        if occurs(answer, given) and len(given) <= 3 * len(answer) + 8:
            return True
        numbers = "".join(c for c in answer if c.isdigit()), "".join(c for c in given if c.isdigit())
        shared = longest_common_run(answer, given)
        if shared and numbers[0] == numbers[1] and 2 * shared >= _ENOUGH_F1 * (len(answer) + len(given)):
            return True
    return False


def kept(path: Path) -> list[Sample]:
    """What was gathered before."""
    return [Sample.of_json(line) for line in read_lines(path)]


def main() -> None:
    """Gather where that was not done, fit, print; with --write also keep the table and the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--work", type=Path, default=Path("data/benchmarks/retrieval"))
    parser.add_argument("--models", type=Path, default=Path("data/models"))
    parser.add_argument("--read", type=Path, default=Path("data/reader_training/readings.jsonl"))
    parser.add_argument("--questions", type=int, default=150, help="of each set, at most")
    parser.add_argument("--passages", type=int, default=8, help="read for each question")
    parser.add_argument("--again", action="store_true", help="read anew: the network, the rules or the words changed")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.again or not options.read.exists():
        options.read.parent.mkdir(parents=True, exist_ok=True)
        part = options.read.with_suffix(".part")
        with part.open("w", encoding="utf-8") as out:
            for sample in gather(options):
                out.write(json.dumps(sample.as_json(), ensure_ascii=False) + "\n")
        part.replace(options.read)
    table, figures = fitted_table(kept(options.read))
    result: dict[str, Any] = {"run": run_record("python -m evals.fit_reader --write"), **figures}
    print(json.dumps({**result, "table": table.as_json()}, ensure_ascii=False, indent=1))
    if options.write:
        TABLE.write_text(json.dumps(table.as_json(), indent=2) + "\n", encoding="utf-8")
        RESULT.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
