"""The small table behind ranking and refusing: fitted by ``evals/fit_reader.py``, shipped as ``calibration.json``.

Ranking is a weighted sum; the probability that a reading answers is logistic in its features, then put right by
Platt's two numbers. One set of coefficients for Chinese questions, one for others.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from retrieval.errors import CalibrationError
from retrieval.trained_reader.features import AMONG_OTHERS, FEATURES, FOREIGN_FEATURES

INTERCEPT = "intercept"


@dataclass(frozen=True, slots=True)
class Coefficients:
    """``ranking`` by feature; ``answer`` by feature with ``intercept``; ``platt`` is slope and offset of its logit."""

    ranking: Mapping[str, float]
    answer: Mapping[str, float]
    platt: tuple[float, float] = (1.0, 0.0)

    def score(self, values: Mapping[str, float]) -> float:
        """What ranks a reading among those of its question."""
        return sum(weight * values[name] for name, weight in self.ranking.items())

    def probability(self, values: Mapping[str, float]) -> float:
        """The probability that a reading answers its question."""
        logit = self.answer[INTERCEPT] + sum(w * values[name] for name, w in self.answer.items() if name != INTERCEPT)
        slope, offset = self.platt
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, slope * logit + offset))))


@dataclass(frozen=True, slots=True)
class ReaderCalibration:
    """``threshold``: from this probability on an answer is given. ``stop_at``: from here on no more passages are read.

    ``batches`` says how many passages are read at a time, and so how many at most.
    """

    native: Coefficients
    foreign: Coefficients
    threshold: float
    stop_at: float
    batches: tuple[int, ...]
    fitted: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passages_read(self) -> int:
        """The most passages that are read for a question."""
        return sum(self.batches)

    def side(self, *, is_foreign: bool) -> Coefficients:
        """The coefficients for a question."""
        return self.foreign if is_foreign else self.native

    @classmethod
    def load(cls) -> ReaderCalibration:
        """The fitted table that ships with the package. Raises: CalibrationError."""
        file = resources.files("retrieval.trained_reader").joinpath("calibration.json")
        try:
            raw = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise CalibrationError(f"{file} cannot be read ({error}); reinstall yiju, or {_CURE}") from error
        return cls.of_json(raw)

    @classmethod
    def of_json(cls, raw: Mapping[str, Any]) -> ReaderCalibration:
        """The table from its JSON form. Raises: CalibrationError: a part is missing, unknown or out of range."""
        try:
            made = cls(
                native=_coefficients(raw["native"], FEATURES),
                foreign=_coefficients(raw["foreign"], FOREIGN_FEATURES),
                threshold=float(raw["threshold"]),
                stop_at=float(raw["stop_at"]),
                batches=tuple(int(size) for size in raw["batches"]),
                fitted=raw.get("fitted", {}),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise CalibrationError(f"the reader's calibration table lacks or misnames {error}; {_CURE}") from error
        if not made.batches or min(made.batches) < 1 or not 0.0 <= made.threshold <= 1.0 or made.stop_at < 0.0:
            raise CalibrationError(f"the reader's calibration table has a figure out of range; {_CURE}")
        return made

    def as_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "native": _as_json(self.native),
            "foreign": _as_json(self.foreign),
            "threshold": self.threshold,
            "stop_at": self.stop_at,
            "batches": list(self.batches),
            "fitted": dict(self.fitted),
        }


_CURE = "fit it anew: python -m evals.fit_reader --write"


def _coefficients(raw: Mapping[str, Any], known: Sequence[str]) -> Coefficients:
    # What ranks is known of each passage alone, before the readings are compared.
    for part, allowed in (("ranking", set(known) - set(AMONG_OTHERS)), ("answer", {*known, INTERCEPT})):
        if strange := set(raw[part]) - allowed:
            raise ValueError(f"{part} of {', '.join(sorted(strange))}")
    slope, offset = raw["platt"]
    answer = {name: float(value) for name, value in raw["answer"].items()}
    if INTERCEPT not in answer:
        raise KeyError(INTERCEPT)
    ranking = {name: float(value) for name, value in raw["ranking"].items()}
    made = Coefficients(ranking, answer, (float(slope), float(offset)))
    if not all(map(math.isfinite, (*ranking.values(), *answer.values(), *made.platt))):
        raise ValueError("a coefficient that is not finite")
    return made


def _as_json(side: Coefficients) -> dict[str, Any]:
    return {"ranking": dict(side.ranking), "answer": dict(side.answer), "platt": list(side.platt)}
