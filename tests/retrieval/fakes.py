"""Stand-ins that can be computed by hand: an embedder that hashes bigrams and a cache in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from embeddings.embedder import Vectors
from retrieval.terms import search_terms


class HashingEmbedder:
    """Texts that share terms get near vectors. Counts what it embeds; raises ``failure`` after ``fail_after`` texts."""

    def __init__(self, dim: int = 64, model_id: str = "hashing", *, fail_after: int | None = None) -> None:
        self._dim = dim
        self._model_id = model_id
        self._fail_after = fail_after
        self.embedded: list[str] = []
        self.batches: list[int] = []

    @property
    def dim(self) -> int:
        return self._dim

    @property
    def model_id(self) -> str:
        return self._model_id

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        if self._fail_after is not None and len(self.embedded) + len(texts) > self._fail_after:
            raise RuntimeError("the power went out")
        self.embedded.extend(texts)
        self.batches.append(len(texts))
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self._dim), dtype=np.float32)
        for place, text in enumerate(texts):
            for term in search_terms(text):
                digest = hashlib.blake2s(term.encode()).digest()
                vectors[place, digest[0] % self._dim] += 1 if digest[1] % 2 else -1
            norm = float(np.linalg.norm(vectors[place]))
            vectors[place] = vectors[place] / norm if norm else np.eye(self._dim, dtype=np.float32)[0]
        return vectors


@dataclass
class Verdict:
    """What a gate of a test says."""

    blocked: str | None = None
    report: dict[str, Any] = field(default_factory=lambda: {"changed": []})


class MemoryCache:
    """``VectorMemory`` in a dictionary."""

    def __init__(self) -> None:
        self.vectors: dict[tuple[str, bytes], Vectors] = {}

    def lookup(self, model_id: str, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        return {key: self.vectors[model_id, key] for key in keys if (model_id, key) in self.vectors}

    def store(self, model_id: str, keys: Sequence[bytes], vectors: Vectors) -> None:
        self.vectors.update({(model_id, key): vector for key, vector in zip(keys, vectors, strict=True)})
