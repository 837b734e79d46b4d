from __future__ import annotations

import gzip
import lzma
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.uploads import (
    UploadError,
    UploadNameError,
    UploadTooLargeError,
    UploadTypeError,
    checked_name,
    save_upload,
)


def save(folder: Path, name: str, *chunks: bytes, max_bytes: int = 10_000) -> str:
    return save_upload(folder, name, chunks, max_bytes=max_bytes).source_path


@pytest.mark.parametrize(
    "name", ["a.txt", "通知.MD", "𠮷.txt", "2023年 总结（终稿）.jsonl", "a.jsonl.gz", "a.jsonl.xz", "🍉.txt"]
)
def test_plain_names_of_supported_types_are_taken(name: str) -> None:
    assert checked_name(name) == name


def test_names_are_stored_in_one_normal_form() -> None:
    assert checked_name("cafe\u0301.txt") == "café.txt"


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".a.txt", "../a.txt", "a/b.txt", "/a.txt", "a\\b.txt", "C:a.txt", " a.txt", "a.txt ", "a\x00.txt",
     "a\n.txt", "a\u202etxt.md", "\ud800.txt", "文" * 70 + ".txt", "a*.txt"],
)  # fmt: skip
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(UploadNameError):
        checked_name(name)


@pytest.mark.parametrize("name", ["a", "a.pdf", "a.txt.exe", "a.gz", "a.meta.yaml", "txt", "a.txt.meta.yaml"])
def test_other_types_are_refused(name: str) -> None:
    with pytest.raises(UploadTypeError):
        checked_name(name)


@given(st.text(max_size=30))
def test_a_name_that_is_taken_stays_in_the_folder(name: str) -> None:
    try:
        clean = checked_name(name + ".txt")
    except UploadError:
        return
    folder = Path("/uploads")
    assert (folder / clean).parent == folder
    assert not clean.startswith(".")


def test_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    first = save_upload(tmp_path / "new", "a.txt", [b"one"], max_bytes=10)
    second = save_upload(tmp_path / "new", "a.txt", [b"tw", b"o!"], max_bytes=10)

    assert (first.replaced, second.replaced, second.size_bytes) == (False, True, 4)
    assert (tmp_path / "new" / "a.txt").read_bytes() == b"two!"


def test_nothing_is_left_of_a_file_that_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(UploadTooLargeError):
        save(tmp_path, "a.txt", b"x" * 6, b"x" * 6, max_bytes=10)

    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_a_file_that_breaks_off_and_the_old_one_stays(tmp_path: Path) -> None:
    save(tmp_path, "a.txt", b"old")

    def broken() -> Iterator[bytes]:
        yield b"new"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        save_upload(tmp_path, "a.txt", broken(), max_bytes=100)

    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"old"


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 ...", b"PK\x03\x04...", b"\x89PNG\r\n", "正文".encode() + b"\x00", b"\x00" * 9000]
)
def test_content_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UploadTypeError):
        save(tmp_path, "a.txt", content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5"])
def test_text_in_usual_encodings_is_taken(tmp_path: Path, encoding: str) -> None:
    assert save(tmp_path, "a.txt", "北京大學創辦於1898年。".encode(encoding)) == "@uploads/a.txt"


def test_packed_files_must_be_what_their_name_says(tmp_path: Path) -> None:
    line = '{"id": "1", "text": "正文"}\n'.encode()

    assert save(tmp_path, "a.jsonl.gz", gzip.compress(line))
    assert save(tmp_path, "a.jsonl.xz", lzma.compress(line))
    with pytest.raises(UploadTypeError):
        save(tmp_path, "b.jsonl.gz", line)
    with pytest.raises(UploadTypeError):
        save(tmp_path, "b.jsonl.xz", gzip.compress(line))


def test_folder_that_cannot_be_made_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("不是文件夹")

    with pytest.raises(OSError, match="uploads"):
        save(tmp_path / "uploads", "a.txt", b"x")
