"""Snapshots are listed, verified, gone back to, accepted and pruned; nothing else than what was asked for changes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from retrieval import durable
from retrieval.errors import IndexLockedError, SnapshotDamagedError, SnapshotMismatchError, SnapshotUnknownError
from retrieval.index_lock import index_lock
from retrieval.snapshot import snapshot_folder, switch
from retrieval.snapshots import (
    accept,
    block,
    blocked_reasons,
    forget_rollback,
    list_snapshots,
    prune,
    reject,
    remove_abandoned,
    roll_back,
    rolled_back,
    verify_snapshot,
)
from tests.retrieval.made_snapshots import STORE, Made, Shelf, contents

DOCUMENTS = [Made(number) for number in range(3)]
REASONS = "答对的金标问题从 18/20 降到 15/20"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "index")


def ids(shelf: Shelf) -> list[str]:
    return [each.id for each in list_snapshots(shelf.index_dir)]


def damage(shelf: Shelf, snapshot_id: str) -> None:
    """Change a byte without a trace: size, inode and time of change stay."""
    (raw,) = (snapshot_folder(shelf.index_dir, snapshot_id) / "vectors").glob("*/raw.f16")
    status = raw.stat()
    with raw.open("r+b") as file:
        file.write(b"\xff")
    os.utime(raw, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_without_an_index_there_is_nothing_to_list(shelf: Shelf) -> None:
    assert list_snapshots(shelf.index_dir) == []


def test_a_list_tells_what_is_there(shelf: Shelf) -> None:
    first = shelf.serve(DOCUMENTS)
    second = shelf.change(shelf.open(first), added=[Made(9)])
    block(shelf.index_dir, second, REASONS)
    partly = shelf.build(DOCUMENTS, embedded=DOCUMENTS[:1])

    one, two, three = list_snapshots(shelf.index_dir)
    assert [one.id, two.id, three.id] == [first, second, partly]
    assert [(each.documents, each.passages, each.embedded) for each in (one, two, three)] == [
        (3, 6, 6),
        (4, 8, 8),
        (3, 6, 2),
    ]
    assert [each.serving for each in (one, two, three)] == [True, False, False]
    assert [each.blocked for each in (one, two, three)] == [None, REASONS, None]
    assert all(each.complete and each.created_at for each in (one, two, three))
    assert three.bytes == three.own_bytes > 0
    assert two.own_bytes < two.bytes


def test_what_is_wrong_with_a_snapshot_is_listed(shelf: Shelf) -> None:
    whole, lacking, old, broken = (shelf.build(DOCUMENTS) for _ in range(4))
    root = shelf.index_dir / "snapshots"
    (root / lacking / "rows.npy").unlink()
    said = json.loads((root / old / "manifest.json").read_text())
    said["fit"]["format"] = 1
    (root / old / "manifest.json").write_text(json.dumps(said))
    (root / broken / "manifest.json").write_text("[7")
    (shelf.index_dir / "CURRENT").write_text("../?")

    listed = {each.id: each for each in list_snapshots(shelf.index_dir)}
    assert listed[whole].problem is None
    assert listed[lacking].problem == "rows.npy is missing"
    assert "format 1" in (listed[old].problem or "")
    assert "manifest" in (listed[broken].problem or "")
    assert [listed[each].complete for each in (whole, lacking, old, broken)] == [True, False, False, False]
    assert not any(each.serving for each in listed.values())
    assert listed[old].documents == 3


def test_verifying_reads_what_opening_trusts(shelf: Shelf) -> None:
    made = shelf.serve(DOCUMENTS)
    assert verify_snapshot(shelf.index_dir, made).passages == 6
    damage(shelf, made)
    shelf.open(made).close()
    with pytest.raises(SnapshotDamagedError, match=r"raw\.f16 has checksum"):
        verify_snapshot(shelf.index_dir, made)


@pytest.mark.parametrize("name", ["", "..", "20200101T000000000000-aaaaaa"])
def test_what_is_not_there_is_unknown(shelf: Shelf, name: str) -> None:
    shelf.serve(DOCUMENTS)
    for call in (verify_snapshot, roll_back, accept):
        with pytest.raises(SnapshotUnknownError, match="yiju snapshots list"):
            call(shelf.index_dir, name)
    with pytest.raises(SnapshotUnknownError):
        block(shelf.index_dir, name, REASONS)


def test_rolling_back_serves_the_older_one_and_is_remembered(shelf: Shelf) -> None:
    first, second = shelf.serve(DOCUMENTS), shelf.serve(DOCUMENTS[:1])
    assert rolled_back(shelf.index_dir) is None
    roll_back(shelf.index_dir, first)
    assert shelf.current() == first
    note = rolled_back(shelf.index_dir)
    assert note is not None
    assert (note.source, note.target) == (second, first)


def test_a_rollback_is_forgotten_with_the_next_switch(shelf: Shelf) -> None:
    first = shelf.serve(DOCUMENTS)
    shelf.serve(DOCUMENTS[:1])
    roll_back(shelf.index_dir, first)
    shelf.serve(DOCUMENTS)
    assert rolled_back(shelf.index_dir) is None
    forget_rollback(shelf.index_dir)
    forget_rollback(shelf.index_dir)
    switch(shelf.index_dir, first)
    assert rolled_back(shelf.index_dir) is None


def test_rolling_back_to_what_serves_changes_nothing(shelf: Shelf) -> None:
    made = shelf.serve(DOCUMENTS)
    roll_back(shelf.index_dir, made)
    assert (shelf.current(), rolled_back(shelf.index_dir)) == (made, None)


def test_a_damaged_snapshot_is_not_gone_back_to(shelf: Shelf) -> None:
    first, second = shelf.serve(DOCUMENTS), shelf.serve(DOCUMENTS)
    damage(shelf, first)
    with pytest.raises(SnapshotDamagedError):
        roll_back(shelf.index_dir, first)
    assert (shelf.current(), rolled_back(shelf.index_dir)) == (second, None)


def test_a_snapshot_of_another_database_is_not_gone_back_to(shelf: Shelf) -> None:
    first, second = shelf.serve(DOCUMENTS), shelf.serve(DOCUMENTS)
    with pytest.raises(SnapshotMismatchError, match=rf"'{STORE}'.*'other'.*yiju index"):
        roll_back(shelf.index_dir, first, store_id="other")
    assert shelf.current() == second
    roll_back(shelf.index_dir, first, store_id=STORE)
    assert shelf.current() == first


def test_a_blocked_snapshot_serves_once_it_is_accepted(shelf: Shelf) -> None:
    first = shelf.serve(DOCUMENTS)
    candidate = shelf.change(shelf.open(first), removed=DOCUMENTS[:1])
    block(shelf.index_dir, candidate, REASONS)
    with pytest.raises(SnapshotUnknownError, match=rf"{REASONS}.*yiju snapshots accept {candidate}"):
        roll_back(shelf.index_dir, candidate)
    assert shelf.current() == first

    accept(shelf.index_dir, candidate)
    assert shelf.current() == candidate
    assert [each.blocked for each in list_snapshots(shelf.index_dir)] == [None, None]
    assert shelf.open().manifest.documents == 2


def test_only_what_is_blocked_can_be_accepted(shelf: Shelf) -> None:
    first, second = shelf.serve(DOCUMENTS), shelf.serve(DOCUMENTS)
    with pytest.raises(SnapshotUnknownError, match=f"not blocked.*yiju snapshots rollback {first}"):
        accept(shelf.index_dir, first)
    assert shelf.current() == second


def test_a_rejected_snapshot_is_gone_and_the_old_one_serves(shelf: Shelf) -> None:
    first = shelf.serve(DOCUMENTS)
    candidate = shelf_candidate(shelf)

    reject(shelf.index_dir, candidate)

    assert shelf.current() == first
    assert [each.id for each in list_snapshots(shelf.index_dir)] == [first]
    with pytest.raises(SnapshotUnknownError):
        reject(shelf.index_dir, candidate)


def test_only_what_is_blocked_can_be_rejected(shelf: Shelf) -> None:
    first, second = shelf.serve(DOCUMENTS), shelf.serve(DOCUMENTS)
    for kept in (first, second):
        with pytest.raises(SnapshotUnknownError, match="does not wait"):
            reject(shelf.index_dir, kept)
    assert [each.id for each in list_snapshots(shelf.index_dir)] == [first, second]


def test_a_damaged_candidate_is_not_accepted(shelf: Shelf) -> None:
    first = shelf.serve(DOCUMENTS)
    candidate = shelf.build(DOCUMENTS)
    block(shelf.index_dir, candidate, REASONS)
    damage(shelf, candidate)
    with pytest.raises(SnapshotDamagedError):
        accept(shelf.index_dir, candidate)
    with pytest.raises(SnapshotMismatchError):
        accept(shelf.index_dir, shelf_candidate(shelf), store_id="other")
    assert shelf.current() == first


def shelf_candidate(shelf: Shelf) -> str:
    candidate = shelf.build(DOCUMENTS)
    block(shelf.index_dir, candidate, REASONS)
    return candidate


def test_a_block_that_cannot_be_read_blocks_still(shelf: Shelf) -> None:
    candidate = shelf_candidate(shelf)
    folder = snapshot_folder(shelf.index_dir, candidate)
    (folder / "blocked.json").write_text("{")
    assert blocked_reasons(folder) == "the file that says why cannot be read"


def test_nothing_is_switched_while_another_run_holds_the_index(shelf: Shelf) -> None:
    first, second = shelf.serve(DOCUMENTS), shelf.serve(DOCUMENTS)
    candidate = shelf_candidate(shelf)
    with index_lock(shelf.index_dir):
        with pytest.raises(IndexLockedError):
            roll_back(shelf.index_dir, first)
        with pytest.raises(IndexLockedError):
            accept(shelf.index_dir, candidate)
    assert shelf.current() == second


def test_pruning_keeps_the_newest_and_the_one_that_serves(shelf: Shelf) -> None:
    made = [shelf.serve(DOCUMENTS[:1]) for _ in range(5)]
    switch(shelf.index_dir, made[1])
    assert prune(shelf.index_dir, kept=2) == [made[0], made[2]]
    assert ids(shelf) == [made[1], made[3], made[4]]
    assert prune(shelf.index_dir, kept=1) == [made[3]]
    assert prune(shelf.index_dir, kept=0) == []
    assert ids(shelf) == [made[1], made[4]]


def test_pruning_leaves_what_waits_for_an_administrator(shelf: Shelf) -> None:
    older_block = shelf_candidate(shelf)
    served = [shelf.serve(DOCUMENTS[:1]) for _ in range(2)]
    waiting = shelf_candidate(shelf)
    assert prune(shelf.index_dir, kept=2) == [older_block]
    assert ids(shelf) == [*served, waiting]


@pytest.mark.parametrize("content", [None, "../x"])
def test_where_it_is_not_known_what_serves_nothing_is_pruned(shelf: Shelf, content: str | None) -> None:
    made = [shelf.build(DOCUMENTS[:1]) for _ in range(3)]
    if content is not None:
        (shelf.index_dir / "CURRENT").write_text(content)
    assert prune(shelf.index_dir, kept=1) == []
    assert ids(shelf) == made


def test_pruning_leaves_the_files_that_others_share(shelf: Shelf) -> None:
    first = shelf.open(shelf.serve(DOCUMENTS))
    second = shelf.change(first, added=[Made(9)])
    switch(shelf.index_dir, second)
    was = contents(snapshot_folder(shelf.index_dir, second))
    assert prune(shelf.index_dir, kept=1) == [first.id]
    assert contents(snapshot_folder(shelf.index_dir, second)) == was
    verify_snapshot(shelf.index_dir, second)


def test_a_crash_while_pruning_leaves_no_half_snapshot(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = shelf.serve(DOCUMENTS), shelf.serve(DOCUMENTS)

    def die(folder: Path) -> None:
        (folder / "rows.npy").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(durable, "remove_tree", die)
        with pytest.raises(KeyboardInterrupt):
            prune(shelf.index_dir, kept=1)
    assert ids(shelf) == [second]
    remove_abandoned(shelf.index_dir)
    assert [path.name for path in (shelf.index_dir / "snapshots").iterdir()] == [second]
    assert first not in ids(shelf)


def test_what_dead_runs_left_is_removed_and_nothing_else(shelf: Shelf) -> None:
    made = shelf.serve(DOCUMENTS)
    was = contents(shelf.index_dir)
    root = shelf.index_dir / "snapshots"
    for name in (".building-dead", ".removing-dead"):
        (root / name / "lexical").mkdir(parents=True)
        (root / name / "lexical" / "meta.json").write_bytes(b"half")
    for name in (".CURRENT.4711-abcdef", "..verified.json.4711-abcdef"):
        (shelf.index_dir / name).write_bytes(b"half")
    remove_abandoned(shelf.index_dir)
    assert contents(shelf.index_dir) == was
    assert shelf.current() == made
    remove_abandoned(shelf.index_dir / "not-there")
