"""The network of the trained reader in torch, for training alone; in service its graph runs (``graph``).

multilingual-e5-small's twelve layers over question and passage together, an embedding for the kinds of tokens (see
``pairs``), and two heads: the start and end of the answer, and relevance and answerability of the passage.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from retrieval.trained_reader.pairs import KINDS, PAD

LAYERS, HIDDEN, HEADS, INNER = 12, 384, 12, 1536
VOCABULARY, POSITIONS, EPSILON = 250037, 512, 1e-12
_HEAD_SIZE = HIDDEN // HEADS
_SCALE = 1 / math.sqrt(_HEAD_SIZE)
_MASKED = -10000.0


class Layer(nn.Module):
    """One encoder layer; query, key and value in one matrix, [1152, 384]."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.out = nn.Linear(HIDDEN, HIDDEN)
        self.norm1 = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.up = nn.Linear(HIDDEN, INNER)
        self.down = nn.Linear(INNER, HIDDEN)
        self.norm2 = nn.LayerNorm(HIDDEN, eps=EPSILON)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """``x`` [rows, tokens, 384], ``mask`` [rows, 1, 1, tokens] added to the attention scores."""
        rows, tokens = x.shape[0], x.shape[1]
        split = self.qkv(x).view(rows, tokens, 3, HEADS, _HEAD_SIZE).permute(2, 0, 3, 1, 4)
        query, key, value = split[0], split[1], split[2]
        # Written out: on a processor the fused call's backward pass takes four times as long.
        similar = (query * _SCALE) @ key.transpose(-1, -2)
        weights = torch.softmax(similar + mask.to(similar.dtype), dim=-1)
        seen = (weights.to(value.dtype) @ value).transpose(1, 2).reshape(rows, tokens, HIDDEN)
        x = self.norm1(x + self.out(seen))
        normed: Tensor = self.norm2(x + self.down(functional.gelu(self.up(x))))
        return normed


class ReaderNetwork(nn.Module):
    """``forward(input_ids, kinds)`` gives spans [rows, tokens, 2] and scores [rows, 2]: relevance, answerability."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, HIDDEN)
        self.positions = nn.Embedding(POSITIONS, HIDDEN)
        self.types = nn.Embedding(2, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.kinds = nn.Embedding(KINDS, HIDDEN)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.spans = nn.Linear(HIDDEN, 2)
        self.pool = nn.Linear(HIDDEN, HIDDEN)
        self.scores = nn.Linear(HIDDEN, 2)
        nn.init.zeros_(self.kinds.weight)

    def forward(self, input_ids: Tensor, kinds: Tensor) -> tuple[Tensor, Tensor]:
        """Both int64 [rows, tokens], rows padded with 1; padding is masked here, question tokens by the caller."""
        mask = (input_ids == PAD).to(self.norm.weight.dtype)[:, None, None, :] * _MASKED
        places = torch.arange(input_ids.shape[1], device=input_ids.device)
        embedded = self.words(input_ids) + self.positions(places) + self.types.weight[0]
        x = self.norm(embedded) + self.kinds(kinds)
        for layer in self.layers:
            x = layer(x, mask)
        pooled = torch.tanh(self.pool(x[:, 0]))
        return self.spans(x), self.scores(pooled)


def base_state(checkpoint: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The bundled encoder's tensors (Hugging Face's BERT names) under this network's names, without heads."""
    state = {
        "words.weight": checkpoint["embeddings.word_embeddings.weight"],
        "positions.weight": checkpoint["embeddings.position_embeddings.weight"],
        "types.weight": checkpoint["embeddings.token_type_embeddings.weight"],
        "norm.weight": checkpoint["embeddings.LayerNorm.weight"],
        "norm.bias": checkpoint["embeddings.LayerNorm.bias"],
    }
    names = {
        "out": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm2": "output.LayerNorm",
    }
    for index in range(LAYERS):
        theirs = f"encoder.layer.{index}."
        for part in ("weight", "bias"):
            split = [checkpoint[f"{theirs}attention.self.{name}.{part}"] for name in ("query", "key", "value")]
            state[f"layers.{index}.qkv.{part}"] = torch.cat(split)
            for own, name in names.items():
                state[f"layers.{index}.{own}.{part}"] = checkpoint[f"{theirs}{name}.{part}"]
    return state
