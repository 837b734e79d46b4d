"""Fits the rule of fusion on the training halves of some sets and prints what each half of every set says of it.

python -m evals.fit_fusion [--shared ../shared] [--out evals/results/retrieval_fit.json]
Uses the indexes of ``evals.retrieval_benchmark``. What it chooses is put into ``retrieval/fusion.py`` by hand and
explained in ``docs/decisions/0006-fusion.md``.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.cache import VectorCache
from embeddings.factory import open_embedder
from embeddings.threads import usable_cores
from evals.retrieval_sets import SETS, OpenSet, RememberingEmbedder
from evals.run_record import own_command, run_record
from retrieval.fusion import FusionRule, fuse
from retrieval.retriever import CANDIDATES

# Scores nearer than this are equal: one question in a thousand.
TIE = 0.001
WEIGHTS = np.linspace(0, 1, 41)
GRID = [
    FusionRule(low=low, high=high, middle=middle, steepness=steepness)
    for low, high, middle, steepness in itertools.product(
        (0.0, 0.05, 0.1, 0.15),
        (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85),
        (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65),
        (5.0, 8.0, 12.0, 16.0, 24.0),
    )
]
Figures = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Of each question of a set its coverage, its half, and its reciprocal rank at each of ``WEIGHTS``."""

    name: str
    fitted: bool
    coverage: Figures
    checking: npt.NDArray[np.bool_]
    ranks: Figures

    def hit(self, rule: FusionRule, half: npt.NDArray[np.bool_]) -> float:
        """hit@1 of a rule on the questions of ``half``."""
        return float(np.mean(self._ranks(rule)[half] == 1))

    def margin(self, rule: FusionRule, half: npt.NDArray[np.bool_]) -> float:
        """hit@1 and mrr together, against the better of the two sides alone."""
        alone = self.ranks[half][:, [0, -1]]
        ranks = self._ranks(rule)[half]
        return float(((ranks == 1).mean() + ranks.mean() - ((alone == 1).mean(0) + alone.mean(0)).max()) / 2)

    def _ranks(self, rule: FusionRule) -> Figures:
        weights = np.array([rule.lexical_weight(coverage) for coverage in self.coverage])
        columns = np.abs(weights[:, None] - WEIGHTS[None, :]).argmin(1)
        chosen: Figures = self.ranks[np.arange(len(self.ranks)), columns]
        return chosen


def outcomes(opened: OpenSet, *, fitted: bool) -> Outcomes:
    coverage, ranks = [], []
    for question in opened.questions:
        found = opened.retriever.candidates(question.text, limit=CANDIDATES)
        right = {row for row in found.dense if opened.snapshot.document_of(row) in question.contexts}
        coverage.append(found.coverage)
        ranks.append([_rank(found.dense, found.lexical, weight, right) for weight in WEIGHTS])
    checking = np.array([question.for_checking for question in opened.questions])
    return Outcomes(opened.name, fitted, np.array(coverage), checking, np.array(ranks))


def _rank(dense: dict[int, float], lexical: dict[int, float], weight: float, right: set[int]) -> float:
    rule = FusionRule(low=weight, high=weight)
    ranked = fuse(dense, lexical, coverage=0.0, rule=rule)[:10]
    return next((1 / place for place, hit in enumerate(ranked, start=1) if hit.row in right), 0.0)


def score(rule: FusionRule, sets: Sequence[Outcomes]) -> float:
    """The mean margin on the training halves and the worst one: no set may pay for the others."""
    margins = [each.margin(rule, ~each.checking) for each in sets]
    return float(np.mean(margins) + min(margins))


def chosen(best: Sequence[FusionRule], sets: Sequence[Outcomes]) -> FusionRule:
    """Of the rules that the score cannot tell apart, the one that is best on news, which is what is served."""
    news = next(each for each in sets if each.name == "news")
    level = score(best[0], sets) - TIE
    tied = [rule for rule in best if score(rule, sets) >= level]
    return max(tied, key=lambda rule: news.hit(rule, ~news.checking))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--work-dir", type=Path, default=Path("data/benchmarks/retrieval"))
    parser.add_argument("--models-dir", type=Path, default=Path("data/models"))
    parser.add_argument("--out", type=Path, default=Path("evals/results/retrieval_fit.json"))
    options = parser.parse_args()
    model = open_embedder("bundled", "auto", options.models_dir, threads=usable_cores())
    embedder = RememberingEmbedder(model, VectorCache(options.work_dir / "vectors.db"))
    sets = []
    for kind in SETS:
        opened = OpenSet(kind, options.shared, options.work_dir, embedder)
        sets.append(outcomes(opened, fitted=kind.fitted))
        opened.close()
    fitted = [each for each in sets if each.fitted]
    best = sorted(GRID, key=lambda rule: -score(rule, fitted))[:20]
    rows: dict[str, Any] = {
        "current": _row(FusionRule(), sets, fitted),
        "chosen": _row(chosen(best, fitted), sets, fitted),
        "best": [_row(rule, sets, fitted) for rule in best],
    }
    for row in (rows["current"], rows["chosen"]):
        print(json.dumps(row, ensure_ascii=False))
    sources = {
        "data": [kind.questions for kind in SETS],
        "sets": {each.name: _context(each) for each in sets},
    }
    report = {**run_record(own_command()), **sources, **rows}
    options.out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _context(each: Outcomes) -> dict[str, object]:
    """What there would be without the rule: hit@1 of all questions at fixed lexical weights; and their coverage."""
    every = np.ones(len(each.coverage), dtype=bool)
    fixed = {weight: FusionRule(low=weight, high=weight) for weight in (0.0, 0.3, 0.5, 0.7, 1.0)}
    return {
        "hit@1 at fixed weights": {weight: round(each.hit(rule, every), 4) for weight, rule in fixed.items()},
        "coverage p5, p50, p95": [round(float(value), 2) for value in np.quantile(each.coverage, (0.05, 0.5, 0.95))],
    }


def _row(rule: FusionRule, sets: Sequence[Outcomes], fitted: Sequence[Outcomes]) -> dict[str, object]:
    halves = {
        each.name: [round(each.hit(rule, ~each.checking), 4), round(each.hit(rule, each.checking), 4)] for each in sets
    }
    return {"rule": asdict(rule), "score": round(score(rule, fitted), 4), "hit@1 [training, checking]": halves}


if __name__ == "__main__":
    main()
