from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.catalogue import Catalogue
from bot.document_query import DocumentQuery
from corpus.database import open_database
from corpus.documents import Document, FileOutcome, Passage, PreparedDocument
from corpus.errors import DocumentNotFoundError
from corpus.store import DocumentStore
from corpus.visibility import EVERYTHING, clearance_of
from tests.databases import database_url

ALL = DocumentQuery()


class Shelf:
    """A store with documents, and which of their versions are live."""

    def __init__(self, store: DocumentStore) -> None:
        self.store = store
        self.live: set[int] = set()
        self.catalogue = Catalogue(store, lambda: frozenset(self.live))

    def put(self, document_id: str, text: str, *aliases: str, **named: Any) -> int:
        document = Document(document_id, f"题{document_id}", text, None, None, None, f"{document_id}.txt")
        document = replace(document, **named)
        passage = Passage(f"p-{document_id}-{text}", document_id, text, 0, len(text), None)
        prepared = PreparedDocument(document, (passage,), f"hash-{document_id}-{text}", aliases)
        outcome = FileOutcome(document.source_path, "utf-8", (prepared,))
        version = self.store.remember_file(f"print-{document_id}-{text}", outcome).versions[0]
        self.live.add(version)
        return version


@pytest.fixture
def shelf(tmp_path: Path, backend: str) -> Iterator[Shelf]:
    engine = open_database(database_url(tmp_path))
    store = DocumentStore(engine)
    store.migrate()
    yield Shelf(store)
    engine.dispose()


def ids(shelf: Shelf, offset: int = 0, limit: int = 100, *, retired: bool = False) -> list[str]:
    page = shelf.catalogue.documents(offset=offset, limit=limit, retired=retired)
    return [listing.id for listing in page.documents]


def test_only_live_documents_are_listed_in_pages(shelf: Shelf) -> None:
    for number in range(5):
        shelf.put(f"d{number}", "正文。")
    shelf.live.discard(shelf.put("gone", "旧文。"))

    assert ids(shelf) == ["d0", "d1", "d2", "d3", "d4"]
    assert ids(shelf, 3, 2) == ["d3", "d4"]
    assert ids(shelf, 9) == []
    assert shelf.catalogue.documents(offset=0, limit=2, retired=False).total == 5


def test_changed_document_is_shown_as_it_is_now(shelf: Shelf) -> None:
    old = shelf.put("d1", "旧文。")
    shelf.live.discard(old)
    shelf.put("d1", "新文。")

    assert shelf.catalogue.document("d1").text == "新文。"
    assert ids(shelf) == ["d1"]


def test_retired_document_is_listed_apart_and_not_shown(shelf: Shelf) -> None:
    shelf.put("d1", "甲。")
    shelf.put("d2", "乙。")

    shelf.catalogue.retire("d1")

    assert (ids(shelf), ids(shelf, retired=True)) == (["d2"], ["d1"])
    assert shelf.catalogue.retired_count() == 1
    with pytest.raises(DocumentNotFoundError, match="restore"):
        shelf.catalogue.document("d1")

    assert shelf.catalogue.restore("d1") is True
    assert ids(shelf) == ["d1", "d2"]


def test_restored_document_that_is_not_in_the_index_needs_a_reindex(shelf: Shelf) -> None:
    version = shelf.put("d1", "甲。")
    shelf.catalogue.retire("d1")
    shelf.live.discard(version)

    assert ids(shelf, retired=True) == ["d1"]
    assert shelf.catalogue.restore("d1") is False


def test_alias_leads_to_its_document_and_retires_it(shelf: Shelf) -> None:
    shelf.put("d1", "甲。", "other")

    assert shelf.catalogue.document("other").id == "d1"
    shelf.catalogue.retire("other")
    assert ids(shelf) == []
    shelf.catalogue.restore("other")
    assert shelf.catalogue.document("d1").id == "d1"


def test_unknown_documents_are_named(shelf: Shelf) -> None:
    for call in (shelf.catalogue.document, shelf.catalogue.retire, shelf.catalogue.restore):
        with pytest.raises(DocumentNotFoundError, match="none"):
            call("none")


def test_a_document_retired_by_its_alias_is_restored_by_any_of_its_ids(shelf: Shelf) -> None:
    shelf.put("d1", "甲。", "twin")

    shelf.catalogue.retire("twin")

    assert (ids(shelf), ids(shelf, retired=True)) == ([], ["d1"])
    assert shelf.catalogue.retired_count() == 1

    shelf.catalogue.restore("d1")

    assert shelf.catalogue.document("twin").id == "d1"
    assert shelf.catalogue.retired_count() == 0


def test_a_retired_document_stays_so_when_its_file_gives_it_the_id_of_its_alias(shelf: Shelf) -> None:
    old = shelf.put("d1", "甲。", "twin")

    shelf.catalogue.retire("d1")
    shelf.live.discard(old)
    shelf.put("twin", "甲。更全的文字。", "d1")

    assert ids(shelf) == []


def found(shelf: Shelf, words: str, *, retired: bool = False) -> list[str]:
    page = shelf.catalogue.documents(offset=0, limit=100, retired=retired, words=words)
    assert page.total == len(page.documents)
    return [listing.id for listing in page.documents]


def test_documents_are_found_by_title_publisher_file_and_id(shelf: Shelf) -> None:
    shelf.put("d1", "正文。", title="青石镇苦瓜丰收")
    shelf.put("d2", "正文。", title="要闻", publisher="青石镇政府", source_path="news/2023.txt")
    shelf.put("d3", "青石镇。", title="别的")

    assert found(shelf, "青石") == ["d1", "d2"]
    assert found(shelf, "青石鎮 丰收") == ["d1"]
    assert found(shelf, "NEWS/2023") == ["d2"]
    assert found(shelf, "D3") == ["d3"]
    assert found(shelf, "没有") == []
    assert found(shelf, "  ") == ["d1", "d2", "d3"]


def test_whole_titles_come_first_then_the_newest(shelf: Shelf) -> None:
    shelf.put("old", "正文。", title="苦瓜节开幕", published_at=date(2020, 1, 1))
    shelf.put("new", "正文。", title="苦瓜节开幕了", published_at=date(2024, 1, 1))
    shelf.put("apart", "正文。", title="苦瓜开节", publisher="苦瓜节", published_at=date(2025, 1, 1))
    shelf.put("whole", "正文。", title="苦瓜节")
    shelf.put("rest", "正文。", title="其他", publisher="苦瓜节", published_at=date(2026, 1, 1))

    assert found(shelf, "苦瓜节") == ["whole", "new", "old", "rest", "apart"]


def test_pages_of_what_is_found(shelf: Shelf) -> None:
    for number in range(7):
        shelf.put(f"d{number}", "正文。", title=f"简报{number}", published_at=date(2020, 1, 1 + number))

    page = shelf.catalogue.documents(offset=2, limit=2, retired=False, words="简报")

    assert ([listing.id for listing in page.documents], page.total) == (["d4", "d3"], 7)


def test_retired_documents_are_found_among_the_retired(shelf: Shelf) -> None:
    shelf.put("d1", "正文。", title="苦瓜节")
    shelf.put("d2", "正文。", title="苦瓜节之二")
    shelf.catalogue.retire("d1")

    assert found(shelf, "苦瓜") == ["d2"]
    assert found(shelf, "苦瓜", retired=True) == ["d1"]


def test_a_search_after_a_change_finds_the_new_title(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.document_names._SPARE", 0)
    old = shelf.put("d1", "旧文。", title="旧题")
    assert found(shelf, "旧题") == ["d1"]
    shelf.live.discard(old)
    shelf.put("d1", "新文。", title="新题")
    for number in range(4):
        shelf.put(f"e{number}", "正文。")

    assert (found(shelf, "旧题"), found(shelf, "新题")) == ([], ["d1"])


def test_a_card_shows_the_document_as_it_is_now(shelf: Shelf) -> None:
    old = shelf.put("d1", "旧文。")
    shelf.live.discard(old)
    new = shelf.put("d1", "新" * 300, title="新题", url="https://example.org/1")

    card = shelf.catalogue.card(old)

    assert (card.listing.version, card.listing.title, card.listing.url) == (new, "新题", "https://example.org/1")
    assert (card.chars, card.opening, card.live, card.listing.retired) == (300, "新" * 200, True, False)
    shelf.catalogue.retire("d1")
    assert shelf.catalogue.card(old).listing.retired
    shelf.live.discard(new)
    assert not shelf.catalogue.card(old).live


def test_a_card_of_nothing(shelf: Shelf) -> None:
    with pytest.raises(DocumentNotFoundError):
        shelf.catalogue.card(99)


def browsed(shelf: Shelf, query: DocumentQuery = ALL, **wanted: Any) -> list[str]:
    """Every page of a list, two at a time."""
    found: list[str] = []
    after: tuple[int, ...] | None = None
    while True:
        run = shelf.catalogue.browse(query, limit=2, after=after, clearance=EVERYTHING, **wanted)
        found += [each.id for each in run.documents]
        if run.end is None:
            return found
        after = run.end


def test_filters_choose_and_orders_sort(shelf: Shelf) -> None:
    shelf.put("a", "甲。", publisher="江门日报", published_at=date(2024, 6, 12), title="凉瓜丰收")
    shelf.put("b", "乙。", publisher="江门日报", published_at=date(2023, 1, 1), title="凉瓜")
    shelf.put("c", "丙。", publisher="校办", visibility="内部")
    shelf.put("d", "丁。", published_at=date(2025, 1, 1), title="东江大桥")

    assert browsed(shelf) == ["a", "b", "c", "d"]
    assert browsed(shelf, DocumentQuery(order="newest")) == ["d", "a", "b", "c"]
    assert browsed(shelf, DocumentQuery("涼瓜")) == ["b", "a"]
    assert browsed(shelf, DocumentQuery("凉瓜", order="stored")) == ["a", "b"]
    assert browsed(shelf, DocumentQuery(publisher="江門日報")) == ["a", "b"]
    assert browsed(shelf, DocumentQuery(visibility="内部")) == ["c"]
    assert browsed(shelf, DocumentQuery(published_from=date(2024, 6, 12))) == ["a", "d"]
    assert browsed(shelf, DocumentQuery(published_to=date(2024, 6, 12))) == ["a", "b"]
    assert shelf.catalogue.browse(ALL, limit=3, offset=3, clearance=EVERYTHING).documents[0].id == "d"


def test_what_may_not_be_seen_is_neither_listed_nor_counted(shelf: Shelf) -> None:
    shelf.put("a", "甲。")
    shelf.put("b", "乙。", visibility="内部")

    seen = shelf.catalogue.browse(ALL, limit=9)
    cleared = shelf.catalogue.browse(ALL, limit=9, clearance=clearance_of(["内部"]))

    assert ([each.id for each in seen.documents], seen.total) == (["a"], 1)
    assert cleared.total == 2
    assert shelf.catalogue.browse(DocumentQuery(visibility="内部"), limit=9).total == 0


def test_pages_leave_nothing_out_while_documents_come_go_and_change(shelf: Shelf) -> None:
    versions = {name: shelf.put(name, "旧。") for name in ("a", "b", "c", "d")}
    first = shelf.catalogue.browse(ALL, limit=2)
    shelf.live -= {versions["a"], versions["c"]}
    shelf.put("c", "新。")
    rest = shelf.catalogue.browse(ALL, limit=9, after=first.end)

    assert [each.id for each in first.documents] == ["a", "b"]
    assert [each.id for each in rest.documents] == ["d", "c"]
