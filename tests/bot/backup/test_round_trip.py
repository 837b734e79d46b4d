"""What is backed up comes back as it was, there or in an empty place, and nothing of the later state answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.backup.contents import DATABASE
from bot.backup.making import make_backup
from retrieval.errors import NoSnapshotError
from retrieval.searching import LiveSearch
from retrieval.snapshot import snapshot_folders
from retrieval.snapshots import verify_snapshot
from tests.bot.backup.conftest import QUESTION, Installation, changed, print_of
from tests.retrieval.conftest import TEXTS


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Installation]:
    folder = tmp_path / "empty"
    folder.mkdir()
    made = Installation(folder)
    yield made
    made.close()


@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz"])
def test_the_state_of_the_backup_is_there_again(installed: Installation, tmp_path: Path, name: str) -> None:
    report = installed.back_up(tmp_path / name)
    before = installed.texts()
    changed(installed)
    assert "1.5亿元" in installed.texts()[0]

    restored = installed.restore(tmp_path / name)

    assert report.contents.index is not None
    assert (report.contents.index.documents, report.contents.index.passages) == (3, 3)
    assert restored.contents == report.contents
    assert installed.serving() == restored.snapshot
    assert installed.texts() == before
    assert installed.uploads() == {"通知.txt": "关于召开会议的通知"}
    verify_snapshot(installed.places.index_dir, installed.serving())


def test_it_can_be_restored_where_nothing_was(installed: Installation, empty: Installation, tmp_path: Path) -> None:
    key = installed.state.keys.create("办公室", ["ask"])
    installed.store.retire("nothing", "superseded")
    installed.back_up(tmp_path / "b.tar")

    empty.restore(tmp_path / "b.tar")

    assert empty.texts() == installed.texts()
    assert empty.uploads() == installed.uploads()
    assert empty.state.keys.verify(key.plain) is not None
    assert empty.store.retired() == {"nothing"}


def test_the_next_index_run_goes_on_from_there(installed: Installation, tmp_path: Path) -> None:
    installed.back_up(tmp_path / "b.tar")
    changed(installed)
    installed.restore(tmp_path / "b.tar")

    report = installed.library.index()

    assert (report.documents.added, report.documents.changed, report.documents.removed) == (1, 1, 1)
    assert "1.5亿元" in installed.texts()[0]


def test_a_restore_leaves_one_snapshot_and_no_traces(installed: Installation, tmp_path: Path) -> None:
    installed.back_up(tmp_path / "b.tar")
    changed(installed)
    installed.restore(tmp_path / "b.tar")
    assert [folder.name for folder in snapshot_folders(installed.places.index_dir)] == [installed.serving()]
    assert not installed.places.restore_work.exists()
    assert not installed.places.backup_work.exists()


def test_checking_changes_nothing(installed: Installation, tmp_path: Path) -> None:
    installed.back_up(tmp_path / "b.tar")
    changed(installed)
    before, identity = print_of(installed.folder), installed.store.store_id()
    report = installed.restore(tmp_path / "b.tar", check_only=True)
    assert report.snapshot is not None
    assert print_of(installed.folder) == before
    assert installed.store.store_id() == identity
    assert "1.5亿元" in installed.texts()[0]


def test_a_backup_changes_nothing(installed: Installation, tmp_path: Path) -> None:
    before, identity = print_of(installed.folder), installed.store.store_id()
    installed.back_up(tmp_path / "b.tar")
    assert print_of(installed.folder) == before
    assert installed.store.store_id() == identity


def test_without_an_index_the_documents_are_indexed_anew(installed: Installation, tmp_path: Path) -> None:
    report = installed.back_up(tmp_path / "b.tar", with_index=False)
    before = installed.texts()
    changed(installed)
    assert report.contents.index is None

    restored = installed.restore(tmp_path / "b.tar")

    assert restored.snapshot is None
    with pytest.raises(NoSnapshotError):
        installed.serving()
    installed.library.write("gua.txt", TEXTS["gua.txt"])
    installed.library.index()
    assert installed.texts()[0] == before[0]


def test_the_index_of_a_backup_can_be_left_out(installed: Installation, tmp_path: Path) -> None:
    installed.back_up(tmp_path / "b.tar")
    assert installed.restore(tmp_path / "b.tar", with_index=False).snapshot is None
    with pytest.raises(NoSnapshotError):
        installed.serving()


def test_before_the_first_index_the_rest_is_backed_up(empty: Installation, tmp_path: Path) -> None:
    key = empty.state.keys.create("办公室", ["ask"])
    report = empty.back_up(tmp_path / "b.tar")
    empty.state.keys.revoke(key.info.id)
    empty.restore(tmp_path / "b.tar")
    assert report.contents.index is None
    assert empty.state.keys.verify(key.plain) is not None


def test_without_the_database_the_index_comes_back_to_the_same_one(installed: Installation, tmp_path: Path) -> None:
    installed.back_up(tmp_path / "b.tar", with_database=False)
    identity, before = installed.store.store_id(), installed.texts()
    for path in (installed.places.index_dir / "CURRENT", installed.places.uploads_dir / "通知.txt"):
        path.unlink()

    installed.restore(tmp_path / "b.tar")

    assert installed.texts() == before
    assert installed.uploads() == {"通知.txt": "关于召开会议的通知"}
    assert installed.store.store_id() != identity


def test_jobs_that_ran_then_are_told_as_ended(installed: Installation, tmp_path: Path) -> None:
    job = installed.state.jobs.begin("reindex", started_by="test")
    installed.back_up(tmp_path / "b.tar")
    installed.restore(tmp_path / "b.tar")
    view = installed.state.jobs.get(job)
    assert view is not None
    assert view.state == "failed"
    installed.state.jobs.begin("reindex", started_by="test")


def test_a_backup_of_an_installation_in_use_is_one_state_of_it(installed: Installation, tmp_path: Path) -> None:
    """Documents are indexed and keys made all the while; each backup can be restored and is whole."""
    stop = threading.Event()

    def working() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            installed.library.write("gua.txt", TEXTS["gua.txt"].replace("1.3亿元", f"{number}亿元"))
            installed.library.index()
            installed.state.keys.create(f"钥匙{number}", ["ask"])

    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(working)
        try:
            for number in range(3):
                installed.back_up(tmp_path / f"{number}.tar")
        finally:
            stop.set()
        work.result()
    for number in range(3):
        installed.restore(tmp_path / f"{number}.tar")
        assert "亿元" in installed.texts()[0]
        verify_snapshot(installed.places.index_dir, installed.serving())


def test_progress_is_told_in_phases(installed: Installation, tmp_path: Path) -> None:
    phases: list[str] = []
    make_backup(installed.places, installed.engine, tmp_path / "b.tar", progress=lambda phase, *_: phases.append(phase))
    assert list(dict.fromkeys(phases)) == ["database", "files"]


def test_what_is_left_of_a_killed_backup_goes_with_the_next(installed: Installation, tmp_path: Path) -> None:
    installed.places.backup_work.mkdir()
    (installed.places.backup_work / DATABASE).write_bytes(b"half")
    (tmp_path / ".b.tar.partial").write_bytes(b"half")
    installed.back_up(tmp_path / "b.tar")
    assert not installed.places.backup_work.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar", "data"]


def test_a_question_under_way_is_answered_from_what_was_restored(installed: Installation, tmp_path: Path) -> None:
    installed.back_up(tmp_path / "b.tar")
    changed(installed)
    with installed.searching() as search, search.session() as session:
        later = session.snapshot_id
        assert "1.5亿元" in session.search(QUESTION, top_k=1)[0].passage.text
        installed.restore(tmp_path / "b.tar")
        assert "1.3亿元" in session.search(QUESTION, top_k=1)[0].passage.text
        assert session.snapshot_id == installed.serving() != later
        assert search.live_versions() == frozenset({1, 2, 3})


def test_questions_during_restores_are_answered_by_one_state_or_the_other(
    installed: Installation, tmp_path: Path
) -> None:
    installed.back_up(tmp_path / "old.tar")
    changed(installed)
    installed.back_up(tmp_path / "new.tar")
    stop = threading.Event()
    seen: set[str] = set()

    def asking(search: LiveSearch) -> None:
        while not stop.is_set():
            with search.session() as session:
                hits = session.search(QUESTION, top_k=5)
            titles = {hit.document.title for hit in hits}
            value = "1.3" if "1.3亿元" in hits[0].passage.text else "1.5"
            assert ("东江大桥今日通车" in titles) == (value == "1.3")
            assert ("凤凰山茶园开采" in titles) == (value == "1.5")
            seen.add(value)

    with installed.searching() as search, ThreadPoolExecutor(4) as pool:
        work = [pool.submit(asking, search) for _ in range(4)]
        try:
            for name in ("old", "new", "old", "new"):
                installed.restore(tmp_path / f"{name}.tar")
        finally:
            stop.set()
        for each in work:
            each.result()
    assert seen == {"1.3", "1.5"}
