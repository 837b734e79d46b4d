"""The sets that retrieval is fitted and measured on, each indexed by the real pipeline, vectors cached between runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.database import open_database
from corpus.store import DocumentStore
from embeddings.cache import VectorCache, text_key
from embeddings.embedder import Embedder, Vectors
from evals.datasets import Question, read_questions
from retrieval.indexing import Indexer, fit_for
from retrieval.retriever import HybridRetriever
from retrieval.snapshot import Snapshot, open_current
from retrieval.terms import Terms


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Questions over documents, by their paths in the shared data. ``fitted``: its training half fits the fusion."""

    name: str
    documents: str
    questions: str
    fitted: bool


_NEWS, _XQUAD = "news/documents.jsonl", "xquad/documents.jsonl"
SETS = (
    RetrievalSet("news", _NEWS, "news/questions.jsonl", fitted=True),
    RetrievalSet("news_needing_context", _NEWS, "news/questions_needing_context.jsonl", fitted=True),
    RetrievalSet("news_events", _NEWS, "news/events.jsonl", fitted=True),
    RetrievalSet("xquad_zh", _XQUAD, "xquad/questions_zh.jsonl", fitted=True),
    RetrievalSet("xquad_en", _XQUAD, "xquad/questions_en.jsonl", fitted=True),
    RetrievalSet("drcd_dev", "reading/drcd_dev/documents.jsonl", "reading/drcd_dev/questions.jsonl", fitted=True),
    RetrievalSet(
        "cmrc2018_trial",
        "reading/cmrc2018_trial/documents.jsonl",
        "reading/cmrc2018_trial/questions.jsonl",
        fitted=False,
    ),
    RetrievalSet(
        "news_mrc_train",
        "reading/news_mrc_train/documents.jsonl",
        "reading/news_mrc_train/questions.jsonl",
        fitted=False,
    ),
)


class RememberingEmbedder:
    """An embedder whose questions come from a cache too, so that a second run measures retrieval alone."""

    def __init__(self, embedder: Embedder, cache: VectorCache) -> None:
        self._embedder = embedder
        self._cache = cache
        self._known: dict[str, Vectors] = {}

    @property
    def dim(self) -> int:
        return self._embedder.dim

    @property
    def model_id(self) -> str:
        return self._embedder.model_id

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.encode_documents(texts)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        if not all(text in self._known for text in texts):
            self.remember(texts)
        return np.stack([self._known[text] for text in texts])

    def remember(self, texts: Sequence[str], batch: int = 256) -> None:
        """Embed questions ahead of time, many at once."""
        model_id = f"{self.model_id}#queries"
        for start in range(0, len(texts), batch):
            keys = {text_key(text): text for text in texts[start : start + batch]}
            known = self._cache.lookup(model_id, list(keys))
            missing = [key for key in keys if key not in known]
            if missing:
                vectors = self._embedder.encode_queries([keys[key] for key in missing])
                self._cache.store(model_id, missing, vectors)
                known.update(zip(missing, vectors, strict=True))
            self._known.update({text: known[key] for key, text in keys.items()})


class OpenIndex:
    """Documents of one file, indexed by the real pipeline and open for searching. ``close`` it."""

    def __init__(self, documents: Path, folder: Path, cache_path: Path, embedder: RememberingEmbedder) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.store = DocumentStore(open_database(f"sqlite:///{folder / 'benchmark.db'}"))
        self.store.migrate()
        self.embedder = embedder
        cache = VectorCache(cache_path)
        # A sample of other documents than last time is no accident.
        Indexer(self.store, embedder, cache, folder / "index").run(documents, allow_mass_removal=True)
        cache.close()
        self.snapshot: Snapshot = open_current(folder / "index", fit_for(embedder))
        self.terms = Terms.shipped()
        self.retriever = HybridRetriever(self.snapshot, self.store, embedder, self.terms)

    def documents_of(self, rows: Sequence[int]) -> list[str]:
        """The document id of each row."""
        return [self.snapshot.document_of(row) for row in rows]

    def close(self) -> None:
        self.snapshot.close()


class OpenSet(OpenIndex):
    """A set of questions with its documents. ``close`` it."""

    def __init__(self, kind: RetrievalSet, shared: Path, work_dir: Path, embedder: RememberingEmbedder) -> None:
        documents = shared / "data" / kind.documents
        super().__init__(documents, work_dir / documents.parent.name, work_dir / "vectors.db", embedder)
        self.name = kind.name
        self.questions: list[Question] = [
            question for question in read_questions(shared / "data" / kind.questions) if question.contexts
        ]
        embedder.remember([question.text for question in self.questions])
