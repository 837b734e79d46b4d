"""Prints p50 and p95 of a whole question and of its stages, warm, over an index made for the run, by each reader.

One pass of each reader over eight passages of 200 tokens stands beside, as machines differ: the ratio to it counts.

python -m evals.ask_benchmark --corpus DIR --questions FILE.jsonl [--rounds 5] [--out evals/results/ask.json]
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot import app, app_index
from bot.indexing_jobs import ReindexOptions
from bot.passage_view import PassageFinder
from bot.service import QAService
from bot.settings import Settings, load_settings
from corpus.visibility import Clearance
from embeddings.embedder import Embedder, Vectors
from evals.datasets import read_lines
from evals.reader_latency import PASSAGES, passages, timed_reading
from evals.run_record import run_record
from retrieval.hits import Hit, Reader, Reading, TermStatistics
from retrieval.indexing import fit_for
from retrieval.live import LiveIndex
from retrieval.searching import LiveSearch, SearchSession
from retrieval.snapshot_embedders import SnapshotEmbedders
from retrieval.trained_reader.reader import TrainedReader

READERS = ("bundled", "rules")
ONE_PASS = "one pass over 8 passages of 200 tokens"


class Clock:
    """Milliseconds by stage, one value a question and stage."""

    def __init__(self) -> None:
        self.stages: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.stages[name].append((time.perf_counter() - started) * 1000)


class TimedEmbedder:
    """An embedder that notes how long a question takes."""

    def __init__(self, embedder: Embedder, clock: Clock) -> None:
        self._embedder = embedder
        self._clock = clock
        self.dim, self.model_id = embedder.dim, embedder.model_id

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        with self._clock.stage("embed the question"):
            return self._embedder.encode_queries(texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.encode_documents(texts)


class TimedReader:
    """A reader that notes how long it reads."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock

    def read(self, question: str, hits: Sequence[Hit], statistics: TermStatistics) -> list[Reading]:
        with self._clock.stage("read"):
            return self._reader.read(question, hits, statistics)


class TimedSearch:
    """A search that notes how long finding and loading passages takes, the question's embedding included."""

    def __init__(self, search: LiveSearch, clock: Clock) -> None:
        self._search = search
        self._clock = clock

    @contextmanager
    def session(self, clearance: Clearance) -> Iterator[TimedSession]:
        with self._search.session(clearance) as session:
            yield TimedSession(session, self._clock)


class TimedSession:
    """A session of ``TimedSearch``."""

    def __init__(self, session: SearchSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self.snapshot_id, self.embedded, self.statistics = session.snapshot_id, session.embedded, session.statistics

    def search(self, question: str, *, top_k: int) -> list[Hit]:
        with self._clock.stage("search"):
            return self._session.search(question, top_k=top_k)


def measure(corpus: Path, questions: Sequence[str], models: Path, rounds: int) -> dict[str, Any]:
    """Index the corpus in a folder of its own and ask every question ``rounds`` times of each reader."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        places = {"YIJU_DATA_DIR": folder, "YIJU_MODELS_DIR": str(models), "YIJU_CORPUS_DIR": str(corpus)}
        settings = load_settings(places)
        app_index.build_index(settings, None, ReindexOptions(), say=print, progress=lambda _: None)
        with app.open_stores(settings) as stores:
            model = app.prepare_model(settings, say=print)
            for name in READERS:
                own = load_settings({**places, "YIJU_READER__MODEL": name})
                if asked := _asked(own, stores, model, questions, rounds):
                    found[name] = asked
    return found


def _asked(
    settings: Settings, stores: app.Stores, model: Embedder, questions: Sequence[str], rounds: int
) -> dict[str, Any]:
    """The figures of the reader that the settings name; none where the rules read in its place."""
    clock = Clock()
    embedder = TimedEmbedder(model, clock)
    live = LiveIndex(settings.index_dir, fit_for(embedder))
    search = LiveSearch(live, stores.documents, SnapshotEmbedders(embedder), app.read_terms(settings))
    reader, policy = app.open_reader(settings, embedder, say=print)
    if settings.reader.model == "bundled" and not isinstance(reader, TrainedReader):
        live.close()
        return {}
    service = QAService(
        search=TimedSearch(search, clock),
        reader=TimedReader(reader, clock),
        passages=PassageFinder(stores.documents, search.live_versions),
        state=stores.state,
        policy=policy,
    )
    for question in questions:
        service.ask(question, owner="warm-up")
    clock.stages.clear()
    for _ in range(rounds):
        for question in questions:
            with clock.stage("whole ask"):
                service.ask(question, owner="benchmark")
    stages = {name: figures(values) for name, values in clock.stages.items()}
    live.close()
    one_pass = figures(timed_reading(reader, passages(settings.models_dir, PASSAGES), rounds=20))
    ratio = round(stages["whole ask"]["p50_ms"] / one_pass["p50_ms"], 3)
    return {**stages, ONE_PASS: one_pass, "ratio": ratio}


def figures(milliseconds: Sequence[float]) -> dict[str, float]:
    return {
        "p50_ms": round(statistics.median(milliseconds), 1),
        "p95_ms": round(statistics.quantiles(milliseconds, n=20)[-1], 1),
        "count": len(milliseconds),
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=Path("data/models"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("evals/results/ask.json"))
    options = parser.parse_args()
    questions = [line["question"] for line in read_lines(options.questions) if "question" in line]
    measured = measure(options.corpus, questions, options.models, options.rounds)
    for reader, stages in measured.items():
        for name, values in stages.items():
            if name != "ratio":
                times = f"p50 {values['p50_ms']:8.1f} ms   p95 {values['p95_ms']:8.1f} ms   n {values['count']}"
                print(f"{reader:10}{name:40}{times}")
        print(f"{reader:10}{'whole ask over one pass, p50':40}{stages['ratio']:.3f}")
    command = f"python -m evals.ask_benchmark --corpus {options.corpus} --questions {options.questions}"
    # Linux counts in KiB. The index was built in this process too, so serving alone needs less.
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(f"peak memory {peak} MiB")
    report = {"run": run_record(command), "questions": len(questions), "peak_rss_mib": peak, "readers": measured}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
