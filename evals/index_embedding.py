"""Embeds the first passages of the index benchmark into a cache of their own, as the real part of its vectors.

python -m evals.index_embedding [--shared ../shared] [--most 40000] [--threads 1] [--minutes M]

Runs at the lowest priority and may be killed at any time: it goes on where it was. Vectors that the retrieval benchmark
has made are taken over.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from embeddings.cache import VectorCache, text_key
from embeddings.embedder import Embedder, Vectors
from embeddings.factory import open_embedder
from evals.index_corpora import benchmark_documents, passage_text, questions

# Stored together: what a kill can lose.
_BATCH = 128
_CHUNK = 2048
QUESTIONS_A_SET = 200


def passage_texts(shared: Path) -> Iterator[str]:
    """What is embedded of each passage, in the order of the benchmark."""
    for prepared in benchmark_documents(shared):
        for passage in prepared.passages:
            yield passage_text(prepared.document, passage)


class _Progress:
    def __init__(self, total: int) -> None:
        self._total = total
        self._started = time.monotonic()
        self.embedded = 0

    def show(self, done: int) -> None:
        rate = self.embedded / max(1e-9, time.monotonic() - self._started)
        left = (self._total - done) / rate / 60 if rate else 0.0
        print(f"{done}/{self._total} have a vector, {rate:.1f} a second, {left:.0f} min left", file=sys.stderr)


def embed(shared: Path, embedder: Embedder, cache: VectorCache, known: VectorCache, most: int, until: float) -> None:
    """Embed what has no vector yet, until ``until`` (monotonic seconds)."""
    progress = _Progress(most)
    texts, done = islice(passage_texts(shared), most), 0
    while chunk := list(islice(texts, _CHUNK)):
        by_key = {text_key(text): text for text in chunk}
        missing = [key for key in by_key if key not in cache.lookup(embedder.model_id, list(by_key))]
        taken = known.lookup(embedder.model_id, missing)
        _take_over(cache, embedder.model_id, taken)
        missing = [key for key in missing if key not in taken]
        for start in range(0, len(missing), _BATCH):
            if time.monotonic() > until:
                return
            keys = missing[start : start + _BATCH]
            cache.store(embedder.model_id, keys, embedder.encode_documents([by_key[key] for key in keys]))
            progress.embedded += len(keys)
        done += len(chunk)
        progress.show(done)


def embed_questions(shared: Path, embedder: Embedder, cache: VectorCache, known: VectorCache) -> None:
    """The questions of the benchmark into the cache, under a name of their own."""
    model_id = query_model(embedder.model_id)
    by_key = {text_key(asked.text): asked.text for asked in questions(shared, QUESTIONS_A_SET)}
    _take_over(cache, model_id, known.lookup(model_id, list(by_key)))
    have = cache.lookup(model_id, list(by_key))
    missing = [key for key in by_key if key not in have]
    if missing:
        cache.store(model_id, missing, embedder.encode_queries([by_key[key] for key in missing]))


def _take_over(cache: VectorCache, model_id: str, taken: dict[bytes, Vectors]) -> None:
    if taken:
        cache.store(model_id, list(taken), np.stack(list(taken.values())))


def query_model(model_id: str) -> str:
    """Under what name vectors of questions are kept."""
    return f"{model_id}#queries"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--models", type=Path, default=Path("data/models"))
    parser.add_argument("--known", type=Path, default=Path("data/benchmarks/retrieval/vectors.db"))
    parser.add_argument("--out", type=Path, default=Path("data/benchmarks/index/vectors.db"))
    parser.add_argument("--most", type=int, default=40_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--nice", type=int, default=19)
    options = parser.parse_args()
    os.nice(options.nice)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    embedder = open_embedder("bundled", "auto", options.models, threads=options.threads)
    cache, known = VectorCache(options.out), VectorCache(options.known)
    embed_questions(options.shared, embedder, cache, known)
    embed(options.shared, embedder, cache, known, options.most, time.monotonic() + options.minutes * 60)


if __name__ == "__main__":
    main()
