"""The two that are measured beside each other: the product's search, and flat exact search with BM25 by numpy.

Each answers the same questions, whose vectors are given: embedding a question is no part of it. Both load the passages
they found from the same store.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.documents import Document, Passage
from corpus.store import DocumentStore
from embeddings.embedder import Vectors
from embeddings.factory import open_embedder
from evals.bm25_numpy import NumpyBM25, Postings, best
from evals.index_figures import resident_mib
from evals.index_texts import open_store
from retrieval.fusion import FusionRule, fuse
from retrieval.manifest import Fit
from retrieval.retriever import CANDIDATES, HybridRetriever
from retrieval.snapshot import Snapshot
from retrieval.terms import Terms

TOP_K = 10
_QUESTIONS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class SideFolders:
    """Where a side finds its data. ``rows``: the file with the row of each place.

    The last three are for the plain side alone; ``passages``: how many of the benchmark's passages take part.
    """

    database: Path
    snapshot: Path
    models: Path
    fit: Fit
    rows: Path | None = None
    postings: Path | None = None
    vectors: Path | None = None
    passages: int = 0


@dataclass(frozen=True, slots=True)
class AskedQuestions:
    """The questions with their vectors, float32, shape (questions, dim)."""

    texts: tuple[str, ...]
    vectors: Vectors

    @classmethod
    def of(cls, texts: Sequence[str], vectors: Sequence[Vectors]) -> AskedQuestions:
        """From one vector for each text; at least one."""
        return cls(tuple(texts), np.stack(vectors).astype(np.float32))


class GivenVectors:
    """An embedder of questions whose vectors are known."""

    def __init__(self, questions: AskedQuestions, model_id: str) -> None:
        self._vectors = dict(zip(questions.texts, questions.vectors, strict=True))
        self.dim = int(questions.vectors.shape[1])
        self.model_id = model_id

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vectors[text] for text in texts])

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        raise NotImplementedError("only questions are known")


class TimedStore:
    """The store, noting how long loading what was found takes: the same for both sides, and not searching."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self.seconds = 0.0

    def load_rows(self, rows: Sequence[int]) -> dict[int, tuple[Passage, Document]]:
        started = time.perf_counter()
        loaded = self._store.load_rows(rows)
        self.seconds = time.perf_counter() - started
        return loaded

    def retired(self) -> frozenset[str]:
        return self._store.retired()


class ProductSide:
    """The product's retriever over a snapshot."""

    def __init__(self, folders: SideFolders, questions: AskedQuestions) -> None:
        self._questions = questions
        self._models = folders.models
        self._store = TimedStore(open_store(folders.database))
        self._snapshot = Snapshot.open(folders.snapshot, folders.fit)
        self._terms = Terms.shipped()
        embedder = GivenVectors(questions, folders.fit.model_id)
        self._retriever = HybridRetriever(self._snapshot, self._store, embedder, self._terms)
        self._rows = np.load(folders.rows) if folders.rows is not None else self._snapshot.rows

    def ask(self, number: int) -> tuple[float, float]:
        """Milliseconds of one retrieval, without and with the loading of what it found."""
        started = time.perf_counter()
        self._retriever.search(self._questions.texts[number], top_k=TOP_K)
        return _milliseconds(time.perf_counter() - started, self._store)

    def sides(self, number: int) -> tuple[float, float]:
        """Milliseconds of the dense and of the lexical search, each alone."""
        started = time.perf_counter()
        self._snapshot.vectors.search(self._questions.vectors[number], CANDIDATES)
        between = time.perf_counter()
        query = self._snapshot.lexical.prepare(self._terms.question_groups(self._questions.texts[number]))
        self._snapshot.lexical.search(query, CANDIDATES)
        return (between - started) * 1000, (time.perf_counter() - between) * 1000

    def dense_places(self, number: int) -> npt.NDArray[np.int64]:
        """The places of what the dense side finds nearest."""
        return self._places(list(self._snapshot.vectors.search(self._questions.vectors[number], TOP_K)))

    def lexical_places(self, number: int) -> npt.NDArray[np.int64]:
        """The places of what the lexical side finds best."""
        query = self._snapshot.lexical.prepare(self._terms.question_groups(self._questions.texts[number]))
        return self._places(list(self._snapshot.lexical.search(query, TOP_K)))

    def memory(self) -> dict[str, int]:
        """MiB resident now."""
        return resident_mib()

    def memory_with_model(self) -> dict[str, int]:
        """MiB resident with the embedding model loaded, after a question was embedded."""
        open_embedder("bundled", "auto", self._models).encode_queries(self._questions.texts[:3])
        return resident_mib()

    def _places(self, rows: Sequence[int]) -> npt.NDArray[np.int64]:
        return np.searchsorted(self._rows, np.asarray(rows, dtype=np.int64))


class PlainSide:
    """Every vector multiplied and every posting added up, both at the same time; fused as the product does."""

    def __init__(self, folders: SideFolders, questions: AskedQuestions) -> None:
        self._questions = questions
        if folders.rows is None or folders.postings is None or folders.vectors is None:
            raise ValueError("the plain side needs rows, postings and vectors")
        self._store = TimedStore(open_store(folders.database))
        self._rows = np.load(folders.rows)
        self._matrix: Vectors = np.array(np.load(folders.vectors, mmap_mode="r")[: folders.passages])
        self._bm25 = NumpyBM25(Postings.read(folders.postings).first(folders.passages))
        self._terms = Terms.of(())
        self._executor = ThreadPoolExecutor(1)

    def ask(self, number: int) -> tuple[float, float]:
        """Milliseconds of one retrieval, without and with the loading of what it found."""
        started = time.perf_counter()
        other = self._executor.submit(self._dense, number)
        by_words, lexical = self._lexical(number)
        products, dense = other.result()
        places = list(dict.fromkeys([*dense, *lexical]))
        fused = fuse(
            dict(zip(places, products[places].tolist(), strict=True)),
            dict(zip(places, by_words[places].tolist(), strict=True)),
            coverage=1.0,
            rule=FusionRule(),
        )
        self._store.load_rows([int(self._rows[hit.row]) for hit in fused[:TOP_K]])
        return _milliseconds(time.perf_counter() - started, self._store)

    def sides(self, number: int) -> tuple[float, float]:
        """Milliseconds of the dense and of the lexical search, each alone."""
        started = time.perf_counter()
        self._dense(number)
        between = time.perf_counter()
        self._lexical(number)
        return (between - started) * 1000, (time.perf_counter() - between) * 1000

    def exact(self, numbers: Sequence[int], count: int) -> tuple[npt.NDArray[np.int64], Vectors]:
        """The places and products of the truly nearest, shape (len(numbers), count), nearest first."""
        places = np.empty((len(numbers), count), dtype=np.int64)
        for start in range(0, len(numbers), _QUESTIONS_AT_ONCE):
            block = list(numbers[start : start + _QUESTIONS_AT_ONCE])
            every = self._questions.vectors[block] @ self._matrix.T
            places[start : start + len(block)] = np.argpartition(-every, count, axis=1)[:, :count]
        products = np.stack([self.products(n, own) for n, own in zip(numbers, places, strict=True)])
        order = np.argsort(-products, axis=1, kind="stable")
        return np.take_along_axis(places, order, axis=1), np.take_along_axis(products, order, axis=1)

    def products(self, number: int, places: npt.NDArray[np.int64]) -> Vectors:
        """The true products of a question with the vectors at some places."""
        products: Vectors = np.vecdot(self._matrix[places], self._questions.vectors[number])
        return products

    def lexical_places(self, number: int) -> npt.NDArray[np.int64]:
        """The places of what the lexical side finds best."""
        return np.array(list(best(self._lexical(number)[0], TOP_K)), dtype=np.int64)

    def memory(self) -> dict[str, int]:
        """MiB resident now."""
        return resident_mib()

    def _dense(self, number: int) -> tuple[Vectors, dict[int, float]]:
        products = self._matrix @ self._questions.vectors[number]
        nearest = np.argpartition(-products, CANDIDATES)[:CANDIDATES]
        return products, dict.fromkeys(nearest.tolist(), 0.0)

    def _lexical(self, number: int) -> tuple[Vectors, dict[int, float]]:
        groups = self._terms.question_groups(self._questions.texts[number])
        scores = self._bm25.scores([term for group in groups for term in group.alternatives[0]])
        return scores, best(scores, CANDIDATES)


def _milliseconds(seconds: float, store: TimedStore) -> tuple[float, float]:
    return (seconds - store.seconds) * 1000, seconds * 1000


def side(kind: str, folders: SideFolders, questions: AskedQuestions) -> Any:
    """The side of that name: ``product`` or ``plain``."""
    return {"product": ProductSide, "plain": PlainSide}[kind](folders, questions)
