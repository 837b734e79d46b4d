"""What `yiju doctor` says of documents: an index whose documents are gone from the database is broken."""

from __future__ import annotations

from bot.doctor import Level
from bot.doctor_index import documents_finding
from tests.retrieval.conftest import Library, library
from tests.retrieval.test_searching import lose_documents

__all__ = ["library"]


def test_documents_that_are_in_index_and_database_are_fine(library: Library) -> None:
    library.index()
    assert documents_finding(library.store, library.index_dir).level is Level.OK


def test_before_the_first_index_nothing_is_missing(library: Library) -> None:
    assert documents_finding(library.store, library.index_dir).level is Level.OK
    assert documents_finding(None, library.index_dir).level is Level.OK


def test_documents_that_the_database_lost_are_counted_with_the_cure(library: Library) -> None:
    library.index()
    lose_documents(library.folder / "yiju.db", "LIMIT 2")
    finding = documents_finding(library.store, library.index_dir)
    assert finding.level is Level.BROKEN
    assert "3 篇文档有 2 篇不在数据库里" in finding.found
    assert "yiju restore" in (finding.cure or "")


def test_a_database_that_is_gone_or_another_one_has_none_of_them(library: Library) -> None:
    library.index()
    library.store.renew_identity()
    for store in (library.store, None):
        finding = documents_finding(store, library.index_dir)
        assert (finding.level, "3 篇文档有 3 篇" in finding.found) == (Level.BROKEN, True)
