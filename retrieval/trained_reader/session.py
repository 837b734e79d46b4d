"""Runs the trained reader's graph over rows: one row a core, as many at a time as there are threads.

What the numbers mean, and which tokens may start an answer, is for the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings.errors import ModelDamagedError
from embeddings.onnx_runtime import open_graph
from embeddings.threads import usable_cores
from retrieval.trained_reader.pairs import Pair

Logits = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Output:
    """One row's logits: ``starts`` and ``ends`` by token, and the scores of the whole row."""

    starts: Logits
    ends: Logits
    relevance: float
    answerability: float


class ReaderSession:
    """A loaded graph. Safe for several threads.

    Every row runs alone and on one core: nothing is padded, no core waits for another inside a row, and a row gives the
    same numbers whatever it is read with.
    """

    def __init__(self, graph: Path, threads: int | None = None) -> None:
        """Load the graph; takes a quarter of a second.

        Raises: ModelDamagedError: it is not a graph that onnxruntime can load.
        """
        try:
            self._session = open_graph(graph)
        except Exception as error:  # onnxruntime raises types of its own
            raise ModelDamagedError(f"{graph} cannot be loaded ({error}); delete its folder and start again") from error
        self._workers = ThreadPoolExecutor(threads or usable_cores(), thread_name_prefix="reading")

    def run(self, pairs: Sequence[Pair]) -> list[Output]:
        """Read the rows. Returns: one output for each, in their order. Empty input: none."""
        if len(pairs) <= 1:
            return [self._row(pair) for pair in pairs]
        # The longest first, so that at the end no core is left alone with a long one.
        order = sorted(range(len(pairs)), key=lambda position: -len(pairs[position].ids))
        outputs = self._workers.map(self._row, [pairs[position] for position in order])
        found = dict(zip(order, outputs, strict=True))
        return [found[position] for position in range(len(pairs))]

    def _row(self, pair: Pair) -> Output:
        ids, kinds = np.array(pair.ids, np.int64), np.array(pair.kinds, np.int64)
        spans, scores = self._session.run(None, {"input_ids": ids, "kinds": kinds})
        return Output(spans[:, 0], spans[:, 1], float(scores[0]), float(scores[1]))
