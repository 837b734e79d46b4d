"""Joins the scores of both sides into one ranking: a weighted sum of standardised scores.

The rule, where it was fitted and checked, and what is done about passages that are not embedded yet:
``docs/decisions/0006-fusion.md``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FusionRule:
    """How much the lexical side weighs, from the share of the question (by idf) that occurs in the corpus.

    The weight is ``high`` at full coverage and falls along a logistic curve, half way at ``middle``, to ``low``.
    ``unembedded``: the standardised dense score of a passage without a vector is this share of its lexical one, since
    what one side finds far above the mean the other one does less so.
    """

    low: float = 0.0
    high: float = 0.75
    middle: float = 0.6
    steepness: float = 8.0
    unembedded: float = 0.7

    def lexical_weight(self, coverage: float) -> float:
        """Between 0 and 1; the dense side gets the rest. Never falls as coverage grows."""
        return self.low + (self.high - self.low) / (1 + math.exp(-self.steepness * (coverage - self.middle)))


@dataclass(frozen=True, slots=True)
class FusedHit:
    """A candidate row with its fused score and the two scores behind it; ``dense`` is None without a vector."""

    row: int
    score: float
    dense: float | None
    lexical: float


def fuse(
    dense: Mapping[int, float], lexical: Mapping[int, float], *, coverage: float, rule: FusionRule
) -> list[FusedHit]:
    """Rank candidates, best first; equal scores by row.

    ``lexical`` has a true score for every candidate, ``dense`` for those that have a vector. The dense score of the
    others is guessed from their words, so without any vector the lexical side ranks alone.
    """
    weight = rule.lexical_weight(coverage)
    dense_z, lexical_z = standardised(dense), standardised(lexical)
    hits = [
        FusedHit(
            row,
            (1 - weight) * dense_z.get(row, rule.unembedded * by_words) + weight * by_words,
            dense.get(row),
            lexical[row],
        )
        for row, by_words in lexical_z.items()
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
