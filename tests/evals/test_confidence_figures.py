"""The figures in docs/answers.md and the shipped coefficients are those of the last fit."""

from __future__ import annotations

import json
from pathlib import Path

from retrieval.reading.confidence import FEATURES, FOREIGN_FEATURES, Calibration

PROJECT = Path(__file__).parents[2]
RESULT = json.loads((PROJECT / "evals/results/confidence.json").read_text(encoding="utf-8"))


def test_the_shipped_coefficients_are_those_of_the_result() -> None:
    shipped = Calibration.load()

    assert RESULT["coefficients"] == {
        "native": shipped.native,
        "foreign": shipped.foreign,
        "threshold": shipped.threshold,
    }
    assert set(shipped.native) == {"intercept", *FEATURES}
    assert set(shipped.foreign) == {"intercept", *FOREIGN_FEATURES}


def test_the_page_quotes_the_result() -> None:
    page = (PROJECT / "docs/answers.md").read_text(encoding="utf-8")
    threshold = RESULT["coefficients"]["threshold"]

    assert f"The threshold ({threshold})" in page
    for figures in RESULT["sets"].values():
        assert f"| {figures['auroc']:.3f} | {figures[f'at {threshold}']['refusal_precision']:.3f} |" in page
