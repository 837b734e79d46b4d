"""The fast path: a prepared model through onnxruntime and tokenizers, without torch or transformers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from embeddings.batching import batches_by_length
from embeddings.embedder import Vectors
from embeddings.errors import ModelDamagedError
from embeddings.prepared import check_files, read_manifest
from embeddings.threads import usable_cores

_BATCH_TOKENS = 1024


class OnnxEncoder:
    """A graph with its tokenizer: texts, prompt included, to vectors of length 1. Safe for several threads."""

    def __init__(self, graph: Path, tokenizer: Path, *, max_tokens: int, threads: int | None = None) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads or usable_cores()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = ort.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        self.dim = int(self._session.get_outputs()[0].shape[-1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Embed texts. Returns: float32, shape (len(texts), dim), in the order given. Empty input: (0, dim)."""
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        if not texts:
            return vectors
        tokenised = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        for batch in batches_by_length([len(ids) for ids in tokenised], max_tokens=_BATCH_TOKENS):
            vectors[batch] = self._run([tokenised[position] for position in batch])
        return vectors

    def _run(self, tokenised: Sequence[Sequence[int]]) -> Vectors:
        width = max(len(ids) for ids in tokenised)
        input_ids = np.zeros((len(tokenised), width), dtype=np.int64)
        mask = np.zeros_like(input_ids)
        for row, ids in enumerate(tokenised):
            input_ids[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        vectors: Vectors = self._session.run(None, {"input_ids": input_ids, "attention_mask": mask})[0]
        return vectors


class OnnxEmbedder:
    """An embedder over a folder made by ``prepare_bundled`` or ``prepare_onnx``."""

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        """Load the graph; takes well under a second.

        Raises: ModelDamagedError: a file is missing or has another size than the manifest says, or cannot be loaded.
        """
        manifest = read_manifest(folder)
        if manifest.onnx is None:
            raise ModelDamagedError(f"{folder} has no ONNX graph ({manifest.onnx_refused}); use backend torch")
        check_files(folder, manifest)
        self._manifest = manifest
        try:
            self._encoder = OnnxEncoder(
                folder / manifest.onnx, folder / "tokenizer.json", max_tokens=manifest.max_tokens, threads=threads
            )
        except Exception as error:  # onnxruntime and tokenizers raise types of their own
            raise ModelDamagedError(f"{folder} cannot be loaded ({error}); delete it and start again") from error

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return self._manifest.dim

    @property
    def model_id(self) -> str:
        """Names weights, prompts and pooling; the same for the torch path of the same folder."""
        return self._manifest.model_id

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions. Shape (len(texts), dim), rows of length 1, the order kept. Empty input: (0, dim)."""
        return self._encoder.encode([self._manifest.query_prompt + text for text in texts])

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Embed passages for an index. Shape and length as ``encode_queries``."""
        return self._encoder.encode([self._manifest.document_prompt + text for text in texts])
