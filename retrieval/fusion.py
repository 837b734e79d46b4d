"""Joins the scores of both sides into one ranking: a weighted sum of standardised scores.

The rule and where it was fitted and checked: ``docs/decisions/0006-fusion.md``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FusionRule:
    """How much the lexical side weighs, from the share of the question (by idf) that occurs in the corpus.

    The weight is ``high`` at full coverage and falls along a logistic curve, half way at ``middle``, to ``low``.
    """

    low: float = 0.0
    high: float = 0.75
    middle: float = 0.6
    steepness: float = 8.0

    def lexical_weight(self, coverage: float) -> float:
        """Between 0 and 1; the dense side gets the rest. Never falls as coverage grows."""
        return self.low + (self.high - self.low) / (1 + math.exp(-self.steepness * (coverage - self.middle)))


@dataclass(frozen=True, slots=True)
class FusedHit:
    """A candidate row with its fused score and the two scores behind it."""

    row: int
    score: float
    dense: float
    lexical: float


def fuse(
    dense: Mapping[int, float], lexical: Mapping[int, float], *, coverage: float, rule: FusionRule
) -> list[FusedHit]:
    """Rank candidates, best first; equal scores by row. Both mappings hold the same rows, with true scores."""
    weight = rule.lexical_weight(coverage)
    dense_z, lexical_z = standardised(dense), standardised(lexical)
    hits = [
        FusedHit(row, (1 - weight) * dense_z[row] + weight * lexical_z[row], dense[row], lexical[row]) for row in dense
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.row))


def standardised(scores: Mapping[int, float]) -> dict[int, float]:
    """Scores with mean 0 and standard deviation 1; all 0 where they do not differ."""
    if not scores:
        return {}
    mean = sum(scores.values()) / len(scores)
    deviation = math.sqrt(sum((score - mean) ** 2 for score in scores.values()) / len(scores))
    if deviation < 1e-9:
        return dict.fromkeys(scores, 0.0)
    return {row: (score - mean) / deviation for row, score in scores.items()}
