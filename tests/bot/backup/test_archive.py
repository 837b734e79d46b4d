"""The file of a backup is whole, or refused with what is wrong with it; it never overwrites and leaves nothing half."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.backup import archive
from retrieval.errors import BackupError

FILES = {"database.db": b"\x00\x01" * 5000, "index/lexical/meta.json": b"{}", "uploads/通知 一.txt": "开会".encode()}


def quiet(_: int) -> None:
    """Nobody listens."""


def write(file: Path, folder: Path, files: dict[str, bytes] = FILES) -> None:
    with archive.writing(file, {"created_at": "2026-11-22"}, quiet) as writer:
        for number, (name, content) in enumerate(files.items()):
            source = folder / f"source-{number}"
            source.write_bytes(content)
            with source.open("rb") as opened:
                writer.add(name, opened)


def extract(file: Path, folder: Path) -> dict[str, archive.Member]:
    with archive.reading(file, quiet) as reader:
        return reader.extract(folder)


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz", "A.TAR"])
def test_what_went_in_comes_out(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, tmp_path)
    out = tmp_path / "out"
    assert set(extract(tmp_path / name, out)) == set(FILES)
    assert {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()} == FILES


def test_the_head_is_known_before_anything_is_unpacked(tmp_path: Path) -> None:
    write(tmp_path / "a.tar", tmp_path)
    with archive.reading(tmp_path / "a.tar", quiet) as reader:
        assert reader.head["created_at"] == "2026-11-22"


def test_any_tool_can_list_it_and_the_members_are_private(tmp_path: Path) -> None:
    write(tmp_path / "a.tar", tmp_path)
    with tarfile.open(tmp_path / "a.tar") as tar:
        assert tar.getnames() == [archive.HEAD, *FILES, archive.CONTENTS]
        assert {member.mode for member in tar} == {0o600}
    assert (tmp_path / "a.tar").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["a.zip", "a", "tar", "a.tar.xz"])
def test_another_kind_of_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BackupError, match=r"end it in \.tar"):
        write(tmp_path / name, tmp_path)


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(b"kept")
    with pytest.raises(BackupError, match="never overwritten"):
        write(tmp_path / "a.tar", tmp_path)
    assert (tmp_path / "a.tar").read_bytes() == b"kept"


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "a.tar"
    with pytest.raises(BackupError, match="never overwritten"), archive.writing(file, {}, quiet):
        file.write_bytes(b"kept")
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar"]
    assert file.read_bytes() == b"kept"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="does not exist"), archive.writing(tmp_path / "no" / "a.tar", {}, quiet):
        pass


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), archive.writing(tmp_path / "a.tar", {}, quiet):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="nothing of it was kept"), archive.writing(tmp_path / "a.tar", {}, quiet):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_shrinks_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x" * 100_000)

    def shrink(_: int) -> None:
        source.write_bytes(b"")

    with (
        pytest.raises(BackupError, match="cannot be written"),
        archive.writing(tmp_path / "a.tar", {}, shrink) as writer,
        source.open("rb") as opened,
    ):
        writer.add("database.db", opened)
    assert not (tmp_path / "a.tar").exists()


def test_progress_ends_at_the_whole_size(tmp_path: Path) -> None:
    seen: list[int] = []
    source = tmp_path / "source"
    source.write_bytes(b"x" * 3_000_000)
    with archive.writing(tmp_path / "a.tar", {}, seen.append) as writer, source.open("rb") as opened:
        writer.add("database.db", opened)
    assert seen[-1] == 3_000_000
    assert seen == sorted(seen)
    with archive.reading(tmp_path / "a.tar", seen.append) as reader:
        reader.extract(tmp_path / "out")
    assert seen[-1] == 3_000_000


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_backup_that_is_cut_short_is_refused_unless_only_padding_is_gone(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    whole = tmp_path / name
    if not whole.exists():
        write(whole, tmp_path)
    content = whole.read_bytes()
    kept = data.draw(st.integers(0, len(content)))
    cut = tmp_path / f"cut-{name}"
    cut.write_bytes(content[:kept])
    out = _fresh(tmp_path)
    try:
        members = extract(cut, out)
    except BackupError:
        return
    # Behind the list of members there is nothing but padding.
    assert kept > len(content) / 2
    assert {member: (out / member).read_bytes() for member in members} == FILES


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_flipped_bit_gets_into_what_is_unpacked(tmp_path: Path, name: str, data: st.DataObject) -> None:
    whole = tmp_path / name
    if not whole.exists():
        write(whole, tmp_path)
    content = bytearray(whole.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    flipped = tmp_path / f"flipped-{name}"
    flipped.write_bytes(content)
    out = _fresh(tmp_path)
    try:
        members = extract(flipped, out)
    except BackupError:
        return
    assert {member: (out / member).read_bytes() for member in members} == FILES


@pytest.mark.parametrize("name", ["../outside", "/outside", "index/../../outside", ""])
def test_a_member_that_would_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / "a.tar"
    head = json.dumps({"kind": archive.KIND, "format": archive.FORMAT}).encode()
    with tarfile.open(file, "w") as tar:
        for member, content in ((archive.HEAD, head), (name, b"x"), (archive.CONTENTS, b"{}")):
            entry = tarfile.TarInfo(member)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    with pytest.raises(BackupError, match="damaged"):
        extract(file, tmp_path / "out" / "inner")
    assert not list(tmp_path.rglob("outside"))


def test_a_link_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.tar"
    head = json.dumps({"kind": archive.KIND, "format": archive.FORMAT}).encode()
    with tarfile.open(file, "w") as tar:
        entry = tarfile.TarInfo(archive.HEAD)
        entry.size = len(head)
        tar.addfile(entry, io.BytesIO(head))
        link = tarfile.TarInfo("database.db")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(BackupError, match="no plain file"):
        extract(file, tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"not a tar at all" * 100, b"\x1f\x8b garbage"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    for name in ("a.tar", "a.tar.gz"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BackupError):
            extract(tmp_path / name, tmp_path / "out")


def test_another_tar_is_no_backup(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("readme.txt"), io.BytesIO())
    with pytest.raises(BackupError, match="no backup of yiju"):
        extract(tmp_path / "a.tar", tmp_path / "out")


def test_a_newer_format_is_refused_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FORMAT", 2)
    write(tmp_path / "a.tar", tmp_path)
    monkeypatch.undo()
    with pytest.raises(BackupError, match="format 2, this program reads format 1; restore it with the yiju that wrote"):
        extract(tmp_path / "a.tar", tmp_path / "out")


def test_a_backup_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be read"):
        extract(tmp_path / "no.tar", tmp_path / "out")


def _fresh(folder: Path) -> Path:
    number = len(list(folder.glob("out-*")))
    made = folder / f"out-{number}"
    made.mkdir()
    return made
