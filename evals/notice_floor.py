"""From which probability on somebody should be told of an answer they wait for: right messages against false alarms.

python -m evals.notice_floor [--shared ../shared] [--questions 150] [--out evals/results/notice_floor.json]
A question waits where its document, with its reprints, is not there yet, and is asked again once it is. Questions that
no document answers (near misses, and such of the sets) wait while half of the documents are there, and are asked again
once all are. Only those count that were refused the first time.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from embeddings.cache import VectorCache
from embeddings.factory import open_embedder
from embeddings.threads import usable_cores
from evals.datasets import Question, read_questions
from evals.fit_confidence import Without
from evals.near_misses import near_misses
from evals.reader_parts import checked, open_set
from evals.reader_refusal import documents_of, hits_without
from evals.readers_under_test import TRAINED, UnderTest, readers
from evals.reading_figures import Read, read_as
from evals.reading_sets import Sources
from evals.retrieval_sets import RememberingEmbedder
from evals.run_record import own_command, run_record
from retrieval.hits import Hit
from retrieval.retriever import HybridRetriever

SETS = ("news", "xquad_zh", "drcd_dev", "cmrc2018_trial")
FLOORS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_SEED = 7


def waited_for(name: str, sources: Sources, under_test: UnderTest, most: int) -> tuple[list[Read], list[Read]]:
    """Of one set what those who waited find at last: where the answer came, and where none ever comes."""
    opened = open_set(name, sources)
    documents, questions, passages = documents_of(opened), checked(opened), under_test.passages
    half = Without(opened.store)
    half.held_back = frozenset(random.Random(_SEED).sample(sorted(documents), len(documents) // 2))
    of_half = HybridRetriever(opened.snapshot, half, opened.embedder, opened.terms)
    without = [near.question for near in near_misses(questions, documents)[:most]]
    if name == "news":
        unanswerable = read_questions(sources.shared / "data" / "news/unanswerable.jsonl")
        without += [question for question in unanswerable if question.for_checking][:most]
    sources.embedder.remember([question.text for question in without])

    def read(question: Question, hits: Sequence[Hit], *, answerable: bool) -> Read:
        found = under_test.read(question.text, hits, opened.retriever.statistics)
        return read_as(question, found, answerable=answerable)

    def waits(question: Question, hits: Sequence[Hit]) -> bool:
        return not read(question, hits, answerable=False).answered(under_test.threshold)

    def at_last(question: Question, *, answerable: bool) -> Read:
        return read(question, opened.retriever.search(question.text, top_k=passages), answerable=answerable)

    told = [
        at_last(question, answerable=True)
        for question in questions[:most]
        if waits(question, hits_without(opened, question, documents, passages))
    ]
    alarmed = [
        at_last(question, answerable=False)
        for question in without
        if waits(question, of_half.search(question.text, top_k=passages))
    ]
    opened.close()
    return told, alarmed


def at_floor(told: Sequence[Read], alarmed: Sequence[Read], floor: float) -> dict[str, float]:
    """Shares of those who wait: told rightly and told wrongly where the answer came, told where none did."""
    sent = [read for read in told if read.answered(floor)]
    right = sum(read.right or read.supported for read in sent)
    return {
        "told_rightly": round(right / len(told), 4),
        "told_wrongly": round((len(sent) - right) / len(told), 4),
        "false_alarms": round(sum(read.answered(floor) for read in alarmed) / len(alarmed), 4),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--work-dir", type=Path, default=Path("data/benchmarks/retrieval"))
    parser.add_argument("--models-dir", type=Path, default=Path("data/models"))
    parser.add_argument("--questions", type=int, default=150, help="of each set and kind at most")
    parser.add_argument("--out", type=Path, default=Path("evals/results/notice_floor.json"))
    options = parser.parse_args(arguments)
    options.work_dir.mkdir(parents=True, exist_ok=True)
    threads = usable_cores()
    model = open_embedder("bundled", "auto", options.models_dir, threads=threads)
    embedder = RememberingEmbedder(model, VectorCache(options.work_dir / "vectors.db"))
    sources = Sources(options.shared, options.work_dir, options.work_dir, embedder)
    say = partial(print, file=sys.stderr, flush=True)
    under_test = readers(options.models_dir, embedder, options.work_dir, threads=threads, say=say)[TRAINED]
    told: list[Read] = []
    alarmed: list[Read] = []
    for name in SETS:
        more_told, more_alarmed = waited_for(name, sources, under_test, options.questions)
        say(f"{name}: {len(more_told)} answers came, {len(more_alarmed)} never")
        told += more_told
        alarmed += more_alarmed
    results: dict[str, Any] = {
        "threshold": under_test.threshold,
        "waiting": {"answer_came": len(told), "never": len(alarmed)},
        "by_floor": {f"{floor:g}": at_floor(told, alarmed, max(floor, under_test.threshold)) for floor in FLOORS},
    }
    print(f"{'floor':8}{'rightly':>10}{'wrongly':>10}{'alarms':>10}")
    for floor, shares in results["by_floor"].items():
        print(f"{floor:8}" + "".join(f"{share:>10.3f}" for share in shares.values()))
    report = run_record(own_command()) | {"model": model.model_id, "results": results}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
