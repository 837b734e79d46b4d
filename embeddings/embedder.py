"""The protocol of everything that turns text into vectors. Implementations live beside it, one a module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


class Embedder(Protocol):
    """Text to vectors of length 1, questions and passages each with the model's own prompt."""

    @property
    def dim(self) -> int:
        """Width of a vector."""
        ...

    @property
    def model_id(self) -> str:
        """Names weights, prompts and pooling (not the precision they run in): equal ids, vectors that may be mixed."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions.

        Returns: float32, shape (len(texts), dim), rows of length 1, so inner product is cosine. Empty input: (0, dim).
        """
        ...

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Embed passages for an index. Shape and length as ``encode_queries``."""
        ...


@runtime_checkable
class YieldingEmbedder(Embedder, Protocol):
    """An embedder that can also work behind whatever else the machine does."""

    def in_background(self) -> Embedder:
        """The same model, on threads that run only where nothing else wants the core."""
        ...


def in_background(embedder: Embedder) -> Embedder:
    """The embedder for work that nobody waits for: behind everything else where it can do so, else as it is."""
    return embedder.in_background() if isinstance(embedder, YieldingEmbedder) else embedder
