"""Prints hit@1, hit@5 and mrr@10 of dense alone, lexical alone and both fused, on every set, and writes them as JSON.

python -m evals.retrieval_benchmark [--shared ../shared] [--sets NAME ...] [--out evals/results/retrieval.json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embeddings.cache import VectorCache
from embeddings.factory import open_embedder
from embeddings.threads import usable_cores
from evals.datasets import Question
from evals.retrieval_sets import SETS, OpenSet, RememberingEmbedder
from evals.run_record import own_command, run_record
from retrieval.fusion import FusionRule

DEPTH = 10
SIDES = ("dense", "lexical", "fused")


def rankings(opened: OpenSet, question: Question) -> dict[str, list[str]]:
    """The documents of the best passages by each side."""
    vector = opened.embedder.encode_queries([question.text])[0]
    query = opened.snapshot.lexical.prepare(opened.terms.question_groups(question.text))
    return {
        "dense": opened.documents_of(list(opened.snapshot.vectors.search(vector, DEPTH))),
        "lexical": opened.documents_of(list(opened.snapshot.lexical.search(query, DEPTH))),
        "fused": [hit.document.id for hit in opened.retriever.search(question.text, top_k=DEPTH)],
    }


def reciprocal_rank(ranking: Sequence[str], right: Sequence[str]) -> float:
    return next((1 / place for place, document in enumerate(ranking, start=1) if document in right), 0.0)


def figures(ranks: Sequence[float]) -> dict[str, float]:
    """From reciprocal ranks."""
    count = len(ranks)
    return {
        "hit@1": round(sum(rank == 1 for rank in ranks) / count, 4),
        "hit@5": round(sum(rank >= 0.2 for rank in ranks) / count, 4),
        "mrr@10": round(sum(ranks) / count, 4),
    }


def measure(opened: OpenSet) -> dict[str, Any]:
    ranks: dict[str, list[float]] = {side: [] for side in SIDES}
    milliseconds = []
    for question in opened.questions:
        started = time.perf_counter()
        opened.retriever.search(question.text, top_k=DEPTH)
        milliseconds.append((time.perf_counter() - started) * 1000)
        for side, ranking in rankings(opened, question).items():
            ranks[side].append(reciprocal_rank(ranking, question.contexts))
    checking = [question.for_checking for question in opened.questions]
    sides = {
        side: figures(values)
        | {"checking_hit@1": figures([rank for rank, keep in zip(values, checking, strict=True) if keep])["hit@1"]}
        for side, values in ranks.items()
    }
    better = max(sides["dense"]["hit@1"], sides["lexical"]["hit@1"])
    return {
        "questions": len(opened.questions),
        "passages": opened.snapshot.manifest.passages,
        **sides,
        "margin": round(sides["fused"]["hit@1"] - better, 4),
        "search_ms_without_embedding": {
            "p50": round(statistics.median(milliseconds), 2),
            "p95": round(statistics.quantiles(milliseconds, n=20)[-1], 2),
        },
    }


def table(results: dict[str, Any]) -> str:
    lines = [f"{'set':22}{'n':>6}  " + "".join(f"{side:>26}" for side in SIDES) + f"{'margin':>9}"]
    lines.append(f"{'':30}" + "   hit@1  hit@5 mrr@10    " * len(SIDES))
    for name, result in results.items():
        cells = "".join(
            f"{result[side]['hit@1']:>8.3f} {result[side]['hit@5']:>6.3f} {result[side]['mrr@10']:>6.3f}    "
            for side in SIDES
        )
        lines.append(f"{name:22}{result['questions']:>6}  {cells}{result['margin']:>+8.3f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--work-dir", type=Path, default=Path("data/benchmarks/retrieval"))
    parser.add_argument("--models-dir", type=Path, default=Path("data/models"))
    parser.add_argument("--model", default="bundled")
    parser.add_argument("--sets", nargs="+", choices=[kind.name for kind in SETS])
    parser.add_argument("--out", type=Path, default=Path("evals/results/retrieval.json"))
    options = parser.parse_args()
    options.work_dir.mkdir(parents=True, exist_ok=True)
    model = open_embedder(options.model, "auto", options.models_dir, threads=usable_cores())
    embedder = RememberingEmbedder(model, VectorCache(options.work_dir / "vectors.db"))
    results = {}
    for kind in SETS:
        if options.sets is None or kind.name in options.sets:
            opened = OpenSet(kind, options.shared, options.work_dir, embedder)
            results[kind.name] = measure(opened) | {
                "data": [kind.documents, kind.questions],
                "training_half_fitted_the_rule": kind.fitted,
            }
            opened.close()
            print(kind.name, "margin", results[kind.name]["margin"], file=sys.stderr)
    print(table(results))
    rule = FusionRule()
    report = run_record(own_command()) | {
        "model": model.model_id,
        "rule": {name: getattr(rule, name) for name in rule.__slots__},
        "results": results,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
