"""Any sentence-transformers model through torch: the general path, and what faster ones are measured by."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from transformers.utils import logging as transformers_logging

from embeddings.batching import batches_of_like_length
from embeddings.embedder import Vectors
from embeddings.errors import ModelNotAvailableError
from embeddings.hub import identify_folder
from embeddings.threads import usable_cores

_BATCH_TOKENS = 8192


def prompts_of(model: SentenceTransformer) -> tuple[str, str]:
    """The model's own prompts for questions and passages, empty where it has none.

    The library fills in an empty ``document`` prompt, which would hide that a model calls its own ``passage``.
    """
    prompts = model.prompts or {}
    document = next((prompts[name] for name in ("document", "passage", "corpus") if prompts.get(name)), "")
    return prompts.get("query") or "", document


class SentenceTransformerEmbedder:
    """An embedder over a sentence-transformers folder, with the model's own query and document prompts.

    Safe for several threads; they take turns, because the tokenizers of transformers are not.
    """

    def __init__(
        self, folder: Path, *, model_id: str | None = None, device: str = "cpu", threads: int | None = None
    ) -> None:
        """Load the weights. Sets torch's thread count for the whole process.

        Raises: ModelNotAvailableError: not a sentence-transformers folder, damaged, or it needs code of its own to run.
        """
        torch.set_num_threads(threads or usable_cores())
        # Bars and load reports are for notebooks; what matters becomes an error below.
        transformers_logging.disable_progress_bar()
        transformers_logging.set_verbosity_error()
        try:
            self._model = SentenceTransformer(
                str(folder), device=device, local_files_only=True, trust_remote_code=False
            ).eval()
        except Exception as error:  # transformers raises many types for the same causes
            raise ModelNotAvailableError(
                f"{folder} cannot be loaded as a sentence-transformers model ({error}); check that the folder is whole "
                "and that the model needs no code of its own (such code is never run)"
            ) from error
        dim = self._model.get_embedding_dimension()
        if dim is None:
            raise ModelNotAvailableError(f"{folder} does not say the width of its vectors; use another model")
        self._dim = int(dim)
        self._model_id = model_id or identify_folder(folder)
        self._prompts = prompts_of(self._model)
        self._lock = threading.Lock()

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return self._dim

    @property
    def model_id(self) -> str:
        """Names the weights by revision or hash, with prompts and pooling; other weights have another id."""
        return self._model_id

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions. Shape (len(texts), dim), rows of length 1, the order kept. Empty input: (0, dim)."""
        return self._encode(self._model.encode_query, self._prompts[0], texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Embed passages for an index. Shape and length as ``encode_queries``."""
        return self._encode(self._model.encode_document, self._prompts[1], texts)

    def _encode(self, encode: Any, prompt: str, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self._dim), dtype=np.float32)
        # Characters stand for tokens: in Chinese they are about as many, elsewhere fewer, so memory stays bounded.
        longest = int(self._model.max_seq_length or 512)
        lengths = [min(len(prompt) + len(text) + 2, longest) for text in texts]
        for batch in batches_of_like_length(lengths, max_tokens=_BATCH_TOKENS):
            with self._lock:
                vectors[batch] = encode(
                    [texts[position] for position in batch],
                    prompt=prompt,
                    batch_size=len(batch),
                    normalize_embeddings=True,
                    convert_to_numpy=True,
                    show_progress_bar=False,
                )
        return vectors
