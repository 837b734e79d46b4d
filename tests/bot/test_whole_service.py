"""Everything that answers, over each database: index, ask, follow up, rate, retire, change, roll back, on two hosts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from bot.answers import Outcome
from bot.app import open_stores
from bot.audit import Actor, acting
from bot.catalogue import Catalogue
from bot.errors import JobConflictError
from bot.passage_view import PassageFinder
from bot.service import QAService
from corpus.errors import StoreError
from retrieval import snapshots
from retrieval.errors import IndexLockedError
from retrieval.indexing import fit_for
from retrieval.live import LiveIndex
from retrieval.searching import LiveSearch
from retrieval.snapshot_embedders import SnapshotEmbedders
from retrieval.terms import Terms
from tests.bot.index_place import OLD, QUESTION, Place, opened_place
from tests.databases import database_url

OWNER = "key:k1"


@pytest.fixture
def shared(tmp_path: Path, backend: str) -> Iterator[Place]:
    """An installation on the database of this backend, indexed."""
    with opened_place(tmp_path, YIJU_DATABASE_URL=database_url(tmp_path)) as place:
        report = place.index()
        assert report["documents"]["added"] == 2
        yield place


@contextmanager
def answering(place: Place) -> Iterator[tuple[QAService, Catalogue]]:
    """A process that answers from what the place has indexed, with connections of its own."""
    with open_stores(place.settings) as stores:
        embedders = SnapshotEmbedders(place.embedder, lambda _: place.embedder)
        live = LiveIndex(place.settings.index_dir, fit_for(place.embedder), prepare=embedders.for_snapshot)
        search = LiveSearch(live, stores.documents, embedders, Terms.shipped())
        responder = place.responder()
        passages = PassageFinder(stores.documents, search.live_versions)
        service = QAService(
            search=search, reader=responder._reader, passages=passages, state=stores.state, policy=responder._policy
        )
        try:
            yield service, Catalogue(stores.documents, search.live_versions)
        finally:
            live.close()


def test_a_question_is_answered_remembered_and_rated(shared: Place) -> None:
    with answering(shared) as (service, _), acting(Actor.named(OWNER)):
        first = service.ask(QUESTION, owner=OWNER)
        assert (first.outcome, first.short_answer) == (Outcome.ANSWERED, "1.3亿元")
        citation = first.citations[0]
        assert service.passage(citation.passage_id).document.text[citation.start : citation.end] == citation.quote
        service.feedback(first.answer_id, owner=OWNER, rating="up", reason="对\0的")
        follow_up = service.ask("种了多少亩？", owner=OWNER, conversation_id=first.conversation_id)
        assert follow_up.short_answer is not None
        assert "650" in follow_up.short_answer
    with answering(shared) as (another_process, _):
        assert another_process.answer(first.answer_id, owner=OWNER).answer == first
        deeds = shared.stores.state.audit.find(limit=10)
        assert [entry.deed.detail for entry in deeds if entry.deed.answer_id == first.answer_id] == [QUESTION]


def test_what_one_host_changes_is_seen_by_the_others(shared: Place) -> None:
    with answering(shared) as (service, _), answering(shared) as (_, others_catalogue):
        found = service.ask(QUESTION, owner=OWNER).citations[0].document_id
        others_catalogue.retire(found)
        assert service.ask(QUESTION, owner=OWNER).outcome is Outcome.NOT_FOUND
        others_catalogue.restore(found)
        assert service.ask(QUESTION, owner=OWNER).short_answer == "1.3亿元"


def test_an_index_that_is_rolled_back_answers_as_before(shared: Place) -> None:
    before = shared.serving()
    assert before is not None
    shared.write("gua.txt", OLD.replace("1.3亿元", "2.4亿元"))
    assert shared.index()["documents"]["changed"] == 1
    documents = shared.stores.documents
    with answering(shared) as (service, _):
        assert service.ask(QUESTION, owner=OWNER).short_answer == "2.4亿元"
    snapshots.roll_back(shared.settings.index_dir, before, store_id=documents.store_id(), turn=documents.index_turn)
    with answering(shared) as (service, _):
        assert service.ask(QUESTION, owner=OWNER).short_answer == "1.3亿元"


def test_a_run_that_changes_nothing_adds_nothing(shared: Place) -> None:
    stored = shared.stores.documents.state_counts()
    report = shared.index()
    assert report["documents"] == {"added": 0, "changed": 0, "removed": 0, "unchanged": 2}
    assert shared.stores.documents.state_counts() == stored


def test_one_job_at_a_time_on_all_hosts(shared: Place) -> None:
    with open_stores(shared.settings) as other:
        job = shared.stores.state.jobs.begin("reindex", started_by="local")
        with pytest.raises(JobConflictError):
            other.state.jobs.begin("reindex", started_by="local")
        shared.stores.state.jobs.succeed(job, {})
        assert other.state.jobs.begin("reindex", started_by="local")


@pytest.mark.postgres
def test_one_index_run_at_a_time_on_all_hosts(shared: Place) -> None:
    # Another host may see the folder on storage whose file locks do not reach it: only the database says no.
    with open_stores(shared.settings) as other, other.documents.index_turn() as free:
        assert free
        with pytest.raises(IndexLockedError):
            shared.index()
    assert shared.index()["snapshot"]


@contextmanager
def taken_away(engine: Engine) -> Iterator[None]:
    """The database lets nobody in, and ends who is."""
    keeper = create_engine(engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    name = engine.url.database
    ending = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
    with keeper.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(ending, {"name": name})
        try:
            yield
        finally:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    keeper.dispose()


@pytest.mark.postgres
def test_a_database_that_is_gone_is_told_and_answers_come_back_with_it(shared: Place) -> None:
    with answering(shared) as (service, _):
        service.ask(QUESTION, owner=OWNER)
        with taken_away(shared.stores.engine), pytest.raises(StoreError, match="cannot be reached"):
            service.ask(QUESTION, owner=OWNER)
        assert service.ask(QUESTION, owner=OWNER).short_answer == "1.3亿元"
