"""Files that wait for a word: checked, kept, added once or thrown away, and gone after a while."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import staging
from bot.staging import StagedUploads, UploadGoneError, UploadUnreadableError
from bot.uploads import UploadNameError, UploadTooLargeError, UploadTypeError

NEWS = "停水通知\n\n周三城南停水八小时。\n".encode()


class Desk:
    """Staged uploads with a clock of their own."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 7, 1, tzinfo=UTC)
        self.folder, self.uploads = folder / "staged", folder / "uploads"
        self.staged = self.opened()

    def opened(self) -> StagedUploads:
        return StagedUploads(self.folder, self.uploads, max_bytes=10_000, clock=lambda: self.now)

    def add(self, name: str, content: bytes = NEWS, upload_id: str | None = None) -> str:
        return self.staged.add(upload_id, name, [content], by="telegram:7").id

    def uploaded(self) -> list[str]:
        return sorted(path.name for path in self.uploads.iterdir()) if self.uploads.is_dir() else []


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_file_waits_with_what_is_in_it(desk: Desk) -> None:
    upload = desk.staged.get(desk.add("通知.txt"))

    (file,) = upload.files
    assert (file.name, file.size_bytes, file.documents, file.titles) == ("通知.txt", len(NEWS), 1, ("停水通知",))
    assert (upload.by, file.replaces, desk.uploaded()) == ("telegram:7", False, [])


def test_confirmed_files_are_moved_once(desk: Desk) -> None:
    upload_id = desk.add("甲.txt")
    assert desk.add("乙.txt", upload_id=upload_id) == upload_id

    moved = desk.staged.confirm(upload_id)

    assert sorted(each.source_path for each in moved) == ["@uploads/乙.txt", "@uploads/甲.txt"]
    assert desk.uploaded() == ["乙.txt", "甲.txt"]
    assert not list(desk.folder.iterdir())
    for again in (desk.staged.confirm, desk.staged.discard, desk.staged.get):
        with pytest.raises(UploadGoneError):
            again(upload_id)


def test_a_file_of_a_known_name_is_told_to_replace_it(desk: Desk) -> None:
    desk.staged.confirm(desk.add("通知.txt"))
    upload_id = desk.add("通知.txt", NEWS + "周四照常。".encode())

    assert desk.staged.get(upload_id).files[0].replaces
    assert [each.replaced for each in desk.staged.confirm(upload_id)] == [True]
    assert (desk.uploads / "通知.txt").read_bytes().endswith("周四照常。".encode())


def test_the_same_name_twice_in_one_upload_is_the_later_file(desk: Desk) -> None:
    upload_id = desk.add("通知.txt")
    desk.add("通知.txt", NEWS * 2, upload_id)

    assert [file.size_bytes for file in desk.staged.get(upload_id).files] == [2 * len(NEWS)]


def test_discarded_files_are_gone(desk: Desk) -> None:
    upload_id = desk.add("通知.txt")

    assert [file.name for file in desk.staged.discard(upload_id).files] == ["通知.txt"]
    assert (desk.uploaded(), list(desk.folder.iterdir())) == ([], [])


def test_what_waits_survives_a_restart(desk: Desk) -> None:
    upload_id = desk.add("通知.txt")

    assert desk.opened().get(upload_id) == desk.staged.get(upload_id)
    desk.opened().confirm(upload_id)
    assert desk.uploaded() == ["通知.txt"]


def test_what_waits_too_long_expires(desk: Desk) -> None:
    old = desk.add("旧.txt")
    desk.now += timedelta(hours=23)
    young = desk.add("新.txt")
    desk.now += timedelta(hours=2)

    with pytest.raises(UploadGoneError):
        desk.staged.confirm(old)
    assert desk.staged.prune() == 1
    assert [path.name for path in desk.folder.iterdir()] == [young]


def test_a_crash_in_the_middle_of_moving_is_made_good_by_pressing_again(desk: Desk) -> None:
    upload_id = desk.add("甲.txt")
    desk.add("乙.txt", upload_id=upload_id)
    desk.uploads.mkdir()
    (desk.folder / upload_id / "甲.txt").replace(desk.uploads / "甲.txt")

    desk.opened().confirm(upload_id)

    assert desk.uploaded() == ["乙.txt", "甲.txt"]


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("../x.txt", NEWS, UploadNameError),
        ("x.exe", NEWS, UploadTypeError),
        ("x.txt", b"", UploadTypeError),
        ("x.txt", b"%PDF-1.7", UploadTypeError),
        ("x.txt", NEWS * 1000, UploadTooLargeError),
        ("x.txt", b" \n\n ", UploadUnreadableError),
        ("x.jsonl", b"{not json}\n", UploadUnreadableError),
    ],
)
def test_a_refused_file_leaves_nothing(desk: Desk, name: str, content: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        desk.add(name, content)
    assert not desk.folder.exists() or not list(desk.folder.iterdir())


def test_a_refused_file_leaves_those_sent_with_it(desk: Desk) -> None:
    upload_id = desk.add("通知.txt")
    with pytest.raises(UploadUnreadableError):
        desk.add("空.txt", b" \n", upload_id)

    desk.staged.confirm(upload_id)
    assert desk.uploaded() == ["通知.txt"]


def test_lines_that_cannot_be_read_are_told(desk: Desk) -> None:
    line = json.dumps({"id": "1", "title": "停水通知", "text": "周三停水。"}, ensure_ascii=False)
    upload_id = desk.add("通知.jsonl", f"{line}\n{{broken\n".encode())

    (file,) = desk.staged.get(upload_id).files
    assert (file.documents, len(file.failures)) == (1, 1)


def test_large_files_wait_unread(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "MAX_READ_BYTES", 10)
    assert desk.staged.get(desk.add("通知.txt")).files[0].documents is None


def test_too_much_may_not_wait(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "MAX_STAGED_BYTES", 100)
    desk.add("甲.txt")
    with pytest.raises(UploadTooLargeError):
        desk.add("乙.txt", NEWS * 3)
        desk.add("丙.txt")


@pytest.mark.parametrize("upload_id", ["", "..", "../x", "a/b", "a" * 41, "甲"])
def test_ids_stay_in_the_folder(desk: Desk, upload_id: str) -> None:
    for ask in (desk.staged.get, desk.staged.confirm, desk.staged.discard):
        with pytest.raises(UploadGoneError):
            ask(upload_id)


def test_damaged_notes_count_as_gone(desk: Desk) -> None:
    upload_id = desk.add("通知.txt")
    (desk.folder / upload_id / "about.json").write_text("{")
    with pytest.raises(UploadGoneError):
        desk.staged.confirm(upload_id)
