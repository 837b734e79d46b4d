"""Measures the product's search at one size: recall of the dense side, time, memory, beside the plain side's."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evals.index_building import build_index
from evals.index_figures import growth_exponent, percentiles, ratio, recall
from evals.index_sides import TOP_K, AskedQuestions, SideFolders, side
from evals.index_texts import DATABASE, ROWS, BenchmarkTexts
from evals.index_vectors import VECTORS, BenchmarkVectors
from evals.side_process import SideProcess
from retrieval.manifest import Fit
from retrieval.snapshot import current_folder

WARM_UP = 20
_TURN = 25
_BUILT = "built.json"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """What every size is measured with. ``code``: names the state of the product's code, to know old indexes by."""

    texts: BenchmarkTexts
    vectors: BenchmarkVectors
    questions: AskedQuestions
    folder: Path
    models: Path
    fit: Fit
    code: str
    say: Say


def measure_size(bench: Bench, size: int, *, timed: int, keep: bool) -> dict[str, Any]:
    """The figures of the first documents that hold at least ``size`` passages; ``timed`` questions are timed.

    ``keep``: an index that the same code has built of the same texts and vectors is taken over.
    """
    documents = bench.texts.documents_for(size)
    return measure_documents(bench, documents, f"{size}", timed=timed, keep=keep)


def measure_documents(bench: Bench, documents: int, name: str, *, timed: int, keep: bool) -> dict[str, Any]:
    """The figures of the first ``documents``."""
    passages = bench.texts.passages_of(documents)
    folder = bench.folder / "scale" / name
    build = _built(bench, documents, folder, keep=keep)
    folders = SideFolders(
        database=bench.folder / "texts" / DATABASE,
        snapshot=current_folder(folder),
        models=bench.models,
        fit=bench.fit,
        rows=bench.folder / "texts" / ROWS,
        postings=bench.folder / "postings",
        vectors=bench.folder / "vectors" / VECTORS,
        passages=passages,
    )
    with (
        SideProcess(side, "product", folders, bench.questions) as product,
        SideProcess(side, "plain", folders, bench.questions) as plain,
    ):
        times = _times(product, plain, len(bench.questions.texts), timed)
        figures = {
            "passages": passages,
            "documents": documents,
            "real_vectors": min(passages, bench.vectors.real),
            "build": build,
            "recall@10": _recall(product, plain, len(bench.questions.texts), bench.vectors.real),
            "lexical_top_10_shared_with_plain": _agreement(product, plain, timed),
            **times,
            "resident_mib": {
                "product": product.call("memory"),
                "product_with_embedding_model": product.call("memory_with_model"),
                "plain": plain.call("memory"),
            },
        }
    bench.say(f"{passages:,} passages: {json.dumps(figures['product'])}, plain {json.dumps(figures['plain'])}")
    return figures


def _built(bench: Bench, documents: int, folder: Path, *, keep: bool) -> dict[str, Any]:
    stamp = {"documents": documents, "real": bench.vectors.real, "fit": str(bench.fit), "code": bench.code}
    built = folder.parent / f"{folder.name}-{_BUILT}"
    if keep and built.is_file():
        said: dict[str, Any] = json.loads(built.read_text(encoding="utf-8"))
        if said["stamp"] == stamp:
            build: dict[str, Any] = said["build"]
            return build
    bench.say(f"building the index of {documents:,} documents")
    built.unlink(missing_ok=True)
    build = build_index(bench.texts, bench.vectors.matrix, documents, folder, bench.fit)
    built.write_text(json.dumps({"stamp": stamp, "build": build}) + "\n", encoding="utf-8")
    return build


def _times(product: SideProcess, plain: SideProcess, questions: int, timed: int) -> dict[str, Any]:
    """Both asked the same in turns, so that a busy minute slows both: whole retrievals, and each search alone."""
    order = np.random.default_rng(5).permutation(questions)
    warm, asked = order[:WARM_UP].tolist(), order[WARM_UP : WARM_UP + timed].tolist()
    for process in (product, plain):
        process.each("ask", warm)
        process.each("sides", warm[:2])
    whole: dict[str, list[tuple[float, float]]] = {"product": [], "plain": []}
    alone: dict[str, list[tuple[float, float]]] = {"product": [], "plain": []}
    for start in range(0, len(asked), _TURN):
        turn = asked[start : start + _TURN]
        for name, process in (("product", product), ("plain", plain)):
            whole[name] += process.each("ask", turn)
            alone[name] += process.each("sides", turn[: _TURN // 2])
    figures = {
        name: {
            "retrieval_ms": percentiles([searched for searched, _ in whole[name]]),
            "with_passages_loaded_ms": percentiles([loaded for _, loaded in whole[name]]),
            "dense_ms": percentiles([dense for dense, _ in alone[name]]),
            "lexical_ms": percentiles([lexical for _, lexical in alone[name]]),
        }
        for name in whole
    }
    return {
        "timed_questions": len(asked),
        **figures,
        "plain_over_product": {
            what: {at: ratio(figures["plain"][what][at], figures["product"][what][at]) for at in ("p50", "p95")}
            for what in ("retrieval_ms", "with_passages_loaded_ms")
        },
    }


def _recall(product: SideProcess, plain: SideProcess, questions: int, real: int) -> dict[str, Any]:
    numbers = list(range(questions))
    places, exact = plain.call("exact", numbers, TOP_K)
    found = product.each("dense_places", numbers)
    products = [plain.call("products", number, own) for number, own in zip(numbers, found, strict=True)]
    true_real = [set(own[own < real].tolist()) for own in places]
    held = [len(wanted & set(own.tolist())) for wanted, own in zip(true_real, found, strict=True)]
    return {
        "all": recall(products, exact),
        "questions": questions,
        "share_of_real_among_the_exact_10": round(float((places < real).mean()), 4),
        "of_these_found": round(sum(held) / max(1, sum(map(len, true_real))), 4),
    }


def _agreement(product: SideProcess, plain: SideProcess, questions: int) -> float:
    """How much of the best ten by words is the same: that both search for the same thing."""
    numbers = list(range(0, questions, 3))
    ours, theirs = product.each("lexical_places", numbers), plain.each("lexical_places", numbers)
    shares = [len(set(a.tolist()) & set(b.tolist())) / max(1, len(b)) for a, b in zip(ours, theirs, strict=True)]
    return round(sum(shares) / len(shares), 3)


def growth(by_size: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """By which power of the passages time and memory grow over all sizes; {} for fewer than two."""
    if len(by_size) < 2:
        return {}
    sizes = [figures["passages"] for figures in by_size]
    exponents: dict[str, Any] = {
        name: {
            at: growth_exponent(sizes, [figures[name]["retrieval_ms"][at] for figures in by_size])
            for at in ("p50", "p95")
        }
        for name in ("product", "plain")
    }
    exponents["product_resident_memory"] = growth_exponent(
        sizes, [figures["resident_mib"]["product"]["all"] for figures in by_size]
    )
    exponents["product_build_seconds"] = growth_exponent(
        sizes, [figures["build"]["seconds_in_all"] for figures in by_size]
    )
    return exponents
