"""Aliases, retirement and pruning."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.store import DocumentStore
from tests.corpus.store_documents import fingerprint, open_store, outcome, prepared

pytestmark = pytest.mark.usefixtures("backend")
FIRST, SECOND = fingerprint("第一版"), fingerprint("第二版")


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return open_store(tmp_path)


def test_an_alias_leads_to_the_document_it_was_joined_to(store: DocumentStore) -> None:
    versions = store.remember_file(FIRST, outcome(prepared("甲", aliases=("甲二", "甲三")), prepared("乙"))).versions
    assert store.aliases(versions) == {"甲二": "甲", "甲三": "甲"}
    assert store.aliases(versions[1:]) == {}
    assert store.resolve_alias("甲二") == "甲"
    assert store.resolve_alias("乙") == "乙"
    assert store.resolve_alias("没有") == "没有"


def test_a_document_that_stands_alone_again_is_no_alias(store: DocumentStore) -> None:
    store.remember_file(FIRST, outcome(prepared("甲", aliases=("乙",))))
    assert store.resolve_alias("乙") == "甲"
    store.remember_file(SECOND, outcome(prepared("甲"), prepared("乙")))
    assert store.resolve_alias("乙") == "乙"


def test_retiring_is_remembered_by_id_also_before_the_document_is_stored(tmp_path: Path) -> None:
    open_store(tmp_path).retire("未来的文档", "撤稿")
    store = open_store(tmp_path)
    store.remember_file(FIRST, outcome(prepared("未来的文档")))
    assert store.retired() == frozenset({"未来的文档"})


def test_retiring_twice_and_restoring(store: DocumentStore) -> None:
    store.retire("甲", "一")
    store.retire("甲", "二")
    store.retire("乙")
    assert store.restore("甲") is True
    assert store.restore("甲") is False
    assert store.retired() == frozenset({"乙"})


def test_prune_drops_what_is_not_kept_and_the_files_that_name_it(store: DocumentStore) -> None:
    old = store.remember_file(FIRST, outcome(prepared("甲", ["旧。"], aliases=("丙",)), prepared("乙")))
    new = store.remember_file(SECOND, outcome(prepared("甲"), prepared("乙")))
    assert store.prune(new.versions) == 1
    assert store.prune(new.versions) == 0
    assert store.remembered_file("镇/年.txt", FIRST) is None
    assert store.remembered_file("镇/年.txt", SECOND) == new
    assert store.find_versions("甲") == [new.versions[0]]
    assert store.aliases([*old.versions, *new.versions]) == {}
    assert list(store.passage_rows([old.versions[0]])) == []


def test_the_latest_states_of_a_file_are_remembered_and_no_more(store: DocumentStore) -> None:
    fingerprints = [fingerprint(str(number)) for number in range(5)]
    other = store.remember_file(FIRST, outcome(prepared("乙"), path="别的.txt"))
    for each in fingerprints:
        store.remember_file(each, outcome(prepared("甲")))
    remembered = [store.remembered_file("镇/年.txt", each) is not None for each in fingerprints]
    assert remembered == [False, False, True, True, True]
    assert store.remembered_file("别的.txt", FIRST) == other


def test_ids_are_never_given_out_again(store: DocumentStore) -> None:
    first = store.remember_file(FIRST, outcome(prepared("甲"))).versions
    last_row = max(row.row for row in store.passage_rows(first))
    assert store.prune([]) == 1
    second = store.remember_file(FIRST, outcome(prepared("甲"))).versions
    assert min(second) > max(first)
    assert min(row.row for row in store.passage_rows(second)) > last_row
