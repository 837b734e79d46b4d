"""From what a reading rests on to the probability that it answers: a logistic model with a handful of features.

The coefficients are fitted by ``evals/fit_confidence.py`` on training halves and kept in ``confidence.json``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

FEATURES = (
    "place",
    "sentence",
    "everywhere",
    "focus",
    "gap_near",
    "gap",
    "contradicted",
    "far",
    "missing",
    "typed",
    "bonus",
    "dense",
    "rank",
)
FOREIGN_FEATURES = ("dense", "similarity", "typed", "rank")


@dataclass(frozen=True, slots=True)
class Calibration:
    """Coefficients by feature name, with ``intercept``; one set for Chinese questions, one for others.

    ``threshold`` is the probability from which on a reading is better given as an answer than refused.
    """

    native: Mapping[str, float]
    foreign: Mapping[str, float]
    threshold: float

    @classmethod
    def load(cls) -> Calibration:
        """The fitted coefficients that ship with the package."""
        raw = json.loads(resources.files("retrieval.reading").joinpath("confidence.json").read_text("utf-8"))
        return cls(raw["native"], raw["foreign"], raw["threshold"])

    def probability(self, values: Mapping[str, float], *, is_foreign: bool) -> float:
        """The probability that the reading answers its question."""
        weights = self.foreign if is_foreign else self.native
        names: Sequence[str] = FOREIGN_FEATURES if is_foreign else FEATURES
        logit = weights["intercept"] + sum(weights[name] * values[name] for name in names)
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))
