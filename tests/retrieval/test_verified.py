"""Files that were found whole are not read again, as long as they are the same files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from retrieval import verified
from retrieval.errors import SnapshotDamagedError
from retrieval.manifest import checksum
from retrieval.verified import VERIFIED, check_files

NAMES = ("rows.npy", "lexical/meta.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "snapshots" / "a"
    for name in NAMES:
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(f"北京大学创办于1898年。{name}", encoding="utf-8")
    return made


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were read, in order."""
    names: list[str] = []

    def counted(path: Path) -> str:
        names.append(path.name)
        return checksum(path)

    monkeypatch.setattr(verified, "checksum", counted)
    return names


def sums(folder: Path) -> dict[str, str]:
    return {name: checksum(folder / name) for name in NAMES}


def test_a_second_look_reads_nothing(folder: Path, tmp_path: Path, read: list[str]) -> None:
    check_files(folder, sums(folder), tmp_path / VERIFIED)
    assert read == ["rows.npy", "meta.json"]
    check_files(folder, sums(folder), tmp_path / VERIFIED)
    assert read == ["rows.npy", "meta.json"]


def test_without_a_memory_all_is_read(folder: Path, tmp_path: Path, read: list[str]) -> None:
    check_files(folder, sums(folder), tmp_path / VERIFIED)
    check_files(folder, sums(folder), None)
    assert len(read) == 4


def rewrite(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def replace_at_the_same_time(path: Path) -> None:
    before = path.stat()
    other = path.with_name("other")
    other.write_bytes(path.read_bytes()[:-1] + b"?")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


def cut_at_the_same_time(path: Path) -> None:
    before = path.stat()
    os.truncate(path, before.st_size - 1)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("change", [rewrite, replace_at_the_same_time, cut_at_the_same_time, Path.unlink])
def test_a_file_that_is_another_since_is_damage(folder: Path, tmp_path: Path, change: object) -> None:
    expected = sums(folder)
    check_files(folder, expected, tmp_path / VERIFIED)
    assert callable(change)
    change(folder / "rows.npy")
    with pytest.raises(SnapshotDamagedError, match=r"rows\.npy .*run: yiju index --full"):
        check_files(folder, expected, tmp_path / VERIFIED)


def test_a_manifest_that_says_something_else_is_damage(folder: Path, tmp_path: Path) -> None:
    check_files(folder, sums(folder), tmp_path / VERIFIED)
    with pytest.raises(SnapshotDamagedError, match="the manifest says 0000"):
        check_files(folder, {**sums(folder), "rows.npy": "0" * 64}, tmp_path / VERIFIED)


@pytest.mark.parametrize("content", ["", "[]", '{"a/rows.npy": 7}', "\x00\x00"])
def test_a_damaged_memory_costs_a_look_and_nothing_else(
    folder: Path, tmp_path: Path, read: list[str], content: str
) -> None:
    (tmp_path / VERIFIED).write_text(content)
    check_files(folder, sums(folder), tmp_path / VERIFIED)
    check_files(folder, sums(folder), tmp_path / VERIFIED)
    assert len(read) == 2


def test_a_memory_that_cannot_be_written_is_no_error(folder: Path, tmp_path: Path) -> None:
    (tmp_path / VERIFIED).mkdir()
    check_files(folder, sums(folder), tmp_path / VERIFIED)
    assert [path.name for path in tmp_path.glob(".*")] == [VERIFIED]


def test_snapshots_that_are_gone_are_forgotten(folder: Path, tmp_path: Path) -> None:
    other = folder.with_name("b")
    shutil.copytree(folder, other)
    check_files(folder, sums(folder), tmp_path / VERIFIED)
    check_files(other, sums(other), tmp_path / VERIFIED)
    assert "a/rows.npy" in (tmp_path / VERIFIED).read_text()
    shutil.rmtree(folder)
    rewrite(other / "rows.npy")
    check_files(other, sums(other), tmp_path / VERIFIED)
    assert "a/rows.npy" not in (tmp_path / VERIFIED).read_text()
