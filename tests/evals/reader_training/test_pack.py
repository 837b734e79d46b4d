"""Packing a checkpoint: what is written can be read, and what must not be shipped is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embeddings.bundled import MODEL_ID
from evals.reader_training import pack
from retrieval.trained_reader.base import base_tensors
from retrieval.trained_reader.weights import Array, read_reader_weights
from tests.retrieval.trained_reader.tiny_reader import tiny_encoder, trained


@pytest.fixture
def base(tmp_path: Path) -> dict[str, Array]:
    return base_tensors(tiny_encoder(tmp_path))


def test_the_written_file_holds_the_checkpoint_nearly(tmp_path: Path, base: dict[str, Array]) -> None:
    checkpoint = trained(base)
    off = pack.write_shipped(checkpoint, base, tmp_path / "weights" / "reader.bin")
    restored = read_reader_weights(tmp_path / "weights" / "reader.bin", base_id=MODEL_ID).merged(base)
    assert set(restored) == set(base) | set(checkpoint)
    assert off["qkv.weight"] == pytest.approx(0.1, abs=0.03)  # 4 bits of normal noise
    assert off["pool.weight"] < 0.001
    assert off["qkv.bias"] < 0.001


def test_a_trained_embedding_is_refused(tmp_path: Path, base: dict[str, Array]) -> None:
    checkpoint = trained(base) | {"words.weight": base["words.weight"] + np.float32(0.1)}
    with pytest.raises(ValueError, match=r"words\.weight differs .* must stay frozen"):
        pack.write_shipped(checkpoint, base, tmp_path / "reader.bin")


def test_a_file_too_large_for_the_repository_is_refused(
    tmp_path: Path, base: dict[str, Array], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "MOST_BYTES", 100)
    with pytest.raises(ValueError, match="at most 100 may be shipped"):
        pack.write_shipped(trained(base), base, tmp_path / "reader.bin")
    assert not (tmp_path / "reader.bin").exists()
