"""How fast the product embeds passages of an index, beside a plain SentenceTransformer, in turns in one process."""

from __future__ import annotations

import logging
import random
import warnings
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer

from embeddings.bundled import prepare_bundled
from embeddings.onnx_runtime import OnnxEmbedder
from embeddings.prepared import read_manifest
from evals.embedding_benchmark import THREADS, Contestant, ratios, run_rounds, summary
from evals.index_texts import open_store, text_of

_PASSAGES, _LOOKED_AT = 640, 20_000


class EmbeddingRatio:
    """Both, warm, over passages of a data folder."""

    def __init__(self, models: Path, data: Path, seconds: float) -> None:
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        self._seconds = seconds
        folder = prepare_bundled(models, progress=print).folder
        manifest = read_manifest(folder)
        ours = OnnxEmbedder(folder, threads=THREADS)
        torch.set_num_threads(THREADS)
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True).eval()
        query, document = manifest.query_prompt, manifest.document_prompt
        self._runners = {
            "product": Contestant(ours.encode_queries, ours.encode_documents),
            "sentence_transformer": Contestant(
                lambda texts: model.encode([query + text for text in texts], show_progress_bar=False),
                lambda texts: model.encode([document + text for text in texts], show_progress_bar=False),
            ),
        }
        store = open_store(data / "yiju.db")
        texts = [text_of(row) for row in islice(store.passage_rows(range(1, 10_000)), _LOOKED_AT)]
        self._texts = random.Random(4).sample(texts, min(_PASSAGES, len(texts)))

    def figures(self) -> dict[str, Any]:
        """Passages a second of both, and how many times as fast the product is."""
        questions = [text[-20:] for text in self._texts]
        rounds = run_rounds(self._runners, questions, self._texts, self._seconds)
        speeds = {name: summary(runner)["documents_per_second_median"] for name, runner in self._runners.items()}
        times = ratios(self._runners["product"], self._runners["sentence_transformer"])
        return {
            "passages_per_second": speeds,
            "times_as_fast": times["documents_per_second"],
            "times_as_fast_median_of_pairs": times["documents_per_second_median_of_pairs"],
            "threads": THREADS,
            "rounds": rounds,
        }


def embedding_ratio(models: Path, data: Path, seconds: float) -> EmbeddingRatio:
    """For another process."""
    return EmbeddingRatio(models, data, seconds)
