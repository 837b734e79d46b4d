"""Compares kinds of vector index by size: what they find of the truly nearest, in what time, with how much memory.

python -m evals.vector_scale [--sizes 10000 100000 300000 1000000] [--kinds KIND ...] [--hnsw-most 300000]
    [--out evals/results/vector-scale.json]

Real vectors first, as many as were ever embedded for a benchmark, then made ones (``made_vectors``); the questions are
real. Time is that of the searching thread on the processor, one search after the other, so that what else the machine
does matters little; it holds the reading of the candidates' true vectors.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from evals.index_figures import percentiles, recall
from evals.index_vectors import prepare_vectors
from evals.neighbour_figures import Vectors
from evals.run_record import own_command, run_record
from evals.vector_kinds import KINDS, Built
from evals.vector_scale_plot import kinds_svg
from retrieval.vectors.raw import FLOAT16, RawVectors

SIZES = (10_000, 100_000, 300_000, 1_000_000)
LIMITS = (10, 100)
CLIENTS = (1, 2, 8)
CACHES = (Path("data/benchmarks/retrieval/vectors.db"), Path("data/benchmarks/index/vectors.db"))
_QUERIES = "#queries"
_BLOCK = 50_000


def cached_vectors(path: Path, *, questions: bool) -> Vectors:
    """Every vector of passages, or of questions, in a cache of vectors; in the order of their keys."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as cache:
        models = [
            number
            for number, name in cache.execute("SELECT id, model_id FROM models")
            if name.endswith(_QUERIES) == questions
        ]
        marks = ",".join("?" * len(models))
        rows = cache.execute(f"SELECT vector FROM vectors WHERE model IN ({marks}) ORDER BY model, key", models)
        return np.stack([np.frombuffer(vector, dtype=np.float32) for (vector,) in rows])


def drawn(caches: Sequence[Path], *, questions: bool, seed: int = 5) -> Vectors:
    """The vectors of all caches that are there, each once, in a random order."""
    found = [cached_vectors(path, questions=questions) for path in caches if path.is_file()]
    every = np.unique(np.concatenate(found), axis=0)
    return np.random.default_rng(seed).permutation(every)


def exact(matrix: Vectors, questions: Vectors) -> Vectors:
    """The largest inner products, shape (questions, the larger limit), largest first."""
    places = np.zeros((len(questions), 0), dtype=np.int64)
    products = np.zeros((len(questions), 0), dtype=np.float32)
    for start in range(0, len(matrix), _BLOCK):
        block = questions @ matrix[start : start + _BLOCK].T
        products = np.concatenate([products, block], axis=1)
        places = np.concatenate(
            [places, np.tile(np.arange(start, start + block.shape[1]), (len(questions), 1))], axis=1
        )
        kept = np.argpartition(-products, LIMITS[-1] - 1, axis=1)[:, : LIMITS[-1]]
        products, places = np.take_along_axis(products, kept, axis=1), np.take_along_axis(places, kept, axis=1)
    # By the same sum as those of what is found: that of a matrix product rounds otherwise.
    products = np.stack([np.vecdot(matrix[own], question) for own, question in zip(places, questions, strict=True)])
    return -np.sort(-products, axis=1)


def measured(built: Built, matrix: Vectors, questions: Vectors, best: Vectors) -> list[dict[str, Any]]:
    """The figures of each setting: recall and milliseconds of processor time a search."""
    figures = []
    for setting, search in built.searches.items():
        found, milliseconds = [], []
        for question in questions:
            started = time.thread_time()
            found.append(search(question, LIMITS[-1]))
            milliseconds.append((time.thread_time() - started) * 1000)
        products = [np.vecdot(matrix[places], question) for places, question in zip(found, questions, strict=True)]
        recalls = {f"recall@{limit}": recall([own[:limit] for own in products], best[:, :limit]) for limit in LIMITS}
        figures.append({"setting": setting, **recalls, "cpu_ms": percentiles(milliseconds)})
    return figures


def searches_a_second(built: Built, questions: Vectors) -> dict[str, float]:
    """How many searches end in a second, by the number of clients that ask at the same time."""
    search = list(built.searches.values())[-1]
    rates = {}
    for clients in CLIENTS:
        with ThreadPoolExecutor(clients) as threads:
            started = time.perf_counter()
            done = list(threads.map(lambda question: search(question, LIMITS[-1]), questions))
            rates[str(clients)] = round(len(done) / (time.perf_counter() - started), 1)
    return rates


def compare(
    matrix: Vectors, questions: Vectors, kinds: Sequence[str], raw_path: Path, say: Callable[[str], None]
) -> Iterator[dict[str, Any]]:
    """The figures of each kind over these vectors, float32, shape (n, dim)."""
    with raw_path.open("wb") as file:
        for start in range(0, len(matrix), _BLOCK):
            file.write(matrix[start : start + _BLOCK].astype(FLOAT16).data)
    raw = RawVectors(raw_path, len(matrix), matrix.shape[1], mapped=False)
    best = exact(matrix, questions)
    for kind in kinds:
        built = KINDS[kind](matrix, raw)
        settings = measured(built, matrix, questions, best)
        figures = {
            "kind": kind,
            "bytes_a_vector": round(built.bytes_a_vector),
            "build_cpu_seconds": round(built.build_cpu_seconds, 1),
            "settings": settings,
            "searches_a_second_by_clients": searches_a_second(built, questions),
        }
        say(f"{len(matrix):,} {json.dumps(figures)}")
        yield figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--hnsw-most", type=int, default=SIZES[-2], help="a graph takes hours to build beyond")
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--work-dir", type=Path, help="keeps the made vectors for the next run")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    # FAISS's threads spin while they wait, which would count as work.
    faiss.omp_set_num_threads(1)
    real, questions = drawn(CACHES, questions=False), drawn(CACHES, questions=True)[: options.questions]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.work_dir or Path(temporary)
        vectors = prepare_vectors(real, max(options.sizes), folder)
        by_size = []
        for size in options.sizes:
            kinds = [kind for kind in options.kinds if size <= options.hnsw_most or not kind.startswith("hnsw")]
            figures = list(compare(vectors.matrix[:size], questions, kinds, folder / "raw.f16", print))
            by_size.append({"vectors": size, "real_vectors": min(size, vectors.real), "kinds": figures})
    result = {
        **run_record(own_command()),
        "load": f"{os.getloadavg()[0]:.1f} at the end",
        "data": "real vectors first, the rest by evals/made_vectors.py; real questions",
        "questions": len(questions),
        "sizes": by_size,
    }
    text = json.dumps(result, ensure_ascii=False, indent=2) + "\n"
    if options.out:
        options.out.write_text(text, encoding="utf-8")
        options.out.with_suffix(".svg").write_text(kinds_svg(by_size), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
