"""The fast path: a prepared model through onnxruntime and tokenizers, without torch or transformers."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from embeddings.batching import Positions, batches_of_equal_length
from embeddings.embedder import Vectors
from embeddings.errors import ModelDamagedError
from embeddings.prepared import check_files, read_manifest
from embeddings.threads import step_back, usable_cores

# Short passages gain by company (half the time at 20 tokens); from some 200 tokens on nothing is left to gain.
_PASSAGE_BATCH_TOKENS = 256
# Company changes an int8 vector a little, because activations of a batch share a scale. A question is always alone, so
# that what is measured on many is what one asker gets.
_ALONE = 1
# On the CPU this fused operator is many times slower than the Add and LayerNormalization it replaces (decision 0003).
_SLOW_FUSIONS = ["SkipLayerNormFusion"]


def open_graph(graph: Path) -> ort.InferenceSession:
    """A session that runs on the caller's core alone, so that several can run at a time without waiting for each other.

    Raises: whatever onnxruntime does where the file is not a graph for it.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(
        str(graph), options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOW_FUSIONS
    )


class OnnxEncoder:
    """A graph with its tokenizer: texts, prompt included, to vectors of length 1. Safe for several threads.

    Each batch runs on one core, and ``threads`` batches at a time: cores never wait for each other inside a batch.
    """

    def __init__(self, graph: Path, tokenizer: Path, *, max_tokens: int, threads: int | None = None) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        self._session = open_graph(graph)
        self._threads = threads or usable_cores()
        self._workers = ThreadPoolExecutor(self._threads, thread_name_prefix="embedding")
        self._yields = False
        self.dim = int(self._session.get_outputs()[0].shape[-1])

    def in_background(self) -> OnnxEncoder:
        """The same graph with threads of its own that run only where nothing else wants the core."""
        shared = copy(self)
        shared._workers = ThreadPoolExecutor(
            self._threads, thread_name_prefix="embedding-background", initializer=step_back
        )
        shared._yields = True
        return shared

    def encode(self, texts: Sequence[str], *, batch_tokens: int = _ALONE) -> Vectors:
        """Embed texts in batches of at most so many tokens, or one text.

        Returns: float32, shape (len(texts), dim), in the order given. Empty input: (0, dim).
        """
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        # A model without marks for start and end has no token for an empty text; any one keeps its row finite.
        tokenised = [encoding.ids or [0] for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        batches = list(batches_of_equal_length([len(ids) for ids in tokenised], max_tokens=batch_tokens))

        def run(batch: Positions) -> None:
            input_ids = np.array([tokenised[position] for position in batch], dtype=np.int64)
            vectors[batch] = self._session.run(None, {"input_ids": input_ids})[0]

        if len(batches) == 1 and not self._yields:
            run(batches[0])
        else:
            for _ in self._workers.map(run, batches):
                pass
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

    def in_background(self) -> OnnxEmbedder:
        """The same model for work that must not slow questions down: it runs where nothing else wants the core."""
        shared = copy(self)
        shared._encoder = self._encoder.in_background()
        return shared

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
        prompted = [self._manifest.document_prompt + text for text in texts]
        return self._encoder.encode(prompted, batch_tokens=_PASSAGE_BATCH_TOKENS)
