"""How far each document is, who the database is, and what survives a power cut."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from corpus import database
from corpus.database import migrate, open_database
from corpus.errors import StoreError
from corpus.models import VERSION_TABLE
from corpus.store import MIGRATIONS, DocumentStore
from tests.corpus.store_documents import fingerprint, open_store, outcome, prepared
from tests.databases import database_url

pytestmark = pytest.mark.usefixtures("backend")
FIRST, SECOND = fingerprint("第一版"), fingerprint("第二版")


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return open_store(tmp_path)


def test_a_document_is_pending_once_stored_and_indexed_once_it_answers(store: DocumentStore) -> None:
    versions = store.remember_file(FIRST, outcome(prepared("甲"), prepared("乙"))).versions
    assert store.state_counts() == {"pending": 2, "indexed": 0, "failed": 0}
    store.settle(versions, [])
    assert store.state_counts() == {"pending": 0, "indexed": 2, "failed": 0}
    found = {state.document_id: state for state in store.states("indexed")}
    assert (found["甲"].version, found["甲"].source_path, found["甲"].reason) == (versions[0], "镇/年.txt", None)


def test_a_changed_document_is_pending_again_and_stands_once(store: DocumentStore) -> None:
    old = store.remember_file(FIRST, outcome(prepared("甲"), prepared("乙"))).versions
    store.settle(old, [])
    new = store.remember_file(SECOND, outcome(prepared("甲", ["改过了。"]), prepared("乙"))).versions
    assert [state.version for state in store.states("pending")] == [new[0]]
    store.settle(new, [])
    assert store.state_counts() == {"pending": 0, "indexed": 2, "failed": 0}


def test_a_document_that_goes_has_no_state_and_one_that_comes_back_is_pending(store: DocumentStore) -> None:
    versions = store.remember_file(FIRST, outcome(prepared("甲"), prepared("乙"))).versions
    store.settle(versions, [])
    store.settle(versions[:1], ["乙"])
    assert [state.document_id for state in store.states("indexed")] == ["甲"]
    store.journal(versions[1:], {})
    assert [state.document_id for state in store.states("pending")] == ["乙"]
    store.settle(versions, [])
    assert store.state_counts()["indexed"] == 2


def test_a_document_that_no_source_holds_any_more_does_not_stay_pending(store: DocumentStore) -> None:
    versions = store.remember_file(FIRST, outcome(prepared("甲"), prepared("乙"))).versions
    store.settle(versions[:1], [])
    assert store.state_counts() == {"pending": 0, "indexed": 1, "failed": 0}


def test_states_that_a_dead_run_left_behind_are_put_right(store: DocumentStore) -> None:
    versions = store.remember_file(FIRST, outcome(*[prepared(f"文{number}") for number in range(2500)])).versions
    store.settle(versions, [])
    store.settle(versions[:2200], [])  # nobody said which have gone
    assert store.state_counts() == {"pending": 0, "indexed": 2200, "failed": 0}
    assert {state.version for state in store.states("indexed", limit=9999)} == set(versions[:2200])


def test_failures_are_those_of_the_last_run(store: DocumentStore) -> None:
    store.journal([], {"坏.jsonl": ["第3行：缺少 id。", "第9行：不是 JSON。"], "图.png": ["类型不支持。"]})
    told = [(state.source_path, state.document_id, state.reason) for state in store.states("failed")]
    assert sorted(told, key=str) == [
        ("图.png", None, "类型不支持。"),
        ("坏.jsonl", None, "第3行：缺少 id。"),
        ("坏.jsonl", None, "第9行：不是 JSON。"),
    ]
    store.journal([], {"坏.jsonl": ["第9行：不是 JSON。"], "好.txt": []})
    assert [state.reason for state in store.states("failed")] == ["第9行：不是 JSON。"]
    store.settle([], [])
    assert store.state_counts()["failed"] == 1


def test_failures_that_did_not_change_are_not_written_again(store: DocumentStore) -> None:
    store.journal([], {"图.png": ["类型不支持。"]})
    before = store.states("failed")
    time.sleep(0.002)
    store.journal([], {"图.png": ["类型不支持。"]})
    assert store.states("failed") == before


def test_a_list_of_states_is_cut(store: DocumentStore) -> None:
    store.remember_file(FIRST, outcome(*[prepared(f"文{number}") for number in range(5)]))
    assert len(store.states("pending", limit=3)) == 3


def test_each_database_has_an_identity_that_stays(tmp_path: Path) -> None:
    first = open_store(tmp_path).store_id()
    assert open_store(tmp_path).store_id() == first
    (tmp_path / "other").mkdir()
    assert open_store(tmp_path / "other").store_id() != first


def test_a_database_with_other_content_gets_another_identity(store: DocumentStore) -> None:
    before = store.store_id()
    assert store.renew_identity() == store.store_id() != before


def test_a_database_of_before_is_brought_up_to_date_with_what_it_holds(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    versions = store.remember_file(FIRST, outcome(prepared("甲"))).versions
    engine = open_database(database_url(tmp_path))
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE store_identity")
        connection.exec_driver_sql("DROP TABLE document_states")
        connection.exec_driver_sql("DROP TABLE document_labels")
        connection.exec_driver_sql("DROP TABLE document_edits")
        connection.exec_driver_sql("DROP INDEX ix_document_versions_visibility")
        connection.exec_driver_sql("ALTER TABLE file_versions DROP COLUMN mark")
        connection.exec_driver_sql("UPDATE alembic_version_corpus SET version_num = '0001'")
    migrate(engine, MIGRATIONS, VERSION_TABLE)
    store = DocumentStore(engine)
    assert len(store.store_id()) == 32
    store.settle(versions, [])
    assert [state.document_id for state in store.states("indexed")] == ["甲"]


@pytest.mark.sqlite
def test_making_durable_commits_under_full_synchronous_and_then_goes_back(tmp_path: Path) -> None:
    engine = open_database(database_url(tmp_path))
    store = DocumentStore(engine)
    store.migrate()
    statements: list[str] = []

    @event.listens_for(engine, "checkout")
    def trace(connection: Any, *_rest: object) -> None:
        connection.set_trace_callback(statements.append)

    store.make_durable()
    said = [statement for statement in statements if "synchron" in statement or "UPDATE" in statement]
    assert said[0] == "PRAGMA synchronous = FULL"
    assert said[1].startswith("UPDATE store_identity")
    assert said[2] == "PRAGMA synchronous = NORMAL"
    with engine.connect() as connection:
        normal = 1
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == normal


@pytest.mark.sqlite
def test_a_database_that_is_held_cannot_be_made_durable_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0.02)
    store = open_store(tmp_path)
    holder = sqlite3.connect(tmp_path / "yiju.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="held by another program"):
        store.make_durable()
    holder.execute("ROLLBACK")
    holder.close()
    store.make_durable()


def test_pruning_stops_when_its_time_is_over_and_goes_on_the_next_time(store: DocumentStore) -> None:
    old = store.remember_file(FIRST, outcome(*[prepared(f"文{number}") for number in range(250)])).versions
    assert store.prune([], longest_seconds=0) == 0
    assert store.prune(old[:10]) == 240
