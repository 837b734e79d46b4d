"""Models for tests: the prepared bundled one, and a tiny random one made on the spot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from embeddings.bundled import prepare_bundled

# Read at import: the tests' top conftest takes the YIJU_* settings of the developer away later.
_MODELS_DIR = Path(os.environ.get("YIJU_TEST_MODELS_DIR", Path(__file__).parents[2] / "data" / "models"))


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """A models folder that holds the prepared bundled model; kept between runs."""
    prepare_bundled(_MODELS_DIR, progress=lambda message: None)
    return _MODELS_DIR


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder with two random layers of width 32 and prompts of its own."""
    pytest.importorskip("torch")
    from tests.embeddings.tiny_model import write_tiny_model

    return write_tiny_model(tmp_path_factory.mktemp("tiny") / "tiny-model", seed=1)
