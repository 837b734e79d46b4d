"""The composition root: makes real parts from settings and joins them; ``app_server`` goes on for servers.

Heavy libraries come with the parts that use them, so parts are imported where they are made.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.access import Access
from bot.audit import Trail
from bot.backup.places import Places
from bot.feedback import Feedback
from bot.gate import Serving
from bot.people import People
from bot.settings import Settings
from bot.state.audit import AuditLog, Deed
from bot.state.sessions import SessionLimits
from bot.state.store import StateStore
from corpus.database import open_database
from corpus.store import DocumentStore
from corpus.visibility import EVERYTHING, Clearance

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.evaluation.judging import NamesOf
    from bot.llm_client import LlmClient
    from bot.open_answers import OpenAnswers
    from bot.responding import Policy, Responder
    from bot.service import QAService
    from embeddings.embedder import Embedder
    from retrieval.hits import Reader
    from retrieval.live import LiveIndex
    from retrieval.searching import LiveSearch
    from retrieval.snapshot_embedders import SnapshotEmbedders
    from retrieval.stages import StageWatch
    from retrieval.terms import Terms

Say = Callable[[str], None]
Progress = Callable[[int, int], None]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stores:
    """The database with everything kept in it, brought up to date."""

    engine: Engine
    documents: DocumentStore
    state: StateStore


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that answers: the service and the index behind it."""

    service: QAService
    responder: Responder
    search: LiveSearch
    live: LiveIndex
    embedder: Embedder

    def serving(self) -> Serving:
        """What answers now, from documents that are there. Raises: SnapshotError: why there is none."""
        self.search.check_documents()
        with self.search.session() as session:
            return Serving(session.snapshot_id, session.embedded)


@contextmanager
def open_stores(settings: Settings) -> Iterator[Stores]:
    """The database, with its tables brought up to date. Raises: StoreError."""
    engine = open_database(settings.database_url)
    try:
        stores = Stores(
            engine,
            DocumentStore(engine),
            StateStore(
                engine,
                conversation_hours=settings.conversation_hours,
                session_limits=SessionLimits(
                    timedelta(hours=settings.sessions.idle_hours), timedelta(days=settings.sessions.days)
                ),
            ),
        )
        stores.documents.migrate()
        stores.state.migrate()
        settle_restore(settings, stores)
        yield stores
    finally:
        engine.dispose()


def places_of(settings: Settings) -> Places:
    """The folders of this installation, as a backup knows them."""
    return Places(settings.data_dir, settings.index_dir, settings.uploads_dir)


def settle_restore(settings: Settings, stores: Stores) -> None:
    """Finish or undo a restore whose process was killed; the usual case, that there is none, costs nothing."""
    places = places_of(settings)
    if places.restore_work.exists():
        from bot.backup.switching import settle

        settle(places, stores.documents.store_id)


@contextmanager
def open_feedback(settings: Settings) -> Iterator[Feedback]:
    """What readers think of answers."""
    with open_stores(settings) as stores:
        yield Feedback(stores.state.ratings)


def access_of(settings: Settings) -> Access:
    """Whom the settings allow to use Telegram."""
    telegram = settings.telegram
    return Access(telegram.admin_ids, telegram.allowed_ids, telegram.access == "open")


def people_of(settings: Settings, state: StateStore) -> People:
    """Who may use Telegram: whom the settings name, and whom administrators let in."""
    return People(state.people, access_of(settings), Trail(state.audit))


@contextmanager
def open_people(settings: Settings) -> Iterator[People]:
    """Who may use Telegram."""
    with open_stores(settings) as stores:
        yield people_of(settings, stores.state)


@contextmanager
def open_audit(settings: Settings) -> Iterator[AuditLog]:
    """Who did what."""
    with open_stores(settings) as stores:
        yield stores.state.audit


def prepare_model(settings: Settings, *, say: Say) -> Embedder:
    """The embedder that the settings name, prepared first where that was never done. Raises: EmbeddingError."""
    from embeddings.factory import open_embedder

    embedding = settings.embedding
    return open_embedder(embedding.model, embedding.backend, settings.models_dir, progress=say)


def prepare_reader(settings: Settings, *, say: Say) -> str | None:
    """The id of the trained reader, prepared first where that was never done; None where the settings ask for rules.

    Raises: EmbeddingError: it cannot be had; the rules read in its place.
    """
    if settings.reader.model == "rules":
        return None
    from retrieval.trained_reader.preparing import prepare_reader as prepare

    return prepare(settings.models_dir, progress=say).manifest.model_id


def read_terms(settings: Settings) -> Terms:
    """Synonyms and place names: the administrator's list or the shipped one. Raises: TermsFileError."""
    from retrieval.terms import Terms

    return Terms.shipped() if settings.terms_file is None else Terms.load(settings.terms_file)


def open_reader(settings: Settings, embedder: Embedder, *, say: Say) -> tuple[Reader, Policy]:
    """The reader that the settings name, with how much it reads and from where on it answers.

    Where the trained reader cannot be had the rules read alone, and the log says why.
    Raises: TermsFileError, CalibrationError.
    """
    from bot.responding import Policy
    from embeddings.errors import EmbeddingError
    from retrieval.reading.confidence import Calibration
    from retrieval.reading.meaning import sentence_similarity
    from retrieval.reading.rule_reader import RuleReader
    from retrieval.reading.wordings import wordings

    calibration = Calibration.load()
    variants = wordings(read_terms(settings))
    rules = RuleReader(similarity=sentence_similarity(embedder), variants=variants, calibration=calibration)
    if settings.reader.model == "bundled":
        from retrieval.trained_reader.factory import open_trained_reader

        try:
            trained = open_trained_reader(settings.models_dir, rules, progress=say)
        except EmbeddingError as error:
            _log.warning("the trained reader cannot be used, so the rules read alone: %s", error)
        else:
            table = trained.calibration
            return trained, Policy(passages_read=table.passages_read, threshold=table.threshold)
    return rules, Policy(threshold=calibration.threshold)


def snapshot_embedders(settings: Settings, embedder: Embedder, *, say: Say) -> SnapshotEmbedders:
    """The embedder of the settings, and those that snapshots of other settings were built with."""
    from embeddings.factory import open_embedder
    from retrieval.snapshot_embedders import SnapshotEmbedders

    return SnapshotEmbedders(
        embedder, lambda source: open_embedder(source.name, source.backend, settings.models_dir, progress=say)
    )


def language_model(settings: Settings) -> LlmClient | None:
    """The language model; None where the settings name none."""
    llm = settings.llm
    if llm.base_url is None or llm.model is None:
        return None
    from bot.llm_client import LlmClient

    return LlmClient(
        llm.base_url,
        llm.model,
        api_key=llm.api_key.get_secret_value() if llm.api_key else None,
        timeout_seconds=llm.timeout_seconds,
        max_tokens=llm.max_tokens,
    )


def open_answers_of(
    settings: Settings, *, counted: Callable[[str, float | None], None] = lambda *_: None
) -> OpenAnswers | None:
    """What puts answers to open questions together; None without a language model."""
    writer = language_model(settings)
    if writer is None:
        return None
    from bot.open_answers import OpenAnswers

    return OpenAnswers(writer, concurrency=settings.llm.concurrency, sent=settings.llm.sent, counted=counted)


def make_answers(
    settings: Settings,
    stores: Stores,
    embedder: Embedder,
    *,
    say: Say = lambda _: None,
    open_answers: OpenAnswers | None = None,
    watch: StageWatch | None = None,
    counted: Callable[[Deed], None] = lambda _: None,
) -> Answers:
    """Join index, reader and state into the service; ``watch`` and ``counted``: see ``QAService``."""
    from bot.passage_view import PassageFinder
    from bot.responding import Responder
    from bot.service import QAService
    from retrieval.indexing import fit_for
    from retrieval.live import LiveIndex
    from retrieval.searching import LiveSearch

    terms = read_terms(settings)
    embedders = snapshot_embedders(settings, embedder, say=say)
    # The search that prepares a snapshot needs the index that opens it.
    live = LiveIndex(settings.index_dir, fit_for(embedder), prepare=lambda each: search.prepare(each))  # noqa: PLW0108
    settle = partial(settle_restore, settings, stores)
    search = LiveSearch(live, stores.documents, embedders, terms, settle=settle)

    reader, policy = open_reader(settings, embedder, say=say)
    service = QAService(
        search=search,
        reader=reader,
        passages=PassageFinder(stores.documents, search.live_versions),
        state=stores.state,
        policy=policy,
        open_answers=open_answers,
        watch=watch,
        counted=counted,
    )
    return Answers(service, Responder(reader, policy), search, live, embedder)


@contextmanager
def open_answers(settings: Settings, *, say: Say) -> Iterator[QAService]:
    """The service over the local index, for one process. Raises: NoSnapshotError before a model is loaded in vain."""
    from retrieval.snapshot import current_folder

    current_folder(settings.index_dir)
    with open_stores(settings) as stores:
        model, writer = prepare_model(settings, say=say), open_answers_of(settings)
        answers = make_answers(settings, stores, model, say=say, open_answers=writer)
        try:
            answers.serving()
            yield answers.service
        finally:
            answers.live.close()


def evaluate(
    settings: Settings,
    files: Sequence[Path],
    limit: int | None,
    *,
    say: Say,
    progress: Progress,
    clearance: Clearance = EVERYTHING,
) -> dict[str, object]:
    """Run the questions of the files against what of the current index may be seen; nothing of it is remembered."""
    from bot.evaluation.runner import run_eval
    from retrieval.snapshot import current_folder

    current_folder(settings.index_dir)
    with open_stores(settings) as stores, _forgetful(stores) as forgetful:
        answers = make_answers(settings, forgetful, prepare_model(settings, say=say), say=say)
        try:
            names = _names(stores.documents, answers.search.live_versions())
            return run_eval(answers.service, files, names=names, progress=progress, limit=limit, clearance=clearance)
        finally:
            answers.live.close()


@contextmanager
def _forgetful(stores: Stores) -> Iterator[Stores]:
    """The same documents with a state of their own that goes away: what is asked to measure is nobody's gap."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="yiju-eval-") as folder:
        engine = open_database(f"sqlite:///{folder}/state.db")
        try:
            state = StateStore(engine)
            state.migrate()
            yield Stores(engine, stores.documents, state)
        finally:
            engine.dispose()


def _names(store: DocumentStore, versions: frozenset[int]) -> NamesOf:
    """What each document goes by: its own id, those of near-duplicates joined to it, its file."""
    from bot.evaluation.judging import DocumentNames

    paths = {info.document_id: info.source_path for info in store.versions(versions)}
    ids = {document_id: {document_id} for document_id in paths}
    for alias, document_id in store.aliases(versions).items():
        ids[document_id].add(alias)

    def names(document_id: str) -> DocumentNames:
        known = document_id in paths
        return DocumentNames(
            frozenset(ids.get(document_id, {document_id})), frozenset({paths[document_id]} if known else ())
        )

    return names
