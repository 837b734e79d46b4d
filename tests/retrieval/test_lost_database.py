"""The database is deleted or put back from a backup beside an index: nothing is answered from the wrong documents."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from corpus.database import open_database
from corpus.store import DocumentStore
from retrieval.errors import MassRemovalError, SnapshotDamagedError
from retrieval.index_report import DocumentCounts
from tests.retrieval.conftest import Library


def lose_database(library: Library, tmp_path: Path) -> None:
    library.store = DocumentStore(open_database(f"sqlite:///{tmp_path / 'new.db'}"))
    library.store.migrate()


def test_an_index_without_its_database_is_an_error_not_an_empty_answer(library: Library, tmp_path: Path) -> None:
    library.index()
    lose_database(library, tmp_path)
    with pytest.raises(SnapshotDamagedError, match="yiju index --full"):
        library.search("清溪镇凉瓜产值")


def test_a_new_database_whose_numbers_are_those_of_the_old_gets_a_new_index(library: Library, tmp_path: Path) -> None:
    old = library.index()
    lose_database(library, tmp_path)
    for name in ("gua.txt", "lu.txt", "xuexiao.txt"):
        library.write(name, f"凤凰山茶园{name}\n\n凤凰山茶园今春采茶1200斤，茶工三十人。\n")

    report = library.index()

    assert report.snapshot != old.snapshot
    assert library.titles("凤凰山采茶多少斤")[0].startswith("凤凰山茶园")


def test_the_same_sources_are_indexed_anew_after_a_loss(library: Library, tmp_path: Path) -> None:
    library.index()
    lose_database(library, tmp_path)
    library.write("a.txt", "凤凰山茶园开采\n\n凤凰山茶园今春采茶1200斤。\n")

    report = library.index()

    assert report.documents == DocumentCounts(added=1, changed=3, removed=0, unchanged=0)
    assert report.embedded == 1
    assert library.titles("东江大桥总投资")[0] == "东江大桥今日通车"


def test_the_guard_holds_without_the_database(library: Library, tmp_path: Path) -> None:
    library.write_many(30)
    library.index()
    lose_database(library, tmp_path)
    for path in library.sources.iterdir():
        path.unlink()
    with pytest.raises(MassRemovalError):
        library.index()


def test_a_database_put_back_from_an_older_copy_is_noticed_by_its_newest_documents(
    library: Library, tmp_path: Path
) -> None:
    library.index()
    library.store.make_durable()
    with sqlite3.connect(tmp_path / "yiju.db") as connection, sqlite3.connect(tmp_path / "copy.db") as copy:
        connection.backup(copy)
    library.write("a.txt", "凤凰山茶园开采\n\n凤凰山茶园今春采茶1200斤。\n")
    library.index()
    library.store = DocumentStore(open_database(f"sqlite:///{tmp_path / 'copy.db'}"))
    library.write("b.txt", "白石村修路\n\n白石村今年修路三公里，投资一百万元。\n")

    report = library.index()

    assert report.documents == DocumentCounts(added=1, changed=4, removed=0, unchanged=0)
    assert library.titles("凤凰山采茶")[0] == "凤凰山茶园开采"
    assert library.titles("白石村修路")[0] == "白石村修路"


def test_another_identity_makes_a_new_index_of_the_same_documents(library: Library) -> None:
    before = library.index()
    library.store.renew_identity()
    report = library.index()
    assert report.snapshot != before.snapshot
    assert (report.documents.changed, report.embedded) == (3, 0)
    assert library.titles("东江大桥总投资")[0] == "东江大桥今日通车"


def test_an_index_of_an_older_format_is_made_anew_and_its_documents_are_counted(library: Library) -> None:
    before = library.index()
    folder = library.index_dir / "snapshots" / str(before.snapshot)
    said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    said["fit"]["format"] = 1
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    report = library.index()
    assert report.documents == DocumentCounts(added=0, changed=0, removed=0, unchanged=3)
    assert (report.snapshot != before.snapshot, report.embedded) == (True, 0)
