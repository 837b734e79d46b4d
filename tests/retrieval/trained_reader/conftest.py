"""A tiny trained reader's sources, and its graph."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.trained_reader.base import base_tensors
from tests.retrieval.trained_reader.tiny_reader import tiny_encoder, trained


@pytest.fixture(scope="session")
def tiny_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An int8 graph with two layers of width 32."""
    from retrieval.trained_reader.graph import write_graph

    folder = tmp_path_factory.mktemp("tiny-reader")
    encoder = tiny_encoder(folder)
    base = base_tensors(encoder)
    path = folder / "reader.onnx"
    write_graph(base | trained(base), path, heads=encoder.architecture.heads, precision="int8")
    return path
