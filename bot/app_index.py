"""The composition root of indexing: the pipeline with the gate before each switch and the order of embedding.

The command line and the servers index through here; what answers is put together in ``app``.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import app
from bot.app import Say, Stores
from bot.evaluation.questions import load_cases
from bot.gate_memory import GateMemory
from bot.indexing_jobs import Listener, ReindexOptions, make_way
from bot.responding import Policy, Responder, Session
from bot.settings import Settings
from bot.state.jobs import JobProgress
from bot.switch_gate import GateQuestions, SwitchGate

if TYPE_CHECKING:
    from embeddings.embedder import Embedder, Vectors
    from retrieval.index_protocols import GateVerdict
    from retrieval.index_report import IndexProgress
    from retrieval.indexing import Indexer
    from retrieval.searching import SearchSession
    from retrieval.snapshot import Snapshot

# Questions and answers of so long ago say what is asked now.
ASKED_DAYS = 30
# So many of the latest answers say which documents are wanted.
_LATEST_ANSWERS = 2000
_GATE_MEMORY = ".gate.json"


@dataclass(frozen=True, slots=True)
class IndexingParts:
    """What indexing shares with whatever answers beside it; ``responder`` is called when something has to be read."""

    settings: Settings
    stores: Stores
    embedder: Embedder
    responder: Callable[[], Responder]
    say: Say


def build_index(
    settings: Settings, corpus: Path | None, options: ReindexOptions, *, say: Say, progress: Listener
) -> dict[str, Any]:
    """Bring the index in line with the sources; the report of the contract."""
    with app.open_stores(settings) as stores:
        embedder = app.prepare_model(settings, say=say)

        def responder() -> Responder:
            return Responder(*app.open_reader(settings, embedder, say=say))

        if not options.dry_run:
            make_way(stores.state.jobs)
        parts = IndexingParts(settings, stores, embedder, responder, say)
        return reindex(parts, corpus or settings.corpus_dir, options, progress)


def reindex(parts: IndexingParts, corpus: Path, options: ReindexOptions, progress: Listener) -> dict[str, Any]:
    """As ``build_index``, with parts that are open already."""
    with _indexer(parts, progress) as indexer:
        report = indexer.run(
            corpus,
            parts.settings.uploads_dir,
            full=options.full,
            dry_run=options.dry_run,
            allow_mass_removal=options.allow_mass_removal,
            embed=options.embed,
            fill=options.fill,
            progress=lambda each: progress(_job_progress(each)),
        )
    return report.as_json()


def fill(parts: IndexingParts, progress: Listener) -> dict[str, Any]:
    """Embed what the serving snapshot has no vectors for; the report as of ``reindex``. Raises: SnapshotError."""
    with _indexer(parts, progress) as indexer:
        return indexer.fill(progress=lambda each: progress(_job_progress(each))).as_json()


@contextmanager
def _indexer(parts: IndexingParts, progress: Listener) -> Iterator[Indexer]:
    from embeddings.cache import VectorCache
    from retrieval.indexing import Indexer
    from retrieval.manifest import ModelSource

    settings, stores = parts.settings, parts.stores
    app.settle_restore(settings, stores)
    gate = _gate(parts, progress)
    with closing(VectorCache(settings.vector_cache_path)) as cache:
        yield Indexer(
            stores.documents,
            parts.embedder,
            cache,
            settings.index_dir,
            model=ModelSource(settings.embedding.model, settings.embedding.backend),
            gate=gate,
            priority=lambda _: stores.state.answers.wanted_documents(_LATEST_ANSWERS, days=ASKED_DAYS),
            kept_snapshots=settings.index.kept_snapshots,
        )


def _job_progress(said: IndexProgress) -> JobProgress:
    return JobProgress(said.done, said.total, said.phase, said.rate, said.seconds_left)


def _gate(parts: IndexingParts, progress: Listener) -> Callable[[Snapshot | None, Snapshot], GateVerdict]:
    """Judges a snapshot by the golden questions and by those asked most. Raises: QuestionFileError, at once."""
    from retrieval.yielding import QUESTIONS, Courtesy, QuestionClock

    settings = parts.settings
    golden = settings.index.golden_questions
    asked = parts.stores.state.answers.most_asked(settings.index.asked_questions, days=ASKED_DAYS)
    questions = GateQuestions(
        golden=load_cases([golden]) if golden is not None else (),
        asked=[each.question for each in asked],
        points=settings.index.gate_points,
    )
    clock = QuestionClock(settings.index_dir / QUESTIONS)
    session_of = _sessions(parts)

    def judge(old: Snapshot | None, new: Snapshot) -> GateVerdict:
        gate = SwitchGate(
            parts.responder,
            GateMemory(settings.index_dir / _GATE_MEMORY, _reader_name(settings)),
            passages_read=_passages_read(settings),
            wait=Courtesy(clock).wait,
        )
        return gate.judge(
            None if old is None else session_of(old),
            session_of(new),
            questions,
            progress=lambda done, total: progress(JobProgress(done, total, "checking")),
        )

    return judge


def _sessions(parts: IndexingParts) -> Callable[[Snapshot], Session]:
    """Opens sessions on any snapshot; a question is embedded once for all that have the same model."""
    from retrieval.retriever import HybridRetriever
    from retrieval.searching import SearchSession

    terms = app.read_terms(parts.settings)
    embedders = app.snapshot_embedders(parts.settings, parts.embedder, say=parts.say)
    remembered: dict[str, _QuestionVectors] = {}

    def session_of(snapshot: Snapshot) -> SearchSession:
        found = embedders.for_snapshot(snapshot)
        embedder = None if found is None else remembered.setdefault(found.model_id, _QuestionVectors(found))
        retriever = HybridRetriever(snapshot, parts.stores.documents, embedder, terms)
        return SearchSession(snapshot.id, retriever, snapshot.manifest.embedded_share if embedder else 0.0)

    return session_of


class _QuestionVectors:
    """An embedder that embeds each question once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[tuple[str, ...], Vectors] = {}

    @property
    def dim(self) -> int:
        """As the embedder's."""
        return self._embedder.dim

    @property
    def model_id(self) -> str:
        """As the embedder's."""
        return self._embedder.model_id

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As the embedder's, remembered."""
        key = tuple(texts)
        if key not in self._known:
            self._known[key] = self._embedder.encode_queries(texts)
        return self._known[key]

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """As the embedder's."""
        return self._embedder.encode_documents(texts)


def _passages_read(settings: Settings) -> int:
    if settings.reader.model == "rules":
        return Policy().passages_read
    from retrieval.trained_reader.calibration import ReaderCalibration

    return ReaderCalibration.load().passages_read


def _reader_name(settings: Settings) -> str:
    """Names everything that what is read out of the same passages depends on."""
    from embeddings.errors import EmbeddingError
    from retrieval.trained_reader.preparing import reader_id

    name: str = settings.reader.model
    if name == "bundled":
        try:
            name = reader_id()
        except EmbeddingError:
            name = "rules"
    terms = settings.terms_file.read_bytes() if settings.terms_file is not None else b""
    return f"{metadata.version('yiju')} {name} {hashlib.sha256(terms).hexdigest()}"
