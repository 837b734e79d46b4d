"""A database on a volume that cannot be written, or is full to the last byte: it is read all the same."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.database import open_database
from corpus.errors import StoreError
from corpus.store import DocumentStore


def mount(*options: str) -> None:
    ended = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if ended.returncode:
        pytest.skip(f"a tmpfs cannot be mounted here: {ended.stderr.strip()}")


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[Path]:
    """A small file system with a database in which one document is retired."""
    folder = tmp_path / "volume"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder))
    try:
        engine = open_database(f"sqlite:///{folder / 'yiju.db'}")
        store = DocumentStore(engine)
        store.migrate()
        store.retire("旧闻")
        engine.dispose()
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    with (folder / "ballast").open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(bytes(4096))


def test_a_database_on_a_read_only_volume_is_read_and_says_why_it_cannot_be_written(volume: Path) -> None:
    mount("-o", "remount,ro", str(volume))
    store = DocumentStore(open_database(f"sqlite:///{volume / 'yiju.db'}"))
    store.migrate()
    assert store.retired() == {"旧闻"}
    with pytest.raises(StoreError, match="is read-only"):
        store.retire("新闻")
    assert store.retired() == {"旧闻"}


def test_a_database_on_a_full_disk_is_read_and_written_again_when_there_is_space(volume: Path) -> None:
    fill(volume)
    store = DocumentStore(open_database(f"sqlite:///{volume / 'yiju.db'}"))
    assert store.retired() == {"旧闻"}
    with pytest.raises(StoreError, match="disk is full"):
        store.retire("新闻")
    (volume / "ballast").unlink()
    store.retire("新闻")
    assert store.retired() == {"旧闻", "新闻"}


def test_a_journal_that_cannot_be_read_is_not_passed_over(volume: Path) -> None:
    (volume / "yiju.db-wal").write_bytes(b"transactions that are not in the database file")
    mount("-o", "remount,ro", str(volume))
    with pytest.raises(StoreError):
        DocumentStore(open_database(f"sqlite:///{volume / 'yiju.db'}")).retired()
