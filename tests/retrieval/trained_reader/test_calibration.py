"""The shipped table fits this version; others are refused with the cure."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from retrieval.errors import CalibrationError
from retrieval.trained_reader.calibration import Coefficients, ReaderCalibration
from retrieval.trained_reader.features import FEATURES, FOREIGN_FEATURES


def table() -> dict[str, Any]:
    side = {"ranking": {"fused": 1.0}, "answer": {"intercept": 0.0, "margin": 0.5}, "platt": [1.0, 0.0]}
    raw = {"native": side, "foreign": side, "threshold": 0.5, "stop_at": 0.9, "batches": [2, 6]}
    copied: dict[str, Any] = json.loads(json.dumps(raw))
    return copied


def test_the_shipped_table_knows_every_side_and_reads_some_passages() -> None:
    shipped = ReaderCalibration.load()

    assert shipped.passages_read == sum(shipped.batches) > 1
    assert 0.0 < shipped.native.probability(dict.fromkeys(FEATURES, 0.0)) < 1.0
    assert 0.0 < shipped.foreign.probability(dict.fromkeys(FOREIGN_FEATURES, 0.0)) < 1.0


def test_a_table_survives_being_written() -> None:
    made = ReaderCalibration.of_json(table())

    assert ReaderCalibration.of_json(json.loads(json.dumps(made.as_json()))) == made


def test_a_probability_is_logistic_and_put_right_by_platt() -> None:
    plain = Coefficients({"fused": 2.0}, {"intercept": 1.0, "margin": 0.5})
    corrected = Coefficients({}, {"intercept": 1.0, "margin": 0.5}, (2.0, -4.0))

    assert plain.score({"fused": 1.5}) == 3.0
    assert plain.probability({"margin": -2.0}) == 0.5
    assert corrected.probability({"margin": 2.0}) == 0.5
    assert plain.probability({"margin": 1e9}) < 1.0 + 1e-9


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("native", "answer"), {"margin": 1.0}),
        (("native", "answer"), {"intercept": 0.0, "unheard_of": 1.0}),
        (("foreign", "ranking"), {"contradicted": 1.0}),
        (("native", "ranking"), {"lead": 1.0}),
        (("native", "answer"), {"intercept": 0.0, "margin": float("nan")}),
        (("native", "platt"), [1.0]),
        (("native", "platt"), [float("inf"), 0.0]),
        (("batches",), []),
        (("batches",), [0, 8]),
        (("threshold",), 1.5),
        (("threshold",), None),
    ],
)
def test_a_table_of_another_form_is_refused_with_the_cure(path: tuple[str, ...], value: object) -> None:
    raw = table()
    level = raw
    for name in path[:-1]:
        level = level[name]
    level[path[-1]] = value

    with pytest.raises(CalibrationError, match=r"evals\.fit_reader"):
        ReaderCalibration.of_json(raw)


def test_a_damaged_file_is_refused_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "files", lambda package: tmp_path)
    with pytest.raises(CalibrationError, match=r"calibration\.json cannot be read .*reinstall yiju"):
        ReaderCalibration.load()
    (tmp_path / "calibration.json").write_text('{"native": ')
    with pytest.raises(CalibrationError, match=r"calibration\.json cannot be read .*reinstall yiju"):
        ReaderCalibration.load()


def test_a_missing_part_is_named() -> None:
    raw = table()
    del raw["stop_at"]

    with pytest.raises(CalibrationError, match="stop_at"):
        ReaderCalibration.of_json(raw)
