"""Measures ranking and answers while only some of the passages are embedded, and writes the figures as JSON.

python -m evals.partial_vectors [--shared ../shared] [--out evals/results/partial_vectors.json]
Which documents are embedded is drawn once, so that a larger share holds the smaller ones.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.cache import VectorCache
from embeddings.factory import open_embedder
from embeddings.threads import usable_cores
from evals.reader_parts import OPEN_CORPUS, open_corpus, open_set
from evals.readers_under_test import TRAINED, UnderTest, readers
from evals.reading_sets import Sources
from evals.retrieval_benchmark import DEPTH, figures, reciprocal_rank
from evals.retrieval_sets import OpenSet, RememberingEmbedder
from evals.run_record import own_command, run_record
from retrieval.fusion import FusionRule
from retrieval.retriever import HybridRetriever
from retrieval.vectors import PartedVectorIndex

SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)
# Reading takes longer than ranking.
ANSWERED_SHARES = (0.0, 0.5, 1.0)
SETS = ("news", "news_needing_context", "xquad_zh", "xquad_en")
# Of the standardised lexical score, in the place of a dense one that is not there; 0.7 is FusionRule's.
GUESSES = (0.0, 0.5, 0.7, 1.0)
_SEED = 7


def embed_share(opened: OpenSet, share: float, *, rule: FusionRule | None = None) -> None:
    """Let the open index be one in which only this share of the documents has vectors."""
    snapshot = opened.snapshot
    documents = list(snapshot.document_ids)
    random.Random(_SEED).shuffle(documents)
    hidden = snapshot.rows_of(documents[round(share * len(documents)) :])
    dead = np.array(sorted(hidden), dtype=np.int64)
    snapshot.vectors = PartedVectorIndex(snapshot.vectors.parts, dead, snapshot.vectors.dim)
    opened.retriever = HybridRetriever(snapshot, opened.store, opened.embedder, opened.terms, rule=rule)


def ranks(opened: OpenSet, *, checking: bool) -> list[float]:
    """Reciprocal ranks of the questions of one half."""
    found = []
    for question in opened.questions:
        if question.for_checking == checking:
            hits = opened.retriever.search(question.text, top_k=DEPTH)
            found.append(reciprocal_rank([hit.document.id for hit in hits], question.contexts))
    return found


def ranking(name: str, sources: Sources) -> dict[str, Any]:
    """Of one set by share: the checking half, and what other guesses would give on the training half."""
    opened = open_set(name, sources)
    whole = opened.snapshot.vectors
    by_share = {}
    for share in SHARES:
        opened.snapshot.vectors = whole
        embed_share(opened, share)
        found: dict[str, Any] = {"checking": figures(ranks(opened, checking=True))}
        if 0 < share < 1:
            found["training_hit@1_by_guess"] = {}
            for guess in GUESSES:
                embed_share(opened, share, rule=replace(FusionRule(), unembedded=guess))
                found["training_hit@1_by_guess"][guess] = figures(ranks(opened, checking=False))["hit@1"]
        by_share[f"{share:g}"] = found
    opened.close()
    return by_share


def answers(sources: Sources, under_test: UnderTest) -> dict[str, Any]:
    """The figures of `yiju eval` on news by share."""
    return {
        f"{share:g}": open_corpus(sources, under_test, change=partial(embed_share, share=share))
        for share in ANSWERED_SHARES
    }


def table(results: dict[str, Any]) -> str:
    lines = [f"{'embedded':22}" + "".join(f"{share:>8.0%}" for share in SHARES)]
    for name, by_share in results["ranking"].items():
        cells = "".join(f"{by_share[f'{share:g}']['checking']['hit@1']:>8.3f}" for share in SHARES)
        lines.append(f"{name:22}{cells}")
    lines.append(f"{'answers of news':22}" + "".join(f"{share:>8.0%}" for share in ANSWERED_SHARES))
    for figure in ("answer_accuracy", "refusal_precision", "refusal_recall"):
        shown = [by_share.get(figure) for by_share in results["answers"].values()]
        lines.append(
            f"{figure:22}" + "".join(f"{value:>8.3f}" if value is not None else f"{'-':>8}" for value in shown)
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--work-dir", type=Path, default=Path("data/benchmarks/retrieval"))
    parser.add_argument("--models-dir", type=Path, default=Path("data/models"))
    parser.add_argument("--out", type=Path, default=Path("evals/results/partial_vectors.json"))
    options = parser.parse_args(arguments)
    options.work_dir.mkdir(parents=True, exist_ok=True)
    threads = usable_cores()
    model = open_embedder("bundled", "auto", options.models_dir, threads=threads)
    embedder = RememberingEmbedder(model, VectorCache(options.work_dir / "vectors.db"))
    sources = Sources(options.shared, options.work_dir, options.work_dir, embedder)
    say = partial(print, file=sys.stderr, flush=True)
    results: dict[str, Any] = {"ranking": {}}
    for name in SETS:
        say(name)
        results["ranking"][name] = ranking(name, sources)
    under_test = readers(options.models_dir, embedder, options.work_dir, threads=threads, say=say)[TRAINED]
    say(f"answers: {OPEN_CORPUS}")
    results["answers"] = answers(sources, under_test)
    print(table(results))
    report = run_record(own_command()) | {"model": model.model_id, "results": results}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
