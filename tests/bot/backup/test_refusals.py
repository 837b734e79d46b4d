"""What cannot be backed up or restored is refused with the cure, before anything has changed."""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from alembic import command
from alembic.config import Config
from filelock import FileLock
from sqlalchemy import Engine, create_mock_engine

from bot.backup import archive, switching
from bot.backup.contents import DATABASE, INDEX, UPLOADS
from bot.backup.making import make_backup
from bot.backup.switching import settle
from corpus.database import open_database
from corpus.errors import StoreError
from corpus.models import VERSION_TABLE
from corpus.store import MIGRATIONS
from retrieval import durable
from retrieval.errors import BackupError, IndexLockedError, SnapshotDamagedError, SnapshotMismatchError
from retrieval.index_lock import index_lock
from retrieval.manifest import MANIFEST
from retrieval.snapshot import current_folder
from tests.bot.backup.conftest import QUESTION, Installation, changed, print_of


def rewritten(file: Path, target: Path, work: Path, change: Callable[[Path, dict[str, Any]], None]) -> Path:
    """The same backup with something in it changed, its checksums right again."""
    with archive.reading(file, lambda _: None) as reader:
        head = {key: value for key, value in reader.head.items() if key not in ("kind", "format")}
        reader.extract(work)
    change(work, head)
    with archive.writing(target, head, lambda _: None) as writer:
        for path in sorted(path for path in work.rglob("*") if path.is_file()):
            with path.open("rb") as opened:
                writer.add(path.relative_to(work).as_posix(), opened)
    return target


@pytest.fixture
def backup(installed: Installation, tmp_path: Path) -> Path:
    """A backup of the fixture's state; what is there now is another."""
    file = tmp_path / "b.tar"
    installed.back_up(file)
    changed(installed)
    return file


def refused(installed: Installation, file: Path, said: str, kind: type[Exception] = BackupError) -> None:
    """It is refused, and everything is as it was."""
    before, identity, serving = print_of(installed.folder), installed.store.store_id(), installed.serving()
    with pytest.raises(kind, match=said):
        installed.restore(file)
    assert print_of(installed.folder) == before
    assert (installed.store.store_id(), installed.serving()) == (identity, serving)
    assert "1.5亿元" in installed.texts()[0]


def test_a_damaged_backup(installed: Installation, backup: Path) -> None:
    content = bytearray(backup.read_bytes())
    content[len(content) // 2] ^= 1
    backup.write_bytes(content)
    refused(installed, backup, "damaged")


def test_a_backup_that_was_cut_short(installed: Installation, backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:-20_000])
    refused(installed, backup, "damaged")


def test_a_database_of_a_newer_program(installed: Installation, backup: Path, tmp_path: Path) -> None:
    def newer(work: Path, _: dict[str, Any]) -> None:
        with closing(sqlite3.connect(work / DATABASE, isolation_level=None)) as connection:
            connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")

    file = rewritten(backup, tmp_path / "newer.tar", tmp_path / "work", newer)
    refused(installed, file, "written by a newer yiju", StoreError)


def test_a_database_of_an_older_program_is_brought_up_to_date(installed: Installation, tmp_path: Path) -> None:
    def older(work: Path, head: dict[str, Any]) -> None:
        (work / DATABASE).unlink()
        engine = open_database(f"sqlite:///{work / DATABASE}")
        with engine.connect() as connection, connection.begin():
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes.update(connection=connection, version_table=VERSION_TABLE)
            command.upgrade(config, "0001")
            connection.exec_driver_sql("INSERT INTO retired_documents VALUES ('old', NULL, '2026-01-01 00:00:00')")
        engine.dispose()

    installed.back_up(tmp_path / "b.tar", with_index=False)
    file = rewritten(tmp_path / "b.tar", tmp_path / "older.tar", tmp_path / "work", older)
    installed.restore(file)
    assert installed.store.retired() == {"old"}
    assert installed.state.keys.list_keys() == []
    installed.library.index()
    assert installed.texts()


@pytest.mark.parametrize("number", [1, 3])
def test_an_index_of_another_format(installed: Installation, backup: Path, tmp_path: Path, number: int) -> None:
    def other(work: Path, _: dict[str, Any]) -> None:
        manifest = json.loads((work / INDEX / MANIFEST).read_text("utf-8"))
        manifest["fit"]["format"] = number
        (work / INDEX / MANIFEST).write_text(json.dumps(manifest), "utf-8")

    file = rewritten(backup, tmp_path / "other.tar", tmp_path / "work", other)
    refused(installed, file, "--without-index, then run: yiju index")
    assert installed.restore(file, with_index=False).snapshot is None


def test_an_index_that_was_chunked_otherwise(installed: Installation, backup: Path, tmp_path: Path) -> None:
    def other(work: Path, _: dict[str, Any]) -> None:
        manifest = json.loads((work / INDEX / MANIFEST).read_text("utf-8"))
        manifest["fit"]["chunking"] = "pages"
        (work / INDEX / MANIFEST).write_text(json.dumps(manifest), "utf-8")

    refused(installed, rewritten(backup, tmp_path / "o.tar", tmp_path / "work", other), "--without-index")


def test_an_index_of_another_database(installed: Installation, backup: Path, tmp_path: Path) -> None:
    def other(work: Path, _: dict[str, Any]) -> None:
        with closing(sqlite3.connect(work / DATABASE, isolation_level=None)) as connection:
            connection.execute("DELETE FROM document_versions WHERE version = 2")

    refused(installed, rewritten(backup, tmp_path / "o.tar", tmp_path / "work", other), "built from another database")


def test_a_member_that_the_head_does_not_promise(installed: Installation, backup: Path, tmp_path: Path) -> None:
    def other(work: Path, head: dict[str, Any]) -> None:
        head["database"] = False

    refused(installed, rewritten(backup, tmp_path / "o.tar", tmp_path / "work", other), "not hold what its head says")


def test_an_index_for_a_database_that_went_on(installed: Installation, tmp_path: Path) -> None:
    """A database that was restored in the meantime has given the numbers to other documents."""
    installed.back_up(tmp_path / "index.tar", with_database=False)
    installed.back_up(tmp_path / "b.tar")
    installed.restore(tmp_path / "b.tar")
    changed(installed)
    refused(installed, tmp_path / "index.tar", "built from another database")


def test_while_an_index_run_is_going_on(installed: Installation, backup: Path) -> None:
    with index_lock(installed.places.index_dir), pytest.raises(IndexLockedError):
        installed.restore(backup)
    assert not installed.places.restore_work.exists()
    assert "1.5亿元" in installed.texts()[0]


def test_while_another_backup_is_going_on(installed: Installation, backup: Path, tmp_path: Path) -> None:
    with FileLock(installed.folder / ".backup.lock"):
        refused(installed, backup, "another backup or restore")
        with pytest.raises(BackupError, match="another backup or restore"):
            installed.back_up(tmp_path / "second.tar")
    assert not (tmp_path / "second.tar").exists()


def test_a_full_disk_before_the_database_is_replaced_changes_nothing(
    installed: Installation, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(switching, "write_note", full)
    monkeypatch.setattr("bot.backup.restoring.write_note", full)
    refused(installed, backup, "No space left")
    assert not installed.places.restore_work.exists()


def test_a_full_disk_after_the_database_was_replaced_only_delays_the_rest(
    installed: Installation, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(switching, "switch", full)
    monkeypatch.setattr("bot.backup.switching.switch", full)
    with pytest.raises(BackupError, match="No space left"):
        installed.restore(backup)
    with pytest.raises(SnapshotDamagedError, match="another database"):
        installed.texts()
    monkeypatch.undo()

    assert settle(installed.places, installed.store.store_id)

    assert "1.3亿元" in installed.texts()[0]
    assert installed.uploads() == {"通知.txt": "关于召开会议的通知"}
    assert not installed.places.restore_work.exists()


def test_a_question_finishes_what_a_dead_restore_began(
    installed: Installation, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with installed.searching(settling=True) as search, search.session() as session:
        monkeypatch.setattr("bot.backup.switching.switch", full)
        with pytest.raises(BackupError):
            installed.restore(backup)
        monkeypatch.undo()
        assert "1.3亿元" in session.search(QUESTION, top_k=1)[0].passage.text
        assert session.snapshot_id == installed.serving()
    assert not installed.places.restore_work.exists()


def test_a_damaged_index_is_not_backed_up(installed: Installation, tmp_path: Path) -> None:
    rows = current_folder(installed.places.index_dir) / "rows.npy"
    content = bytearray(rows.read_bytes())
    content[-1] ^= 1
    rows.write_bytes(content)
    with pytest.raises(BackupError, match=r"damaged: rows\.npy.*yiju index --full"):
        installed.back_up(tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists()
    installed.back_up(tmp_path / "b.tar", with_index=False)


def test_an_index_of_an_older_format_is_not_backed_up(installed: Installation, tmp_path: Path) -> None:
    path = current_folder(installed.places.index_dir) / MANIFEST
    manifest = json.loads(path.read_text("utf-8"))
    manifest["fit"]["format"] = 1
    path.write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(SnapshotMismatchError, match="run: yiju index"):
        installed.back_up(tmp_path / "b.tar")
    assert [each.name for each in tmp_path.iterdir()] == ["data"]


def test_an_index_whose_database_was_lost_is_not_backed_up(installed: Installation, tmp_path: Path) -> None:
    installed.store.renew_identity()
    with pytest.raises(BackupError, match="lacks 3 documents"):
        installed.back_up(tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists()


def test_postgresql_is_refused_with_its_own_command(installed: Installation, tmp_path: Path) -> None:
    engine = cast(Engine, create_mock_engine("postgresql+psycopg2://user@host/yiju", lambda *_: None))
    with pytest.raises(BackupError, match=r"pg_dump.*--without-database"):
        make_backup(installed.places, engine, tmp_path / "b.tar")


def test_neither_database_nor_index_is_no_backup(installed: Installation, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="nothing but uploads"):
        installed.back_up(tmp_path / "b.tar", with_database=False, with_index=False)


def test_uploads_that_are_not_whole_yet_stay_out(installed: Installation, tmp_path: Path) -> None:
    installed.upload(".upload-abc", "half")
    installed.back_up(tmp_path / "b.tar")
    with archive.reading(tmp_path / "b.tar", lambda _: None) as reader:
        members = reader.extract(tmp_path / "out")
    assert {name for name in members if name.startswith(UPLOADS)} == {"uploads/通知.txt"}


def test_nothing_is_settled_where_nothing_is_to_be(installed: Installation) -> None:
    assert not settle(installed.places, installed.store.store_id)
    durable.remove_tree(installed.places.restore_work)
