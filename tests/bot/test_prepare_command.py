"""`yiju prepare`: the embedding model and the reader, and what it says where the reader cannot be had."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import app
from bot.cli import main
from bot.settings import Settings, load_settings
from embeddings.errors import ModelNotAvailableError
from retrieval.trained_reader import preparing


class PreparedEmbedder:
    """Says what it is."""

    model_id = "e5@1"
    dim = 384


@pytest.fixture(autouse=True)
def _no_embedding_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "prepare_model", lambda settings, *, say: PreparedEmbedder())


def run(tmp_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["prepare", *arguments], env={"YIJU_DATA_DIR": str(tmp_path)})


def readers(settings: Settings, *, say: Callable[[str], None]) -> str:
    return "yiju-reader@1"


def none(settings: Settings, *, say: Callable[[str], None]) -> str:
    raise ModelNotAvailableError("the trained reader's file is missing; reinstall yiju")


def test_both_models_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "prepare_reader", readers)
    done = run(tmp_path, "--json")
    said = json.loads(done.stdout)
    assert done.exit_code == 0
    assert said | {"seconds": 0} == {"model_id": "e5@1", "dim": 384, "reader": "yiju-reader@1", "seconds": 0}
    assert "yiju-reader@1" in run(tmp_path).stdout


def test_without_the_reader_the_rules_serve_and_the_reason_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "prepare_reader", none)
    done = run(tmp_path, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["reader"] is None
    assert "由规则阅读：the trained reader's file is missing" in done.stderr
    assert "规则阅读" in run(tmp_path).stdout


def test_rules_need_no_preparing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "prepare_reader", none)
    settings = load_settings({"YIJU_DATA_DIR": str(tmp_path), "YIJU_READER__MODEL": "rules"})
    assert app.prepare_reader(settings, say=print) is None
