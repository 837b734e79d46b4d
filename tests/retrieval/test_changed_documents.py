"""A run names the documents that it adds, changes and removes, before (dry) and after."""

from __future__ import annotations

import json

import pytest

from retrieval import changed_documents
from retrieval.index_report import ChangedDocuments, NamedDocument
from tests.retrieval.conftest import Library

LINE = {"id": "tz-1", "title": "停水通知", "text": "周三城南停水八小时。"}


def titles(named: tuple[NamedDocument, ...]) -> list[str]:
    return [each.title for each in named]


@pytest.mark.parametrize("dry_run", [True, False])
def test_added_changed_and_removed_documents_are_named(library: Library, dry_run: bool) -> None:
    library.index()
    library.write("cha.txt", "凤凰山茶园开采\n\n凤凰山茶园今春采茶1200斤。\n")
    library.write("tz.jsonl", json.dumps(LINE, ensure_ascii=False) + "\n")
    library.write("gua.txt", "清溪镇凉瓜丰收\n\n今年清溪镇种植凉瓜700亩。\n")
    (library.sources / "lu.txt").unlink()

    report = library.index(dry_run=dry_run)

    assert sorted(titles(report.changes.added)) == ["停水通知", "凤凰山茶园开采"]
    assert "tz-1" in {each.id for each in report.changes.added}
    assert titles(report.changes.changed) == ["清溪镇凉瓜丰收"]
    assert titles(report.changes.removed) == ["东江大桥今日通车"]
    assert json.loads(json.dumps(report.as_json()))["changes"]["removed"][0]["title"] == "东江大桥今日通车"
    assert report.mass_removal is False


def test_a_run_that_finds_nothing_to_do_names_nothing(library: Library) -> None:
    library.index()

    assert library.index(dry_run=True).changes == library.index().changes == ChangedDocuments()


def test_no_more_are_named_than_people_read(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changed_documents, "MAX_NAMED", 2)

    report = library.index(dry_run=True)

    assert report.documents.added == 3
    assert len(report.changes.added) == 2


def test_documents_of_a_lost_database_are_removed_without_a_title(library: Library) -> None:
    (gone,) = [each for each in library.index().changes.added if each.title == "东江大桥今日通车"]
    library.store.renew_identity()
    (library.sources / "lu.txt").unlink()

    report = library.index(dry_run=True)

    assert report.changes.removed == (NamedDocument(gone.id, ""),)
