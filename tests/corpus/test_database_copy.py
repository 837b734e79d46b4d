"""A copy of a database that is in use is one state of it; put back, it is there as a whole or not at all."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from corpus.database import open_database, reading, write
from corpus.database_copy import copy_to_file, opened_copy, replace_content, shrink_log
from corpus.errors import StoreError


def quiet(_: int, __: int) -> None:
    """Nobody listens."""


def fill(engine: Engine, mark: str, rows: int) -> None:
    def work(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE IF NOT EXISTS pairs (id INTEGER PRIMARY KEY, mark TEXT, body TEXT)"))
        connection.execute(text("DELETE FROM pairs"))
        insert = text("INSERT INTO pairs (mark, body) VALUES (:mark, :body)")
        connection.execute(insert, [{"mark": mark, "body": "村" * 500} for _ in range(rows)])

    write(engine, work)


def marks(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return dict(connection.execute(text("SELECT mark, count(*) FROM pairs GROUP BY mark")).all())


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'live.db'}")
    fill(engine, "old", 2000)
    yield engine
    engine.dispose()


def test_a_copy_holds_the_content_in_one_file(live: Engine, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    copy_to_file(live, tmp_path / "copy.db", lambda done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1] > 0
    assert not list(tmp_path.glob("copy.db-*"))
    with opened_copy(tmp_path / "copy.db") as copy:
        assert marks(copy) == {"old": 2000}


def test_a_copy_is_one_state_while_others_write(live: Engine, tmp_path: Path) -> None:
    stop = threading.Event()

    def writer() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            fill(live, f"state {number}", 300 + number % 3)

    thread = threading.Thread(target=writer)
    thread.start()
    try:
        for number in range(5):
            copy_to_file(live, tmp_path / f"copy{number}.db", quiet)
    finally:
        stop.set()
        thread.join()
    for number in range(5):
        with opened_copy(tmp_path / f"copy{number}.db") as copy:
            assert len(marks(copy)) == 1


def test_a_damaged_database_is_not_copied_as_if_it_were_whole(live: Engine, tmp_path: Path) -> None:
    with reading(live) as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    live.dispose()
    file = tmp_path / "live.db"
    content = bytearray(file.read_bytes())
    content[8192:40960] = os.urandom(32768)
    file.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        copy_to_file(open_database(f"sqlite:///{file}"), tmp_path / "copy.db", quiet)


@pytest.mark.parametrize("rows", [1, 2000, 6000])
def test_the_content_is_replaced_whatever_its_size(live: Engine, tmp_path: Path, rows: int) -> None:
    copy = make_copy(tmp_path, rows)
    replace_content(live, copy)
    assert marks(live) == {"new": rows}
    write(live, lambda connection: connection.execute(text("INSERT INTO pairs (mark) VALUES ('after')")))
    assert marks(live) == {"new": rows, "after": 1}


def test_content_comes_into_a_database_that_was_not_there(tmp_path: Path) -> None:
    fresh = open_database(f"sqlite:///{tmp_path / 'fresh.db'}")
    replace_content(fresh, make_copy(tmp_path, 10))
    assert marks(fresh) == {"new": 10}
    fresh.dispose()


def test_a_reader_keeps_its_state_to_the_end_of_its_transaction(live: Engine, tmp_path: Path) -> None:
    copy = make_copy(tmp_path, 7)
    count = text("SELECT count(*) FROM pairs")
    with reading(live) as connection:
        before = connection.execute(count).scalar_one()
        replace_content(live, copy)
        assert connection.execute(count).scalar_one() == before == 2000
    assert marks(live) == {"new": 7}


def test_the_log_is_small_again_unless_somebody_reads(live: Engine, tmp_path: Path) -> None:
    log = tmp_path / "live.db-wal"
    replace_content(live, make_copy(tmp_path, 6000))
    with reading(live) as connection:
        connection.execute(text("SELECT count(*) FROM pairs")).scalar_one()
        write(live, lambda connection: connection.execute(text("INSERT INTO pairs (mark) VALUES ('after')")))
        shrink_log(live)
        assert log.stat().st_size > 1_000_000
    shrink_log(live)
    assert log.stat().st_size == 0
    assert marks(live) == {"new": 6000, "after": 1}


def test_other_sizes_of_pages_are_refused_with_the_cure(live: Engine, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("PRAGMA page_size = 1024")
    other.execute("CREATE TABLE pairs (mark TEXT)")
    other.commit()
    other.close()
    with pytest.raises(StoreError, match="move the database file away"):
        replace_content(live, tmp_path / "other.db")
    assert marks(live) == {"old": 2000}


REPLACING = """
import sys
from pathlib import Path
from corpus.database import open_database
from corpus.database_copy import replace_content
engine = open_database(f"sqlite:///{sys.argv[1]}")
engine.connect().close()
print("ready", flush=True)
replace_content(engine, Path(sys.argv[2]))
print("done", flush=True)
"""


def test_killed_at_any_instant_the_database_is_the_old_or_the_new_one(live: Engine, tmp_path: Path) -> None:
    copy = make_copy(tmp_path, 6000)
    chance = random.Random(4)
    seen = set()
    for _ in range(8):
        fill(live, "old", 2000)
        process = subprocess.Popen(
            [sys.executable, "-c", REPLACING, str(tmp_path / "live.db"), str(copy)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[2],
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        threading.Event().wait(chance.uniform(0, 0.12))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        found = marks(live)
        assert found in ({"old": 2000}, {"new": 6000})
        seen.add(next(iter(found)))
        with reading(live) as connection:
            assert connection.exec_driver_sql("PRAGMA quick_check").scalar() == "ok"
    assert seen


def make_copy(folder: Path, rows: int) -> Path:
    file = folder / "new.db"
    with opened_copy(file) as engine:
        fill(engine, "new", rows)
    return file
