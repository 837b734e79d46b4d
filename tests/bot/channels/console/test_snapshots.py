from __future__ import annotations

import pytest

from retrieval.snapshot import snapshot_folder
from tests.bot.channels.console.desk import Desk


@pytest.fixture
def two(indexed: Desk) -> tuple[Desk, str, str]:
    """The console over two snapshots: the older one, and the one that serves."""
    older = indexed.place.serving()
    indexed.place.write("新.txt", "新区成立\n\n新区今日成立。\n")
    indexed.place.index()
    newer = indexed.place.serving()
    assert older and newer
    return indexed, older, newer


def test_an_older_snapshot_is_gone_back_to_and_the_page_says_so(two: tuple[Desk, str, str]) -> None:
    desk, older, _ = two

    page = desk.get(desk.post("/admin/snapshots/rollback", id=older))

    assert desk.place.serving() == older
    assert "退回" in page
    assert desk.trail() == [("local", "snapshot_rolled_back", older)]


def test_a_damaged_snapshot_is_found_and_not_gone_back_to(two: tuple[Desk, str, str]) -> None:
    desk, older, newer = two
    assert "校验和一致" in desk.get(desk.post("/admin/snapshots/verify", id=older))
    folder = snapshot_folder(desk.place.settings.index_dir, older)
    largest = max(
        (path for path in folder.rglob("*") if path.is_file() and path.stat().st_nlink == 1),
        key=lambda path: path.stat().st_size,
    )
    largest.write_bytes(b"damaged" + largest.read_bytes()[7:])

    assert "已损坏" in desk.post("/admin/snapshots/verify", id=older, status=200)
    desk.post("/admin/snapshots/rollback", id=older, status=503)

    assert desk.place.serving() == newer
    assert [action for _, action, _ in desk.trail()] == ["snapshot_verified", "snapshot_verified"]


def test_old_snapshots_are_pruned_never_the_serving_one(two: tuple[Desk, str, str]) -> None:
    desk, older, newer = two

    page = desk.get(desk.post("/admin/snapshots/prune", kept="1"))

    assert older not in page
    assert newer in page
    assert desk.trail() == [("local", "snapshots_pruned", "kept 1, removed 1")]


@pytest.mark.parametrize("kept", ["0", "-1", "101", "x", "", "９"])
def test_a_number_to_keep_that_makes_no_sense_is_refused(indexed: Desk, kept: str) -> None:
    indexed.post("/admin/snapshots/prune", kept=kept, status=422)


def test_snapshots_that_do_not_exist_or_do_not_wait_are_refused(indexed: Desk) -> None:
    serving = indexed.place.serving() or ""
    for order, snapshot_id in (("rollback", "../x"), ("verify", "nope"), ("accept", serving), ("reject", serving)):
        indexed.post(f"/admin/snapshots/{order}", id=snapshot_id, status=404)
    assert indexed.place.serving() == serving
    assert indexed.trail() == []
