"""Edits of documents in a real index: they win over files, hold through runs, and close documents at once."""

from __future__ import annotations

import pytest

from bot.catalogue import Catalogue
from bot.document_editing import DocumentEditing, EditConflictError
from bot.errors import NotAllowedError
from corpus.documents import Document
from corpus.errors import DocumentNotFoundError
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, clearance_of
from retrieval.snapshot import open_current
from tests.bot.fakes import FakeEdits
from tests.bot.index_place import OLD, Place


def live(place: Place) -> frozenset[int]:
    snapshot = open_current(place.settings.index_dir)
    try:
        return frozenset(snapshot.versions.tolist())
    finally:
        snapshot.close()


def desk(place: Place) -> DocumentEditing:
    store = place.stores.documents
    return Catalogue(store, lambda: live(place)).editing(FakeEdits())


def melon(place: Place) -> Document:
    found = place.stores.documents.documents(live(place)).values()
    return next(each for each in found if each.source_path == "gua.txt")


def test_an_edit_wins_over_the_file_from_the_next_run_on_and_through_all_later_ones(place: Place) -> None:
    place.index()
    before = melon(place)
    shown = desk(place).edit(before.id, {"title": "凉瓜年报", "publisher": "江门日报"}, by="local")
    assert (shown.indexed, melon(place)) == (False, before)

    counts = [place.index()["documents"]["changed"] for _ in range(2)]
    place.write("gua.txt", OLD + "又及：明年再种。\n")
    place.index()
    full = place.index(full=True)

    after = melon(place)
    assert counts == [1, 0]
    assert full["documents"]["changed"] == 0
    assert (after.id, after.title, after.publisher) == (before.id, "凉瓜年报", "江门日报")
    assert after.text.endswith("又及：明年再种。")
    assert desk(place).shown(after.id).indexed


def test_a_dry_run_says_what_an_edit_changes_and_stores_nothing(place: Place) -> None:
    place.index()
    desk(place).edit(melon(place).id, {"title": "凉瓜年报"}, by="local")

    dry = place.index(dry_run=True)
    wet = place.index()
    settled = place.index(dry_run=True)

    assert [each["documents"]["changed"] for each in (dry, wet, settled)] == [1, 1, 0]


def test_an_edit_that_is_undone_leaves_the_file_to_speak(place: Place) -> None:
    place.index()
    before = melon(place)
    desk(place).edit(before.id, {"title": "凉瓜年报"}, by="local")
    place.index()
    desk(place).edit(before.id, {}, by="local", from_file=["title"])
    place.index()

    assert melon(place) == before


def test_a_label_closes_a_document_at_once_and_opens_it_with_the_next_run(place: Place) -> None:
    place.index()
    document_id = melon(place).id
    inner = clearance_of(["内部"])
    desk(place).edit(document_id, {"visibility": "内部"}, by="local", clearance=inner)

    with pytest.raises(DocumentNotFoundError):
        desk(place).shown(document_id, PUBLIC_ONLY)
    assert desk(place).shown(document_id, inner).document.id == document_id
    place.index()
    assert melon(place).visibility == "内部"
    desk(place).edit(document_id, {"visibility": "public"}, by="local", clearance=inner)
    with pytest.raises(DocumentNotFoundError):
        desk(place).shown(document_id, PUBLIC_ONLY)
    place.index()
    assert desk(place).shown(document_id, PUBLIC_ONLY).document.visibility == "public"


def test_nobody_gives_a_label_that_they_may_not_see(place: Place) -> None:
    place.index()

    with pytest.raises(NotAllowedError):
        desk(place).edit(melon(place).id, {"visibility": "机密"}, by="key:a", clearance=clearance_of(["内部"]))
    assert place.stores.documents.edits() == {}


def test_of_two_changes_begun_alike_one_is_kept(place: Place) -> None:
    place.index()
    document_id = melon(place).id

    def meanwhile(_: object) -> None:
        desk(place).edit(document_id, {"title": "先到"}, by="a", clearance=EVERYTHING)

    for _ in range(2):  # where nothing was said yet, and where something was
        with pytest.raises(EditConflictError):
            desk(place).edit(document_id, {"title": "后到"}, by="b", check=meanwhile)
    assert place.stores.documents.edit_of(document_id).said == {"title": "先到"}
