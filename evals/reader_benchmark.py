"""Prints and keeps how well the readers rank, read and refuse: the trained one beside the rules and fusion alone.

python -m evals.reader_benchmark [--parts reading ranking open refusal latency] [--sets NAME ...] [--questions N]
    [--resume] [--shared ../shared] [--made data/reader_training] [--out evals/results/reader.json]

Every set's figures are written as soon as they are there; --resume leaves out what this commit has measured already.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from embeddings.cache import VectorCache
from embeddings.factory import open_embedder
from evals.reader_latency import latency, whole_ask
from evals.reader_parts import OPEN_CORPUS, RANKED, Readers, Sizes, open_corpus, ranking, reading
from evals.reader_record import Record
from evals.reader_refusal import GIVEN, SEARCHED, Asked, given, over_all, searched, summed
from evals.reader_table import table
from evals.readers_under_test import TRAINED_FP32, readers
from evals.reading_sets import READING_SETS, Sources, available
from evals.reliability_plot import reliability_svg
from evals.retrieval_sets import RememberingEmbedder
from evals.run_record import own_command

PARTS = ("reading", "ranking", "open", "refusal", "latency")
ALL_SETS = "all sets"


class Run:
    """One run: its parts share readers, which remember what they have read."""

    def __init__(self, options: argparse.Namespace, record: Record, sources: Sources, under_test: Readers) -> None:
        self._options = options
        self._record = record
        self._sources = sources
        self._readers = under_test
        self._sizes = Sizes(options.questions, min(options.compared, options.questions), options.refused)
        self._started = time.monotonic()

    def reading(self) -> None:
        """EM and F1 with the document given."""
        for kind in READING_SETS:
            if not available(kind, self._sources):
                self._say(f"reading {kind.name}: left out, {kind.questions} has not been made")
                continue
            for name in self._wanted("reading", [kind.name]):
                self._keep("reading", name, reading(kind, self._sources, self._readers, self._sizes))

    def ranking(self) -> None:
        """Which of the passages that are read is the best."""
        for name in self._wanted("ranking", RANKED):
            self._keep("ranking", name, ranking(name, self._sources, self._readers, self._sizes))

    def open(self) -> None:
        """Whole answers over a whole corpus."""
        for _ in self._wanted("open", [OPEN_CORPUS]):
            found = {
                name: open_corpus(self._sources, under_test)
                for name, under_test in self._readers.items()
                if name != TRAINED_FP32
            }
            self._keep("open", OPEN_CORPUS, found)

    def refusal(self) -> None:
        """Whether the probability knows what is not there. All sets together only where all have been asked."""
        asked: dict[str, dict[str, Asked]] = {}
        names = [*SEARCHED, *GIVEN]
        for name in self._wanted("refusal", names, resumes=self._record.has("refusal", ALL_SETS)):
            ask = searched if name in SEARCHED else given
            by_reader = ask(name, self._sources, self._readers, self._sizes)
            if not by_reader:
                self._say(f"refusal {name}: left out, it has not been made")
                continue
            for reader, its in by_reader.items():
                asked.setdefault(reader, {})[name] = its
            thresholds = {reader: self._readers[reader].threshold for reader in by_reader}
            self._keep("refusal", name, {r: summed(its, thresholds[r]) for r, its in by_reader.items()})
        if asked and not self._options.sets:
            figures = {reader: over_all(by_set, self._readers[reader].threshold) for reader, by_set in asked.items()}
            self._keep("refusal", ALL_SETS, figures)
            plotted = {reader: figures[reader]["reliability"] for reader in figures}
            plot = self._options.out.with_name("reliability.svg")
            plot.write_text(reliability_svg(plotted), encoding="utf-8")

    def latency(self) -> None:
        """Time to read eight passages of 200 tokens, and one."""
        for name in self._wanted("latency", ["made passages"]):
            found = latency(self._readers, self._options.models, rounds=self._options.rounds)
            ask = whole_ask(self._options.out.with_name("ask.json"))
            self._keep("latency", name, found | {"ask_benchmark": ask, "threads": self._options.threads})

    def _wanted(self, part: str, names: Iterable[str], *, resumes: bool = True) -> Iterator[str]:
        for name in names:
            if self._options.sets and name not in self._options.sets:
                continue
            if resumes and self._options.resume and self._record.has(part, name):
                self._say(f"{part} {name}: measured already")
                continue
            self._say(f"{part} {name}")
            yield name

    def _keep(self, part: str, name: str, found: dict[str, Any]) -> None:
        self._record.keep(part, name, found)

    def _say(self, words: str) -> None:
        _say(f"{time.monotonic() - self._started:6.0f} s  {words}")


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def main() -> None:
    """Measure the parts, keep them, print everything that the file then holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = Sizes()
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--sets", nargs="+", help="of each part only these")
    parser.add_argument("--questions", type=int, default=usual.questions, help="of each set at most")
    parser.add_argument("--compared", type=int, default=usual.compared, help="of them in fp32 too, at most")
    parser.add_argument("--refused", type=int, default=usual.refused, help="of each set for refusal, at most")
    parser.add_argument("--rounds", type=int, default=20, help="of timing")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--made", type=Path, default=Path("data/reader_training"), help="folder of made questions")
    parser.add_argument("--work", type=Path, default=Path("data/benchmarks/retrieval"))
    parser.add_argument("--models", type=Path, default=Path("data/models"))
    parser.add_argument("--out", type=Path, default=Path("evals/results/reader.json"))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    model = open_embedder("bundled", "auto", options.models, threads=options.threads, progress=_say)
    embedder = RememberingEmbedder(model, VectorCache(options.work / "vectors.db"))
    record = Record(options.out, own_command())
    sources = Sources(options.shared, options.made, options.work, embedder)
    under_test = readers(options.models, embedder, options.work, threads=options.threads, say=_say)
    run = Run(options, record, sources, under_test)
    for part in options.parts:
        getattr(run, part)()
    print(table(record.figures))


if __name__ == "__main__":
    main()
