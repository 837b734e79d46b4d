"""Fits the rule reader's probability of answering on training halves, and checks it on the other halves.

Each answerable question is read twice: with its document and with it taken away, so that near documents still tempt;
and, where it names a place, year or phase, once more with another one in its place. Readings with a document that do
not support the answer are left out of the fit: they are neither.

python -m evals.fit_confidence [--shared ../shared] [--questions 400] [--write]
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from corpus.documents import Document, Passage
from corpus.folding import fold
from corpus.store import DocumentStore
from embeddings.cache import VectorCache
from embeddings.factory import open_embedder
from evals.datasets import Question, read_questions
from evals.retrieval_sets import SETS, OpenSet, RememberingEmbedder
from evals.run_record import run_record
from retrieval.hits import Reading
from retrieval.reading.confidence import FEATURES, FOREIGN_FEATURES
from retrieval.reading.meaning import sentence_similarity
from retrieval.reading.qualifiers import Qualifier, qualifiers
from retrieval.reading.rule_reader import RuleReader
from retrieval.reading.wordings import wordings
from retrieval.retriever import HybridRetriever

FITTED = ("news", "xquad_zh", "xquad_en", "drcd_dev")
CHECKED_ONLY = ("cmrc2018_trial",)
UNANSWERABLE = {"news": "news/unanswerable.jsonl"}
READ = 8
# A handful of readings says nothing of a set.
FEWEST = 50
CONFIDENCE = Path("retrieval/reading/confidence.json")
RESULT = Path("evals/results/confidence.json")


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading of a question. ``answerable``: its document is there; ``supported``: the evidence holds an answer."""

    name: str
    checking: bool
    answerable: bool
    supported: bool
    values: dict[str, float]

    @property
    def is_foreign(self) -> bool:
        return "similarity" in self.values


class Without:
    """A store that holds some documents back, as if they had been retired."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self.held_back: frozenset[str] = frozenset()

    def load_rows(self, rows: Sequence[int]) -> dict[int, tuple[Passage, Document]]:
        return self._store.load_rows(rows)

    def retired(self) -> frozenset[str]:
        return self.held_back


def samples(opened: OpenSet, questions: Iterable[Question]) -> list[Sample]:
    """Read every question with its documents and, where it has any, without them."""
    store = Without(opened.store)
    retriever = HybridRetriever(opened.snapshot, store, opened.embedder, opened.terms)
    reader = RuleReader(similarity=sentence_similarity(opened.embedder), variants=wordings(opened.terms))
    found = []
    for question in questions:
        for without in (False, True) if question.answers else (True,):
            store.held_back = frozenset(question.contexts) if without and question.answers else frozenset()
            hits = retriever.search(question.text, top_k=READ)
            examined = reader.examine(question.text, hits, retriever.statistics)
            if examined:
                best = examined[0]
                supported = supports(best.reading, question.answers)
                found.append(Sample(opened.name, question.for_checking, not without, supported, dict(best.values)))
    return found


def near_misses(questions: Sequence[Question], seed: int = 3) -> list[Question]:
    """Questions with one qualifier changed, which their documents then do not answer: another place, year or phase."""
    asked = {question.id: qualifiers(fold(question.text)) for question in questions}
    places = sorted({q.value for found in asked.values() for q in found if q.kind == "place"})
    chance = random.Random(seed)
    changed = []
    for question in questions:
        for qualifier in asked[question.id]:
            text = swapped(question.text, qualifier, places, chance)
            if text != question.text:
                changed.append(Question(f"{question.id}-near", text, (), question.contexts))
                break
    return changed


def swapped(text: str, qualifier: Qualifier, places: Sequence[str], chance: random.Random) -> str:
    """The question with another value of the qualifier; unchanged where its value is not written so."""
    if qualifier.kind == "place":
        return text.replace(qualifier.value, chance.choice([p for p in places if p != qualifier.value]))
    if qualifier.kind == "year":
        return text.replace(qualifier.value, str(int(qualifier.value) + chance.choice([-2, -1, 1])))
    if qualifier.kind == "relative":
        return text.replace(qualifier.value, "前年")
    pairs = str.maketrans("一二三四五六七八九123456789", "二一四三六五八七六214365876")
    return re.sub(r"第[^\W\d_]|第[0-9]+|.期", lambda match: match.group().translate(pairs), text)


def supports(reading: Reading, answers: Sequence[str]) -> bool:
    """Whether an answer stands in the evidence, folded and without punctuation."""
    text = plain(reading.hit.document.text[reading.evidence.start : reading.evidence.end])
    return any(plain(answer) and plain(answer) in text for answer in answers)


def plain(text: str) -> str:
    return re.sub(r"[^\w.%‰]", "", fold(text))


def matrix(chosen: Sequence[Sample], names: Sequence[str]) -> npt.NDArray[np.float64]:
    return np.array([[sample.values[name] for name in names] for sample in chosen])


def fit(chosen: Sequence[Sample], names: Sequence[str], *, foreign: bool) -> dict[str, float]:
    """Coefficients by name, from supported readings against those of questions whose document was away.

    A foreign question is read by meaning alone, and its reading more often misses a document that is there: those
    readings count against it.
    """
    used = [s for s in chosen if foreign or s.answerable == s.supported]
    model = LogisticRegression(C=1.0, max_iter=5000).fit(
        matrix(used, names), [s.answerable and s.supported for s in used]
    )
    weights = dict(zip(names, model.coef_[0].tolist(), strict=True))
    return {"intercept": round(float(model.intercept_[0]), 3), **{k: round(v, 3) for k, v in weights.items()}}


def probabilities(chosen: Sequence[Sample], weights: dict[str, float], names: Sequence[str]) -> npt.NDArray[np.float64]:
    logits = matrix(chosen, names) @ np.array([weights[name] for name in names]) + weights["intercept"]
    found: npt.NDArray[np.float64] = 1.0 / (1.0 + np.exp(-logits))
    return found


def check(chosen: Sequence[Sample], scores: npt.NDArray[np.float64], thresholds: Sequence[float]) -> dict[str, Any]:
    """Refusal figures at each threshold, over readings of answerable and unanswerable questions."""
    answerable = np.array([sample.answerable for sample in chosen])
    supported = np.array([sample.supported for sample in chosen])
    figures: dict[str, Any] = {
        "readings": len(chosen),
        "auroc": round(float(roc_auc_score(answerable, scores)), 4),
    }
    for threshold in thresholds:
        refused = scores < threshold
        figures[f"at {threshold}"] = {
            "refusal_precision": ratio((refused & ~answerable).sum(), refused.sum()),
            "refusal_recall": ratio((refused & ~answerable).sum(), (~answerable).sum()),
            "supported_of_answered": ratio((supported & answerable & ~refused).sum(), (~refused).sum()),
        }
    return figures


def best_threshold(chosen: Sequence[Sample], scores: npt.NDArray[np.float64]) -> float:
    """Where most questions end rightly: with a supported answer, or refused. Both kinds and all sets weigh alike."""
    answerable = np.array([sample.answerable for sample in chosen])
    supported = np.array([sample.supported for sample in chosen])
    names = np.array([sample.name for sample in chosen])

    def right(threshold: float) -> float:
        answered = scores >= threshold
        shares = [
            (answered & supported)[answerable & (names == name)].mean()
            + (~answered)[~answerable & (names == name)].mean()
            for name in np.unique(names)
        ]
        return float(np.mean(shares))

    return max((round(0.02 * step, 2) for step in range(5, 45)), key=right)


def ratio(part: int, whole: int) -> float | None:
    return round(float(part) / float(whole), 4) if whole else None


def main() -> None:
    """Fit, check, print; with --write also keep coefficients and figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--shared", type=Path, default=Path("../shared"))
    arguments.add_argument("--work", type=Path, default=Path("data/benchmarks/retrieval"))
    arguments.add_argument("--models", type=Path, default=Path("data/models"))
    arguments.add_argument("--questions", type=int, default=400, help="of each set, at most")
    arguments.add_argument("--write", action="store_true")
    options = arguments.parse_args()
    found = gather(options)
    result: dict[str, Any] = {"run": run_record("python -m evals.fit_confidence --write"), "sets": {}}
    coefficients: dict[str, Any] = {}
    for key, names, foreign in (("native", FEATURES, False), ("foreign", FOREIGN_FEATURES, True)):
        own = [s for s in found if s.is_foreign == foreign]
        training = [s for s in own if s.name in FITTED and not s.checking]
        coefficients[key] = fit(training, names, foreign=foreign)
        if not foreign:
            coefficients["threshold"] = best_threshold(training, probabilities(training, coefficients[key], names))
        for name in dict.fromkeys(s.name for s in own):
            checked = [s for s in own if s.name == name and (s.checking or name in CHECKED_ONLY)]
            if len(checked) >= FEWEST:
                scores = probabilities(checked, coefficients[key], names)
                result["sets"][name] = check(checked, scores, (0.3, coefficients["threshold"], 0.5, 0.6))
    result["coefficients"] = coefficients
    print(json.dumps(result, ensure_ascii=False, indent=1))
    if options.write:
        CONFIDENCE.write_text(json.dumps(coefficients, indent=2) + "\n", encoding="utf-8")
        RESULT.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def gather(options: argparse.Namespace) -> list[Sample]:
    options.work.mkdir(parents=True, exist_ok=True)
    cache = VectorCache(options.work / "vectors.db")
    embedder = RememberingEmbedder(open_embedder("bundled", "auto", options.models, progress=print), cache)
    found: list[Sample] = []
    for kind in SETS:
        if kind.name in (*FITTED, *CHECKED_ONLY):
            opened = OpenSet(kind, options.shared, options.work, embedder)
            questions = list(opened.questions)
            random.Random(1).shuffle(questions)
            questions = questions[: options.questions]
            if kind.name in UNANSWERABLE:
                questions += read_questions(options.shared / "data" / UNANSWERABLE[kind.name])
            found += samples(opened, [*questions, *near_misses(questions)])
            print(kind.name, len(questions), "questions read", flush=True)
            opened.close()
    return found


if __name__ == "__main__":
    main()
