"""What a simulated power loss leaves: what was synced, always; of the rest, whatever the dice say."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from evals.faults.counting_embedder import CountingEmbedder, embedded_again
from evals.faults.power import cut_power
from evals.faults.shadow import Shadow

Change = Callable[[Path, Shadow], None]


def outcomes(folder: Path, change: Change, *, torn: bool = False) -> Iterator[Path]:
    """What forty throws of the dice leave of a data folder in which something was changed just now."""
    for seed in range(40):
        data = folder / str(seed) / "data"
        (data / "index").mkdir(parents=True)
        (data / "index" / "CURRENT").write_text("old")
        (data / "index" / "passages").write_bytes(b"0123456789")
        shadow = Shadow(data, folder / str(seed) / "shadow")
        shadow.begin()
        change(data / "index", shadow)
        cut_power(data, folder / str(seed) / "shadow", random.Random(seed), torn=torn)
        yield data / "index"


def replace_current(index: Path, _shadow: Shadow) -> None:
    (index / "temporary").write_text("new")
    (index / "temporary").replace(index / "CURRENT")


def test_what_was_there_before_stays(tmp_path: Path) -> None:
    for index in outcomes(tmp_path, lambda index, shadow: None):
        assert (index / "passages").read_bytes() == b"0123456789"


def test_a_file_that_was_not_synced_may_be_there_or_not_whole_or_in_pieces(tmp_path: Path) -> None:
    def write(index: Path, _shadow: Shadow) -> None:
        (index / "new").write_bytes(b"abcdefgh")

    left = [(index / "new").read_bytes() if (index / "new").exists() else None for index in outcomes(tmp_path, write)]
    assert {None, b"abcdefgh", b"", bytes(8)} < set(left)


def test_a_file_that_was_synced_with_its_folder_is_kept(tmp_path: Path) -> None:
    def write(index: Path, shadow: Shadow) -> None:
        (index / "new").write_bytes(b"abcdefgh")
        shadow.synced(index / "new")
        shadow.synced(index)

    assert {(index / "new").read_bytes() for index in outcomes(tmp_path, write)} == {b"abcdefgh"}


def test_a_name_that_was_exchanged_without_syncing_is_the_old_or_the_new_one_whose_content_may_be_lost(
    tmp_path: Path,
) -> None:
    left = {(index / "CURRENT").read_bytes() for index in outcomes(tmp_path, replace_current)}
    assert {b"old", b"new", b""} <= left


def test_a_deleted_file_comes_back_unless_its_folder_was_synced(tmp_path: Path) -> None:
    def delete(index: Path, _shadow: Shadow) -> None:
        (index / "passages").unlink()

    def delete_for_good(index: Path, shadow: Shadow) -> None:
        (index / "passages").unlink()
        shadow.synced(index)

    assert {(index / "passages").exists() for index in outcomes(tmp_path / "a", delete)} == {True, False}
    assert {(index / "passages").exists() for index in outcomes(tmp_path / "b", delete_for_good)} == {False}


def test_torn_content_hides_behind_its_inode_size_and_time_and_under_all_its_names(tmp_path: Path) -> None:
    def link(index: Path, _shadow: Shadow) -> None:
        (index / "one").write_bytes(b"abcdefgh")
        os.utime(index / "one", ns=(7, 7))
        os.link(index / "one", index / "two")

    for index in outcomes(tmp_path, link, torn=True):
        assert (index / "one").samefile(index / "two")
        assert (index / "one").read_bytes() != b"abcdefgh"
        assert (index / "one").stat().st_mtime_ns == 7


def test_a_folder_whose_renaming_was_lost_stands_under_one_name(tmp_path: Path) -> None:
    def rename(index: Path, shadow: Shadow) -> None:
        (index / "building").mkdir()
        shadow.synced(index)
        (index / "building").rename(index / "finished")

    for index in outcomes(tmp_path, rename):
        assert sum((index / name).is_dir() for name in ("building", "finished")) <= 1


def insert(index: Path, shadow: Shadow, *, synchronous: str) -> None:
    """One row committed before the watch begins to look at the connection, one after."""
    path = index.parent / "yiju.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:

        def run(statement: str) -> None:
            shadow.settle()
            shadow.statement(path, connection, statement)
            connection.execute(statement)

        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run("CREATE TABLE rows (row INTEGER)")
        run(f"PRAGMA synchronous = {synchronous}")
        run("INSERT INTO rows VALUES (1)")
        shadow.settle()
        # The database as a killed process leaves it: closing would write the log back.
        for suffix in ("", "-wal"):
            path.with_name(f"kept{suffix}").write_bytes(path.with_name(f"yiju.db{suffix}").read_bytes())
    for suffix in ("", "-wal"):
        path.with_name(f"kept{suffix}").replace(path.with_name(f"yiju.db{suffix}"))


def rows(index: Path) -> int:
    with closing(sqlite3.connect(index.parent / "yiju.db")) as connection:
        count: int = connection.execute("SELECT count(*) FROM rows").fetchone()[0]
        return count


def test_a_transaction_that_was_not_synced_may_be_lost_and_leaves_a_sound_database(tmp_path: Path) -> None:
    left = [rows(index) for index in outcomes(tmp_path, lambda *each: insert(*each, synchronous="NORMAL"))]
    assert set(left) == {0, 1}


def test_a_transaction_that_was_synced_is_kept(tmp_path: Path) -> None:
    left = [rows(index) for index in outcomes(tmp_path, lambda *each: insert(*each, synchronous="FULL"))]
    assert set(left) == {1}


def test_only_the_last_batch_of_a_run_that_ended_early_may_be_embedded_again(tmp_path: Path) -> None:
    log = tmp_path / "embedded.log"
    assert embedded_again(log, ["first"]) == []
    first, second = CountingEmbedder(log, "first"), CountingEmbedder(log, "second")
    first.encode_documents(["凉瓜丰收", "东江大桥"])
    first.encode_documents(["北京大学"])
    second.encode_documents(["北京大学", "清溪镇"])
    assert embedded_again(log, ["first"]) == []
    assert len(embedded_again(log, [])) == 1
    second.encode_documents(["凉瓜丰收"])
    assert len(embedded_again(log, ["first"])) == 1
