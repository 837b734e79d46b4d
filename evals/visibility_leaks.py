"""What somebody learns of documents that they may not see, and what leaving these out costs.

The news documents are indexed twice: all of them, some with a label, and those without a label alone. Somebody without
a clearance asks the first; whatever differs from the second tells of what is hidden. Words that stand in hidden
documents alone are asked for beside words that stand nowhere: what tells the two apart is a leak as well.

python -m evals.visibility_leaks [--out evals/results/visibility-leaks.json]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import app
from bot.responding import Responder, Response
from bot.settings import load_settings
from corpus.visibility import PUBLIC_ONLY
from embeddings.cache import VectorCache
from embeddings.factory import open_embedder
from evals.datasets import read_lines
from evals.retrieval_sets import OpenIndex, RememberingEmbedder
from evals.run_record import own_command, run_record
from retrieval.hits import Hit
from retrieval.retriever import HybridRetriever
from retrieval.snapshot_views import SnapshotViews

SHARES = (0.1, 0.5)
LABEL = "内部"
READ = 8
_SEED = 20_26
_CANARY_CHARS = 5
_WARM = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A question asked of one side: what was found, what was answered, how long the search took."""

    hits: tuple[Hit, ...]
    response: Response | None
    coverage: float
    milliseconds: float

    @property
    def ranking(self) -> list[str]:
        """Ids of the passages."""
        return [hit.passage.id for hit in self.hits]


class Side:
    """One way of looking at an index."""

    def __init__(self, opened: OpenIndex, retriever: HybridRetriever, responder: Responder) -> None:
        self._opened = opened
        self._retriever = retriever
        self._responder = responder

    def ask(self, question: str, *, answered: bool) -> Asked:
        """Search, and where ``answered`` read and answer too."""
        started = time.perf_counter()
        hits = self._retriever.search(question, top_k=READ)
        took = (time.perf_counter() - started) * 1000
        lexical = self._retriever._view.lexical
        coverage = lexical.prepare(self._opened.terms.question_groups(question)).coverage
        given = self._responder.respond(question, question, hits, self._retriever.statistics) if answered else None
        return Asked(tuple(hits), given, coverage, took)


def is_hidden(document_id: str, share: float) -> bool:
    """Whether a document gets the label; the same ones are hidden at every larger share."""
    return int.from_bytes(hashlib.sha256(document_id.encode()).digest()[:4], "big") < share * 2**32


def written(documents: Sequence[dict[str, Any]], path: Path) -> Path:
    """The documents as a source."""
    path.write_text("".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in documents), encoding="utf-8")
    return path


def phrases(texts: Sequence[str], others: Sequence[str], most: int) -> list[str]:
    """Runs of Chinese characters that stand in ``texts`` and whose every pair of characters stands in no other text."""
    known = {other[at : at + 2] for other in others for at in range(len(other) - 1)}
    found: list[str] = []
    for text in texts:
        for at in range(0, len(text) - _CANARY_CHARS, _CANARY_CHARS):
            run = text[at : at + _CANARY_CHARS]
            pairs = [run[place : place + 2] for place in range(_CANARY_CHARS - 1)]
            if all("\u4e00" <= character <= "\u9fff" for character in run) and sum(p in known for p in pairs) <= 1:
                found.append(run)
                break
    return random.Random(_SEED).sample(found, min(most, len(found)))


def nonsense(like: Sequence[str], texts: Sequence[str]) -> list[str]:
    """As many runs of the same characters that stand nowhere, no pair of them either."""
    known = {text[at : at + 2] for text in texts for at in range(len(text) - 1)}
    characters = sorted(set("".join(like)))
    draw = random.Random(_SEED)

    def runs() -> Iterator[str]:
        while True:
            run = "".join(draw.choices(characters, k=_CANARY_CHARS))
            if not any(run[place : place + 2] in known for place in range(_CANARY_CHARS - 1)):
                yield run

    made = runs()
    return [next(made) for _ in like]


def told_apart(ones: Sequence[float], others: Sequence[float]) -> float:
    """How well a figure tells two kinds apart: 0.5 not at all, 1 always (area under the curve, either way round)."""
    above = sum((one > other) + (one == other) / 2 for one in ones for other in others)
    area = above / (len(ones) * len(others))
    return round(max(area, 1 - area), 3)


def compared(whole: Sequence[Asked], alone: Sequence[Asked]) -> dict[str, float]:
    """What differs between both answers to the same questions, as shares of the questions."""
    pairs = list(zip(whole, alone, strict=True))
    read = [(one.response, other.response) for one, other in pairs if one.response and other.response]

    def share(differs: Callable[[Any, Any], bool], among: Sequence[tuple[Any, Any]]) -> float:
        return round(sum(differs(one, other) for one, other in among) / len(among), 4)

    moved = [abs(one.composed.confidence - other.composed.confidence) for one, other in read]
    return {
        "questions": len(pairs),
        "first_passage_differs": share(lambda one, other: one.ranking[:1] != other.ranking[:1], pairs),
        "passages_differ": share(lambda one, other: set(one.ranking) != set(other.ranking), pairs),
        "order_differs": share(lambda one, other: one.ranking != other.ranking, pairs),
        "coverage_differs": share(lambda one, other: abs(one.coverage - other.coverage) > 0.01, pairs),
        "answered": len(read),
        "outcome_differs": share(lambda one, other: one.composed.outcome is not other.composed.outcome, read),
        "short_answer_differs": share(
            lambda one, other: one.composed.short_answer != other.composed.short_answer, read
        ),
        "confidence_moves_by_mean": round(statistics.fmean(moved), 4),
        "confidence_moves_by_most": round(max(moved), 4),
    }


def measured(share: float, sources: Sources) -> dict[str, Any]:
    """The figures at one share of hidden documents."""
    marked = [{**each, "visibility": LABEL} if is_hidden(each["id"], share) else each for each in sources.documents]
    public = [each for each in marked if "visibility" not in each]
    with tempfile.TemporaryDirectory(dir=sources.work) as folder:
        place = Path(folder)
        whole = OpenIndex(written(marked, place / "all.jsonl"), place / "all", sources.cache, sources.embedder)
        alone = OpenIndex(written(public, place / "few.jsonl"), place / "few", sources.cache, sources.embedder)
        try:
            return {
                "documents": len(marked),
                "hidden": len(marked) - len(public),
                **figures(whole, alone, marked, sources),
            }
        finally:
            whole.close()
            alone.close()


def figures(whole: OpenIndex, alone: OpenIndex, marked: Sequence[dict[str, Any]], sources: Sources) -> dict[str, Any]:
    """What an asker without a clearance learns, and how long searches take."""
    started = time.perf_counter()
    view = SnapshotViews(whole.store).view(whole.snapshot, PUBLIC_ONLY, whole.store.identity())
    made = (time.perf_counter() - started) * 1000
    seen = HybridRetriever(whole.snapshot, whole.store, whole.embedder, whole.terms, view=view)
    sides = {
        "seen": Side(whole, seen, sources.responder),
        "alone": Side(alone, alone.retriever, sources.responder),
        "everything": Side(whole, whole.retriever, sources.responder),
    }
    hidden = [each["title"] + each["text"] for each in marked if "visibility" in each]
    others = [each["title"] + each["text"] for each in marked if "visibility" not in each]
    canaries = phrases(hidden, others, sources.most)
    fakes = nonsense(canaries, [*hidden, *others])
    asked = {"questions": sources.questions, "canaries": canaries, "nonsense": fakes}
    worded = {name: [each if name == "questions" else f"{each}是什么？" for each in asked[name]] for name in asked}
    for texts in worded.values():
        sources.embedder.remember(texts)
    for text in worded["questions"][:_WARM]:
        for side in sides.values():
            side.ask(text, answered=False)
    answered = {name: set(texts[: sources.most]) for name, texts in worded.items()}
    found = {
        (side_name, name): [side.ask(text, answered=text in answered[name]) for text in worded[name]]
        for name in worded
        for side_name, side in sides.items()
        if side_name != "everything" or name == "questions"
    }
    return {
        "questions": compared(found["seen", "questions"], found["alone", "questions"]),
        "words_of_hidden_documents": {
            "against_an_index_without_them": compared(found["seen", "canaries"], found["alone", "canaries"]),
            "told_from_words_that_stand_nowhere": {
                side: _told(found[side, "canaries"], found[side, "nonsense"]) for side in ("seen", "alone")
            },
        },
        "search_ms_p50": {
            side: round(statistics.median(each.milliseconds for each in found[side, "questions"]), 2) for side in sides
        },
        "view_made_in_ms": round(made, 1),
    }


def _told(canaries: Sequence[Asked], fakes: Sequence[Asked]) -> dict[str, float]:
    def by(figure: Callable[[Asked], float]) -> float:
        return told_apart([figure(each) for each in canaries], [figure(each) for each in fakes])

    return {
        "by_confidence": by(lambda each: each.response.composed.confidence if each.response else 0.0),
        "by_search_time": by(lambda each: each.milliseconds),
        "by_coverage": by(lambda each: each.coverage),
    }


@dataclass(frozen=True, slots=True)
class Sources:
    """What the measurement is made of. ``most``: how many questions of a kind are read and answered too."""

    documents: Sequence[dict[str, Any]]
    questions: Sequence[str]
    embedder: RememberingEmbedder
    responder: Responder
    work: Path
    cache: Path
    most: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--work-dir", type=Path, default=Path("data/benchmarks/retrieval"))
    parser.add_argument("--models-dir", type=Path, default=Path("data/models"))
    parser.add_argument("--answers", type=int, default=100, help="questions of a kind that are answered")
    parser.add_argument("--out", type=Path, default=Path("evals/results/visibility-leaks.json"))
    options = parser.parse_args(arguments)
    options.work_dir.mkdir(parents=True, exist_ok=True)
    cache = options.work_dir / "vectors.db"
    model = open_embedder("bundled", "auto", options.models_dir)
    embedder = RememberingEmbedder(model, VectorCache(cache))
    news = options.shared / "data" / "news"
    asked = [line["question"] for name in ("questions", "unanswerable") for line in read_lines(news / f"{name}.jsonl")]
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings({"YIJU_DATA_DIR": folder, "YIJU_MODELS_DIR": str(options.models_dir)})
        reader, policy = app.open_reader(settings, embedder, say=print)
        sources = Sources(
            documents=list(read_lines(news / "documents.jsonl")),
            questions=random.Random(_SEED).sample(asked, len(asked)),
            embedder=embedder,
            responder=Responder(reader, policy),
            work=options.work_dir,
            cache=cache,
            most=options.answers,
        )
        found = {f"{share:.0%} hidden": measured(share, sources) for share in SHARES}
    record = {**run_record(own_command()), "shares": found}
    text = json.dumps(record, ensure_ascii=False, indent=1)
    options.out.write_text(f"{text}\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
