"""An embedder that can be computed by hand and writes down what it embeds, in a file that outlives a killed process."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from embeddings.cache import text_key
from embeddings.embedder import Vectors

DIM = 48


class CountingEmbedder:
    """Texts that share pairs of characters get near vectors. ``log`` gets a line a batch before it is embedded."""

    def __init__(self, log: Path, run: str, model_id: str = "counting-1") -> None:
        self._log = log
        self._run = run
        self._model_id = model_id

    @property
    def dim(self) -> int:
        return DIM

    @property
    def model_id(self) -> str:
        return self._model_id

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return vectors_of(self._model_id, texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        line = {"run": self._run, "model": self._model_id, "keys": [text_key(text).hex() for text in texts]}
        descriptor = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(descriptor, json.dumps(line).encode() + b"\n")
        finally:
            os.close(descriptor)
        return vectors_of(self._model_id, texts)


def vectors_of(model_id: str, texts: Sequence[str]) -> Vectors:
    """What the model gives, shape (len(texts), DIM), of length 1, without writing anything down."""
    return np.stack([_vector(model_id, text) for text in texts]) if texts else np.empty((0, DIM), np.float32)


@lru_cache(maxsize=20_000)
def _vector(model_id: str, text: str) -> Vectors:
    vector = np.zeros(DIM, np.float32)
    for left, right in itertools.pairwise(text):
        digest = hashlib.blake2s(f"{model_id}{left}{right}".encode()).digest()
        vector[digest[0] % DIM] += 1 if digest[1] % 2 else -1
    norm = float(np.linalg.norm(vector))
    return np.asarray(vector / norm, np.float32) if norm else np.eye(DIM, dtype=np.float32)[0]


def embedded_again(log: Path, ended_early: Sequence[str]) -> list[str]:
    """Texts that were embedded more than once by one model, as hex keys.

    Excused: those of the last batch of a run of ``ended_early``; it may have died before they were kept.
    """
    if not log.exists():
        return []
    batches = [json.loads(line) for line in log.read_text().splitlines()]
    last = {batch["run"]: place for place, batch in enumerate(batches)}
    lost = {last[run] for run in ended_early if run in last}
    seen: set[tuple[str, str]] = set()
    again: list[str] = []
    for place, batch in enumerate(batches):
        for key in batch["keys"]:
            if (batch["model"], key) in seen:
                again.append(key)
            if place not in lost:
                seen.add((batch["model"], key))
    return again
