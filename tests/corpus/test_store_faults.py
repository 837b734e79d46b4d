"""Crashes, other writers, full disks, read-only and damaged files: what happens to what is stored, and what is said."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from corpus import database, store_writing
from corpus.database import open_database
from corpus.errors import StoreError
from corpus.store import DocumentStore
from tests.corpus.store_documents import fingerprint, open_store, outcome, prepared
from tests.databases import database_url

pytestmark = pytest.mark.usefixtures("backend")
FIRST = fingerprint("第一版")
MANY = [prepared(f"文{number}") for number in range(30)]
ROOT = Path(__file__).resolve().parents[2]
# Another process that stores the same 2000 documents, printing a line at each batch.
WRITER = """
import sys
from corpus import store_writing
from tests.corpus.store_documents import fingerprint, open_store_at, outcome, prepared
store_writing.DOCUMENTS_PER_BATCH = 20
add = store_writing._add
def telling(connection, *, batch):
    print("batch", flush=True)
    return add(connection, batch=batch)
store_writing._add = telling
store = open_store_at(sys.argv[1])
documents = [prepared(f"文{number}") for number in range(2000)]
store.remember_file(fingerprint("第一版"), outcome(*documents))
print("done", flush=True)
"""


def start_writer(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, database_url(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def assert_whole(folder: Path) -> None:
    """No foreign key hangs, the file is sound, and rows are those of their documents."""
    engine = open_database(database_url(folder))
    wrong = """
        SELECT count(*) FROM document_versions v
        WHERE passage_count <> (SELECT count(*) FROM passages p WHERE p.version = v.version)
    """
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":  # PostgreSQL has checksums of its own and never leaves a key hanging
            assert connection.exec_driver_sql("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
        assert connection.exec_driver_sql(wrong).fetchone() == (0,)
    engine.dispose()


class CrashError(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("batches", range(7))
def test_a_crash_between_batches_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    monkeypatch.setattr(store_writing, "DOCUMENTS_PER_BATCH", 5)
    store = open_store(tmp_path)
    real_write = database.write
    left = [batches]

    def crashing(engine: Any, work: Any) -> Any:
        if left[0] == 0:
            raise CrashError
        left[0] -= 1
        return real_write(engine, work)

    monkeypatch.setattr(store_writing, "write", crashing)
    with pytest.raises(CrashError):
        store.remember_file(FIRST, outcome(*MANY))
    assert store.remembered_file("镇/年.txt", FIRST) is None
    assert_whole(tmp_path)
    orphans = [version for document in MANY for version in store.find_versions(document.document.id)]
    assert len(orphans) == 5 * batches

    monkeypatch.setattr(store_writing, "write", real_write)
    versions = open_store(tmp_path).remember_file(FIRST, outcome(*MANY)).versions
    assert list(versions[: len(orphans)]) == orphans
    assert [store.document(version).id for version in versions] == [each.document.id for each in MANY]


def test_an_error_inside_a_batch_undoes_all_of_it(tmp_path: Path) -> None:
    engine = open_database(database_url(tmp_path))
    store = DocumentStore(engine)
    store.migrate()

    @event.listens_for(engine, "before_cursor_execute")
    def crash(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO passages"):
            raise CrashError

    with pytest.raises(CrashError):
        store.remember_file(FIRST, outcome(*MANY))
    event.remove(engine, "before_cursor_execute", crash)
    assert store.find_versions("文0") == []
    assert len(store.remember_file(FIRST, outcome(*MANY)).versions) == 30
    assert_whole(tmp_path)


def test_a_killed_process_leaves_no_half_file(tmp_path: Path) -> None:
    writer = start_writer(tmp_path)
    assert writer.stdout is not None
    for _ in range(10):
        assert writer.stdout.readline() == "batch\n"
    writer.kill()
    writer.wait()
    writer.stdout.close()
    store = open_store(tmp_path)
    assert store.remembered_file("镇/年.txt", FIRST) is None
    assert_whole(tmp_path)
    stored = len(store.versions(range(1, 3000)))
    assert 9 * 20 <= stored < 2000
    assert len(store.remember_file(FIRST, outcome(*[prepared(f"文{n}") for n in range(2000)])).versions) == 2000
    assert_whole(tmp_path)


def test_two_processes_that_write_the_same_at_once_store_it_once(tmp_path: Path) -> None:
    writers = [start_writer(tmp_path), start_writer(tmp_path)]
    outputs = [writer.communicate(timeout=120)[0] for writer in writers]
    assert [output.splitlines()[-1] for output in outputs] == ["done", "done"]
    store = open_store(tmp_path)
    assert len(store.versions(range(1, 5000))) == 2000
    assert_whole(tmp_path)


def test_threads_that_write_and_read_at_once(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            path = f"{number}.txt"
            for turn in range(10):
                document = prepared(f"{number}-{turn}")
                store.remember_file(fingerprint(str(turn)), outcome(document, path=path))
                store.retire(f"{number}-{turn}")
                assert f"{number}-{turn}" in store.retired()
        except BaseException as error:  # noqa: BLE001 - told to the test
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(store.retired()) == 60


@pytest.mark.sqlite
def test_a_lock_that_is_never_let_go_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0.02)
    store = open_store(tmp_path)
    holder = sqlite3.connect(tmp_path / "yiju.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"held by another program.*kept.*try again"):
        store.retire("甲")
    assert store.retired() == frozenset()  # reading goes on meanwhile
    holder.execute("ROLLBACK")
    holder.close()
    store.retire("甲")
    assert store.retired() == frozenset({"甲"})


@pytest.mark.sqlite
def test_a_read_only_database_is_told_and_still_read(tmp_path: Path) -> None:
    open_store(tmp_path).retire("甲")
    store = DocumentStore(open_database(f"sqlite:///file:{tmp_path}/yiju.db?mode=ro&uri=true"))
    store.migrate()
    assert store.retired() == frozenset({"甲"})
    with pytest.raises(StoreError, match=r"read-only.*kept.*YIJU_DATA_DIR"):
        store.remember_file(FIRST, outcome(prepared("甲")))


@pytest.mark.sqlite
def test_a_full_disk_is_told_and_what_was_stored_is_kept(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    kept = store.remember_file(FIRST, outcome(prepared("甲")))
    engine = open_database(database_url(tmp_path))

    @event.listens_for(engine, "connect")
    def limit(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 40")

    full = DocumentStore(engine)
    big = [prepared(f"大{number}", ["很长的一段话。" * 3000]) for number in range(20)]
    with pytest.raises(StoreError, match=r"disk is full.*stored before is kept; free space"):
        full.remember_file(fingerprint("第二版"), outcome(*big, path="大.txt"))
    assert full.remembered_file("镇/年.txt", FIRST) == kept
    assert full.remembered_file("大.txt", fingerprint("第二版")) is None
    assert_whole(tmp_path)
    assert len(store.remember_file(fingerprint("第二版"), outcome(*big, path="大.txt")).versions) == 20


@pytest.mark.sqlite
def test_a_real_full_file_system_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], check=False)
    if mounted.returncode != 0:
        pytest.skip("only root with the right to mount can make a small file system")
    try:
        engine = open_database(database_url(folder))
        store = DocumentStore(engine)
        store.migrate()
        kept = store.remember_file(FIRST, outcome(prepared("甲")))
        big = [prepared(f"大{number}", ["很长的一段话。" * 3000]) for number in range(60)]
        with pytest.raises(StoreError, match=r"disk is full"):
            store.remember_file(fingerprint("第二版"), outcome(*big, path="大.txt"))
        assert store.remembered_file("镇/年.txt", FIRST) == kept
        engine.dispose()
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.sqlite
def test_a_file_that_is_no_database_is_told_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "yiju.db").write_bytes("这不是数据库".encode() * 500)
    with pytest.raises(StoreError, match=r"yiju\.db' is damaged.*aside.*yiju index"):
        open_store(tmp_path)


@pytest.mark.sqlite
def test_a_damaged_database_is_told_with_the_cure(tmp_path: Path) -> None:
    engine = open_database(database_url(tmp_path))
    store = DocumentStore(engine)
    store.migrate()
    versions = store.remember_file(FIRST, outcome(*MANY)).versions
    engine.dispose()
    with (tmp_path / "yiju.db").open("r+b") as file:
        length = file.seek(0, 2)
        file.seek(4096)
        file.write(b"\x99" * (length - 4096))
    with pytest.raises(StoreError, match=r"is damaged"):
        list(DocumentStore(open_database(database_url(tmp_path))).passage_rows(versions))
