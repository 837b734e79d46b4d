"""What files and folders hold after each change, and that nothing is renamed before it is synced."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from retrieval import durable


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that are synced and renamed, in order."""
    found: list[str] = []
    sync, replace = durable.sync, Path.replace

    def noted_sync(path: Path) -> None:
        found.append(f"sync {path.name.split('.')[1] if path.name.startswith('.') else path.name}")
        sync(path)

    def noted_replace(path: Path, target: Path) -> Path:
        found.append(f"rename {target.name}")
        return replace(path, target)

    monkeypatch.setattr(durable, "sync", noted_sync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    return found


def test_a_file_is_synced_before_it_gets_its_name_and_its_folder_after(tmp_path: Path, calls: list[str]) -> None:
    durable.write_atomically(tmp_path / "CURRENT", b"one\n")
    durable.write_atomically(tmp_path / "CURRENT", b"two\n")
    assert (tmp_path / "CURRENT").read_bytes() == b"two\n"
    assert calls == ["sync CURRENT", "rename CURRENT", f"sync {tmp_path.name}"] * 2
    assert [path.name for path in tmp_path.iterdir()] == ["CURRENT"]


def test_a_write_that_fails_leaves_the_old_content_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    durable.write_atomically(tmp_path / "CURRENT", b"one\n")

    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(durable, "sync", full)
    with pytest.raises(OSError, match="No space left"):
        durable.write_atomically(tmp_path / "CURRENT", b"two\n")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("CURRENT", b"one\n")]


def test_both_folders_of_a_rename_are_synced(tmp_path: Path, calls: list[str]) -> None:
    for name in ("here", "there", "here/inner"):
        (tmp_path / name).mkdir()
    durable.rename(tmp_path / "here" / "inner", tmp_path / "there" / "inner")
    assert calls == ["rename inner", "sync there", "sync here"]
    assert (tmp_path / "there" / "inner").is_dir()


def test_a_folder_that_holds_something_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "file").touch()
    with pytest.raises(OSError, match="not empty"):
        durable.rename(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old" / "file").exists()


def test_everything_below_a_folder_is_synced_before_the_folder(tmp_path: Path, calls: list[str]) -> None:
    (tmp_path / "snapshot" / "lexical").mkdir(parents=True)
    (tmp_path / "snapshot" / "rows").touch()
    (tmp_path / "snapshot" / "lexical" / "terms").touch()
    durable.sync_tree(tmp_path / "snapshot")
    assert calls == ["sync terms", "sync lexical", "sync rows", "sync snapshot"]


def tree(folder: Path) -> Path:
    (folder / "lexical").mkdir(parents=True)
    (folder / "part").mkdir()
    (folder / "lexical" / "terms").write_bytes(b"terms")
    (folder / "lexical" / ".lock").write_bytes(b"")
    (folder / "part" / "vectors").write_bytes(b"vectors")
    return folder


def test_linked_files_are_the_same_files_and_outlive_the_original(tmp_path: Path) -> None:
    source, target = tree(tmp_path / "a"), tmp_path / "b"
    durable.link_tree(source, target, skip=lambda path: path.name == ".lock")
    for name in ("lexical/terms", "part/vectors"):
        assert (source / name).stat().st_ino == (target / name).stat().st_ino
    assert not (target / "lexical" / ".lock").exists()
    durable.remove_tree(source)
    assert (target / "part" / "vectors").read_bytes() == b"vectors"


def test_a_folder_left_out_is_not_made(tmp_path: Path) -> None:
    durable.link_tree(tree(tmp_path / "a"), tmp_path / "b", skip=lambda path: path == Path("part"))
    assert sorted(path.name for path in (tmp_path / "b").rglob("*")) == [".lock", "lexical", "terms"]


@pytest.mark.parametrize("reason", [errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP])
def test_files_are_copied_where_links_are_not_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: int
) -> None:
    def refused(source: Path, target: Path) -> None:
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(os, "link", refused)
    source, target = tree(tmp_path / "a"), tmp_path / "b"
    durable.link_tree(source, target)
    assert (target / "part" / "vectors").read_bytes() == b"vectors"
    assert (source / "part" / "vectors").stat().st_ino != (target / "part" / "vectors").stat().st_ino


def test_a_full_disk_is_no_reason_to_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space left"):
        durable.link_tree(tree(tmp_path / "a"), tmp_path / "b")


def test_linking_what_is_not_there_is_an_error_and_removing_it_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        durable.link_tree(tmp_path / "missing", tmp_path / "b")
    durable.remove_tree(tmp_path / "missing")
