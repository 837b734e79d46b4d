"""The protocol of everything that turns text into vectors. Implementations live beside it, one a module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

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
