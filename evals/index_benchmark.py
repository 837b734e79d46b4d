"""How the index does at up to a million passages: search by size, a large corpus from nothing, edits in it.

python -m evals.index_benchmark [--parts scale likeness nothing changes] [--sizes 10000 100000 300000 1000000]
    [--resume] [--shared ../shared] [--out evals/results/index-scale.json]

Each part's figures are kept in the work folder as soon as they are there, and the result is put together of all that
are: with --resume, what is there is not measured again. What no part measures but all need (texts in a store, vectors,
postings) is made once. ``python -m evals.index_embedding`` makes the real vectors.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from corpus.chunking import CHUNKING
from embeddings.cache import VectorCache, text_key
from embeddings.factory import open_embedder
from evals.bm25_numpy import Postings, postings_of
from evals.index_changes import measure_changes
from evals.index_corpora import CORPORA, STRIDE_CHARS, WINDOW_CHARS, questions
from evals.index_embedding import QUESTIONS_A_SET, query_model
from evals.index_from_nothing import measure_from_nothing
from evals.index_likeness import likeness
from evals.index_scale import Bench, growth, measure_documents, measure_size
from evals.index_scale_plot import scale_svg
from evals.index_sides import AskedQuestions
from evals.index_texts import BenchmarkTexts, prepare_texts
from evals.index_vectors import prepare_vectors, real_vectors
from evals.large_corpus import prepare_corpus
from evals.run_record import own_command, run_record
from retrieval.manifest import Fit
from retrieval.terms import passage_terms

PARTS = ("scale", "likeness", "nothing", "changes")
SIZES = (10_000, 100_000, 300_000, 1_000_000)
_CORPUS = "corpus"
_ORIGIN = {
    "real": "texts, questions and their vectors; the vectors of the first passages (real_vectors of each size)",
    "made": "the other vectors, by evals/made_vectors.py; they do not belong to the texts beside which they stand",
    "windows": f"passages of {WINDOW_CHARS} characters, each beginning {STRIDE_CHARS} after the one before",
    "corpora": list(CORPORA),
}


class Kept:
    """Figures of parts, one file each in the work folder."""

    def __init__(self, folder: Path, *, resume: bool, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._resume = resume
        self._say = say
        folder.mkdir(parents=True, exist_ok=True)

    def measured(self, name: str, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The figures of last time where they are to be kept and are there, else measured ones."""
        path = self._folder / f"{name}.json"
        if not (self._resume and path.is_file()):
            started = time.monotonic()
            self._say(f"== {name}")
            figures = measure() | {"measured": run_record("")["date"], "commit": run_record("")["commit"]}
            figures["minutes"] = round((time.monotonic() - started) / 60, 1)
            path.write_text(json.dumps(figures, ensure_ascii=False) + "\n", encoding="utf-8")
            self._say(f"== {name}: {figures['minutes']} minutes")
        return self.read(name)

    def read(self, name: str) -> dict[str, Any]:
        """The figures that are there; {} for none."""
        path = self._folder / f"{name}.json"
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return found


def open_bench(options: argparse.Namespace, say: Callable[[str], None]) -> Bench:
    """Texts, vectors, questions and postings, made where they are not there."""
    model = open_embedder("bundled", "auto", options.models)
    most = max(options.sizes)
    say("texts")
    texts = prepare_texts(options.shared, options.work / "texts", most)
    count = min(len(texts.rows), texts.passages_of(texts.documents_for(most)))
    say(f"{len(texts.rows):,} passages of {len(texts.versions):,} documents; vectors")
    cache = VectorCache(options.work / "vectors.db")
    real = real_vectors(texts.embedded_texts(), cache, model.model_id)
    vectors = prepare_vectors(real, count, options.work / "vectors")
    say(f"{vectors.real:,} of {count:,} vectors are real; postings")
    _prepare_postings(texts, options.work / "postings", count)
    return Bench(
        texts=texts,
        vectors=vectors,
        questions=_questions(options.shared, cache, model.model_id),
        folder=options.work,
        models=options.models,
        fit=Fit(model_id=model.model_id, dim=model.dim, chunking=CHUNKING),
        code=_code(),
        say=say,
    )


def _questions(shared: Path, cache: VectorCache, model_id: str) -> AskedQuestions:
    asked = [each.text for each in questions(shared, QUESTIONS_A_SET)]
    known = cache.lookup(query_model(model_id), [text_key(text) for text in asked])
    texts = [text for text in dict.fromkeys(asked) if text_key(text) in known]
    if not texts:
        raise SystemExit("no question has a vector; run: python -m evals.index_embedding")
    return AskedQuestions.of(texts, [known[text_key(text)] for text in texts])


def _prepare_postings(texts: BenchmarkTexts, folder: Path, count: int) -> None:
    if folder.is_dir() and len(Postings.read(folder).lengths) >= count:
        return
    documents = texts.documents_for(count)
    rows = texts.read(documents)
    # As the product's lexical index takes them in.
    terms = (
        [*passage_terms(f"{row.document_title}\n{row.passage.heading or ''}"), *passage_terms(row.passage.text)]
        for row in rows
    )
    postings_of(terms).write(folder)


def _code() -> str:
    """The state of the product's packages: of the commit, and whether files differ from it."""
    packages = ["retrieval", "corpus", "embeddings"]
    listed = subprocess.run(["git", "ls-tree", "HEAD", *packages], capture_output=True, text=True, check=False)
    changed = subprocess.run(["git", "diff", "HEAD", "--", *packages], capture_output=True, text=True, check=False)
    return text_key(listed.stdout + changed.stdout).hex()[:16]


def measure_scale(bench: Bench, kept: Kept, options: argparse.Namespace) -> None:
    """Every size, and the real part alone."""
    real = int((bench.texts.counts.cumsum() <= bench.vectors.real).sum())
    kept.measured(
        "scale-real", lambda: measure_documents(bench, real, "real", timed=options.questions, keep=options.resume)
    )
    for size in options.sizes:
        measure = partial(measure_size, bench, size, timed=options.questions, keep=options.resume)
        kept.measured(f"scale-{size}", measure)


def _from_nothing(bench: Bench, options: argparse.Namespace) -> dict[str, Any]:
    corpus = options.work / _CORPUS
    documents = prepare_corpus(options.shared, corpus, most=options.documents)
    figures = measure_from_nothing(bench, options.shared, corpus, seconds=options.embed_seconds)
    return {"documents": documents} | figures


def result(kept: Kept, options: argparse.Namespace) -> dict[str, Any]:
    """All that was measured, put together."""
    sizes = [figures for size in options.sizes if (figures := kept.read(f"scale-{size}"))]
    return {
        "run": run_record(own_command()),
        "data": _ORIGIN,
        "scale": {
            "sizes": sizes,
            "real_part_alone": kept.read("scale-real"),
            "growth_exponents": growth(sizes),
        },
        "made_vectors": kept.read("likeness"),
        "from_nothing": kept.read("nothing"),
        "changes": kept.read("changes"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--questions", type=int, default=300, help="how many are timed at each size")
    parser.add_argument("--changes", type=int, default=1000, help="single documents changed in a row")
    parser.add_argument("--embed-seconds", type=float, default=120.0, help="how long the large corpus is embedded")
    parser.add_argument("--documents", type=int, help="of each corpus in 'nothing' and 'changes'; all, unless given")
    parser.add_argument("--resume", action="store_true", help="keep what was measured before")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--models", type=Path, default=Path("data/models"))
    parser.add_argument("--work", type=Path, default=Path("data/benchmarks/index"))
    parser.add_argument("--out", type=Path, default=Path("evals/results/index-scale.json"))
    options = parser.parse_args()
    started = time.monotonic()

    def say(message: str) -> None:
        print(f"{(time.monotonic() - started) / 60:6.1f} min  {message}", file=sys.stderr, flush=True)

    kept = Kept(options.work / "parts", resume=options.resume, say=say)
    bench = open_bench(options, say)
    if "scale" in options.parts:
        measure_scale(bench, kept, options)
    if "likeness" in options.parts:
        real = bench.vectors.matrix[: bench.vectors.real]
        children = len(bench.vectors.matrix) / len(real) - 1
        kept.measured("likeness", lambda: likeness(real, bench.questions.vectors, children=children))
    if "nothing" in options.parts:
        kept.measured("nothing", lambda: _from_nothing(bench, options))
    if "changes" in options.parts:
        hours = kept.read("nothing").get("embedding_all_would_take_hours")
        kept.measured(
            "changes",
            lambda: measure_changes(bench, options.work / _CORPUS, changes=options.changes, embedding_hours=hours),
        )
    report = result(kept, options)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if report["scale"]["sizes"]:
        options.out.with_suffix(".svg").write_text(scale_svg(report["scale"]["sizes"]), encoding="utf-8")
    say(f"written to {options.out}")


if __name__ == "__main__":
    main()
