"""Which reader serves: the trained one where it can be had, the rules where it cannot or where they are asked for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot import app
from bot.responding import Policy
from bot.settings import load_settings
from embeddings.embedder import Vectors
from embeddings.errors import ModelNotAvailableError
from retrieval.reading.confidence import Calibration
from retrieval.reading.rule_reader import RuleReader
from retrieval.trained_reader import factory
from retrieval.trained_reader.calibration import ReaderCalibration
from retrieval.trained_reader.reader import TrainedReader
from tests.retrieval.trained_reader.fake_network import CharacterEncoder, KnowingSession


class NoEmbedder:
    """Never asked for anything here."""

    dim = 1
    model_id = "none"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), 1), np.float32)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), 1), np.float32)


def missing(models_dir: Path, rules: RuleReader, **_: object) -> TrainedReader:
    raise ModelNotAvailableError("the shipped file is missing; install yiju again")


def there(models_dir: Path, rules: RuleReader, **_: object) -> TrainedReader:
    return TrainedReader(KnowingSession({}), CharacterEncoder(), rules)


def test_the_rules_read_where_they_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "open_trained_reader", there)
    settings = load_settings({"YIJU_DATA_DIR": str(tmp_path), "YIJU_READER__MODEL": "rules"})

    reader, policy = app.open_reader(settings, NoEmbedder(), say=print)

    assert isinstance(reader, RuleReader)
    assert policy == Policy(threshold=Calibration.load().threshold)


def test_the_trained_reader_brings_its_own_threshold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "open_trained_reader", there)
    shipped = ReaderCalibration.load()

    reader, policy = app.open_reader(load_settings({"YIJU_DATA_DIR": str(tmp_path)}), NoEmbedder(), say=print)

    assert isinstance(reader, TrainedReader)
    assert policy == Policy(passages_read=shipped.passages_read, threshold=shipped.threshold)


def test_without_the_trained_reader_the_rules_read_and_the_log_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(factory, "open_trained_reader", missing)

    with caplog.at_level(logging.WARNING):
        reader, _ = app.open_reader(load_settings({"YIJU_DATA_DIR": str(tmp_path)}), NoEmbedder(), say=print)

    assert isinstance(reader, RuleReader)
    assert [record.getMessage() for record in caplog.records] == [
        "the trained reader cannot be used, so the rules read alone: the shipped file is missing; install yiju again"
    ]


def test_choosing_a_reader_loads_no_torch(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys, retrieval.trained_reader.factory, retrieval.trained_reader.reader; "
        "print(sorted({'torch', 'transformers', 'onnx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.stdout.strip(), done.stderr) == ("[]", "")
