"""What PostgreSQL does otherwise than SQLite: turns of writers, lost connections, locks among hosts, texts."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, Text, func, insert, make_url, select, text

from corpus import database, postgres
from corpus.database import held_across_hosts, in_domain, open_database, reading, write
from corpus.errors import StoreError
from tests.databases import database_url

ROOT = Path(__file__).resolve().parents[2]
notes = Table("notes", MetaData(), Column("id", Integer, primary_key=True), Column("said", Text, nullable=False))
OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"  # noqa: E501
# Another process that takes the lock, says so, and waits to be ended.
HOLDER = """
import sys
from corpus.database import held_across_hosts, open_database
with held_across_hosts(open_database(sys.argv[1]), "index") as free:
    print(free, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def engine(tmp_path: Path, backend: str) -> Iterator[Engine]:
    """On each database: what is said here of PostgreSQL is what SQLite does by itself."""
    made = open_database(database_url(tmp_path, empty=True))
    with made.begin() as connection:
        notes.create(connection)
    yield made
    made.dispose()


def how_many(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(notes)).scalar_one()


def add(connection: Connection) -> None:
    connection.execute(insert(notes).values(said="凉瓜"))


def cut_off(engine: Engine) -> None:
    """End every other connection to the database, as a server that restarts does."""
    other = open_database(engine.url.render_as_string(hide_password=False))
    with other.connect() as connection:
        connection.execute(text(OTHERS))
    other.dispose()


def test_what_was_read_before_a_write_still_holds_at_the_write(engine: Engine) -> None:
    begin = threading.Barrier(6)

    def add_if_there_are_less_than_three(connection: Connection) -> None:
        if connection.execute(select(func.count()).select_from(notes)).scalar_one() < 3:
            connection.execute(select(1))
            add(connection)

    def work() -> None:
        begin.wait()
        write(engine, add_if_there_are_less_than_three)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert how_many(engine) == 3


def test_a_reader_sees_one_state(engine: Engine) -> None:
    with reading(engine) as connection:
        count = select(func.count()).select_from(notes)
        before = connection.execute(count).scalar_one()
        write(engine, add)
        assert connection.execute(count).scalar_one() == before
    assert how_many(engine) == before + 1


@pytest.mark.postgres
def test_a_turn_that_does_not_come_is_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0.02)
    with engine.connect() as holder, holder.begin():
        postgres.take_turn(holder, "state", 1)
        with pytest.raises(StoreError, match=r"held by another program.*kept.*try again"):
            write(engine, add)
        write(in_domain(engine, "corpus"), add)  # those of another domain do not wait
    assert how_many(engine) == 1
    write(engine, add)
    assert how_many(engine) == 2


@pytest.mark.postgres
def test_a_server_that_restarts_between_questions_is_not_noticed(engine: Engine) -> None:
    write(engine, add)
    cut_off(engine)
    assert how_many(engine) == 1
    cut_off(engine)
    write(engine, add)
    assert how_many(engine) == 2


@pytest.mark.postgres
def test_what_was_cut_off_before_its_commit_is_done_again_once(engine: Engine) -> None:
    tries = []

    def work(connection: Connection) -> None:
        add(connection)
        tries.append(1)
        if len(tries) == 1:
            cut_off(engine)
            connection.execute(select(1))

    write(engine, work)
    assert (len(tries), how_many(engine)) == (2, 1)


@pytest.mark.postgres
def test_what_was_cut_off_at_its_commit_is_not_done_again(engine: Engine) -> None:
    tries = []

    def work(connection: Connection) -> None:
        add(connection)
        tries.append(1)
        cut_off(engine)

    with pytest.raises(StoreError, match="stored as a whole or not at all; look"):
        write(engine, work)
    assert (len(tries), how_many(engine)) == (1, 0)


@pytest.mark.postgres
def test_a_database_that_may_only_be_read_says_so(engine: Engine) -> None:
    name = engine.url.database
    with engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    engine.dispose()
    with pytest.raises(StoreError, match=r"is read-only"):
        write(engine, add)
    assert how_many(engine) == 0


def test_a_server_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    engine = open_database(f"postgresql://yiju:hunter2@/yiju?host={tmp_path}")
    with pytest.raises(StoreError, match=r"cannot be reached.*server runs") as told:
        how_many(engine)
    assert "hunter2" not in str(told.value)


@pytest.mark.postgres
def test_a_database_that_is_not_there_is_told(engine: Engine) -> None:
    missing = open_database(engine.url.set(database="nowhere").render_as_string(hide_password=False))
    with pytest.raises(StoreError, match=r"does not exist"):
        how_many(missing)


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgres://u@h/d", "postgresql+psycopg"),
        ("postgresql://u@h/d", "postgresql+psycopg"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg"),
        ("sqlite:///yiju.db", "sqlite"),
    ],
)
def test_a_url_without_a_driver_gets_the_one_that_is_installed(url: str, driver: str) -> None:
    assert postgres.with_driver(make_url(url)).drivername == driver


def test_what_a_url_says_of_connecting_wins() -> None:
    said = postgres.connect_arguments(make_url("postgresql+psycopg://h/d?connect_timeout=3"))
    assert "connect_timeout" not in said
    assert said["application_name"] == "yiju"
    assert postgres.connect_arguments(make_url("postgresql+asyncpg://h/d")) == {}


@pytest.mark.parametrize("said", ["甲\0乙", "\0", "𠮷\0\0", "e\u0301\ufffd", "\uffff", ""])
def test_every_text_comes_back(engine: Engine, said: str) -> None:
    write(engine, lambda connection: connection.execute(insert(notes).values(said=said)))
    with reading(engine) as connection:
        assert connection.execute(select(notes.c.said).where(notes.c.said == said)).scalars().all() == [said]


@pytest.mark.postgres
def test_a_lock_among_hosts_is_held_by_one(engine: Engine) -> None:
    with held_across_hosts(engine, "index") as free:
        assert free
        with held_across_hosts(engine, "index") as free_too, held_across_hosts(engine, "other") as other:
            assert (free_too, other) == (False, True)
    with held_across_hosts(engine, "index") as free:
        assert free


@pytest.mark.postgres
def test_a_lock_among_hosts_goes_with_its_holder(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    with held_across_hosts(engine, "index") as free:
        assert not free
    process.kill()
    process.communicate()
    for _ in range(200):  # the server sees it as soon as the socket is closed
        with held_across_hosts(engine, "index") as free:
            if free:
                return
        threading.Event().wait(0.05)
    pytest.fail("the lock of a dead process was not let go")


@pytest.mark.postgres
def test_a_lock_whose_connection_was_lost_is_let_go_without_an_error(engine: Engine) -> None:
    with held_across_hosts(engine, "index") as free:
        assert free
        cut_off(engine)
    assert how_many(engine) == 0


def test_sqlite_is_one_hosts_and_holds_nothing(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'yiju.db'}")
    with held_across_hosts(engine, "index") as free, held_across_hosts(engine, "index") as too:
        assert (free, too) == (True, True)
