"""The readers that are measured beside each other, by name, each with the probability from which on it answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from embeddings.bundled import locate_weights, read_bundled_weights
from embeddings.embedder import Embedder, Vectors
from embeddings.errors import EmbeddingError
from retrieval.hits import Hit, Reader, Reading, TermStatistics
from retrieval.reading.confidence import Calibration
from retrieval.reading.meaning import sentence_similarity
from retrieval.reading.rule_reader import RuleReader
from retrieval.reading.wordings import wordings
from retrieval.terms import Terms
from retrieval.trained_reader.factory import open_trained_reader
from retrieval.trained_reader.graph import write_graph
from retrieval.trained_reader.making import merged
from retrieval.trained_reader.pairs import PairEncoder
from retrieval.trained_reader.preparing import prepare_reader, reader_id
from retrieval.trained_reader.reader import TrainedReader
from retrieval.trained_reader.session import ReaderSession
from retrieval.trained_reader.weights import SHIPPED

RULES, TRAINED, TRAINED_FP32 = "rules", "trained", "trained_fp32"
Say = Callable[[str], None]


@dataclass(slots=True)
class UnderTest:
    """A reader that remembers what it has read and how long reading took: parts of a run ask the same questions.

    ``threshold`` is that of the shipped calibration; ``passages`` are read at most, of those it is given.
    """

    name: str
    reader: Reader
    threshold: float
    passages: int = 8
    seconds: float = 0.0
    _known: dict[tuple[str, tuple[tuple[str, float], ...]], list[Reading]] = field(default_factory=dict)

    def read(self, question: str, hits: Sequence[Hit], statistics: TermStatistics) -> list[Reading]:
        """As ``Reader.read``, of the best ``passages`` hits."""
        hits = hits[: self.passages]
        key = (question, tuple((hit.passage.id, hit.score) for hit in hits))
        if key not in self._known:
            started = time.perf_counter()
            self._known[key] = self.reader.read(question, hits, statistics)
            self.seconds += time.perf_counter() - started
        return self._known[key]


class SentenceMemory:
    """An embedder that embeds a sentence once: the rules compare English questions with the same ones over and over."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}
        self.dim, self.model_id = embedder.dim, embedder.model_id

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.encode_queries(texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        if new:
            self._known.update(zip(new, self._embedder.encode_documents(new), strict=True))
        return np.stack([self._known[text] for text in texts])


def readers(models_dir: Path, embedder: Embedder, work: Path, *, threads: int, say: Say) -> dict[str, UnderTest]:
    """The rule-based reader, and the trained one in 8 bits and in fp32 where it can be prepared.

    ``work`` keeps the fp32 graph, half a gigabyte.
    """
    calibration = Calibration.load()
    rules = RuleReader(
        similarity=sentence_similarity(SentenceMemory(embedder)),
        variants=wordings(Terms.shipped()),
        calibration=calibration,
    )
    found = {RULES: UnderTest(RULES, rules, calibration.threshold)}
    try:
        trained = open_trained_reader(models_dir, rules, threads=threads, progress=say)
        exact = _exact(models_dir, work, rules, trained, threads=threads, say=say)
    except EmbeddingError as error:
        say(f"without the trained reader: {error}")
        return found
    table = trained.calibration
    for name, reader in ((TRAINED, trained), (TRAINED_FP32, exact)):
        found[name] = UnderTest(name, reader, table.threshold, table.passages_read)
    return found


def most_passages(found: Mapping[str, UnderTest]) -> int:
    """How many passages the readers need, the greediest of them."""
    return max(under_test.passages for under_test in found.values())


def _exact(
    models_dir: Path, work: Path, rules: RuleReader, trained: TrainedReader, *, threads: int, say: Say
) -> TrainedReader:
    """The same reader over a graph in fp32, written the first time."""
    path = work / f"{reader_id().replace('@', '-').replace('/', '-')}.float32.onnx"
    if not path.is_file():
        for outdated in work.glob("*.float32.onnx"):
            outdated.unlink()
        say("writing the fp32 graph")
        weights = read_bundled_weights(locate_weights(), progress=say)
        unfinished = path.with_suffix(".unfinished")
        write_graph(merged(weights, SHIPPED), unfinished, heads=weights.architecture.heads, precision="float32")
        unfinished.replace(path)
    tokenizer = prepare_reader(models_dir, progress=say).tokenizer
    session = ReaderSession(path, threads)
    return TrainedReader(session, PairEncoder(tokenizer), rules, calibration=trained.calibration)
