"""Opening databases, migrating them, and what is said of those that cannot be used."""

from __future__ import annotations

import multiprocessing
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData, inspect, make_url
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from bot.state import store as state_store
from bot.state import tables as state_tables
from corpus import models
from corpus import store as corpus_store
from corpus.columns import UtcDateTime
from corpus.database import known_revisions, migrate, open_database, reading, write
from corpus.errors import StoreError
from corpus.store_errors import is_contention, store_error
from tests.databases import database_url

on_each_database = pytest.mark.usefixtures("backend")
ENVIRONMENTS = [
    pytest.param(corpus_store.MIGRATIONS, models.VERSION_TABLE, models.metadata, id="corpus"),
    pytest.param(state_store.MIGRATIONS, state_tables.VERSION_TABLE, state_tables.metadata, id="bot"),
]


@on_each_database
@pytest.mark.parametrize(("location", "version_table", "metadata"), ENVIRONMENTS)
def test_migrations_make_the_tables_that_the_program_uses(
    tmp_path: Path, location: Path, version_table: str, metadata: MetaData
) -> None:
    engine = open_database(database_url(tmp_path, empty=True))
    migrate(engine, location, version_table)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": version_table, "compare_type": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize(("location", "version_table", "metadata"), ENVIRONMENTS)
def test_revisions_are_named_by_their_files(location: Path, version_table: str, metadata: MetaData) -> None:
    config = Config()
    config.set_main_option("script_location", str(location))
    script = ScriptDirectory.from_config(config)
    in_order = [revision.revision for revision in reversed(list(script.walk_revisions()))]
    assert in_order == known_revisions(location)
    assert script.get_current_head() == known_revisions(location)[-1]


@pytest.mark.parametrize("metadata", [models.metadata, state_tables.metadata], ids=["corpus", "bot"])
def test_tables_can_be_made_on_both_databases(metadata: MetaData) -> None:
    for url in ("sqlite://", "postgresql+psycopg://host/name"):
        dialect = make_url(url).get_dialect()()
        assert all(str(CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables)


def migrate_both(url: str) -> None:
    engine = open_database(url)
    migrate(engine, corpus_store.MIGRATIONS, models.VERSION_TABLE)
    migrate(engine, state_store.MIGRATIONS, state_tables.VERSION_TABLE)
    engine.dispose()


@on_each_database
def test_both_packages_share_one_database_and_processes_may_start_together(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=migrate_both, args=(database_url(tmp_path, empty=True),)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    migrate_both(database_url(tmp_path, empty=True))


@on_each_database
def test_a_database_that_is_up_to_date_needs_no_alembic(tmp_path: Path) -> None:
    migrate_both(database_url(tmp_path, empty=True))
    code = (
        "import sys; from corpus.database import open_database; from corpus.store import DocumentStore;"
        "DocumentStore(open_database(sys.argv[1])).migrate(); sys.exit('alembic' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code, database_url(tmp_path, empty=True)], cwd=root, check=True)


@on_each_database
def test_a_database_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    migrate_both(database_url(tmp_path, empty=True))
    engine = open_database(database_url(tmp_path, empty=True))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version_corpus SET version_num = '9999'")
    newest = known_revisions(corpus_store.MIGRATIONS)[-1]
    with pytest.raises(StoreError, match=rf"revision 9999 .*knows up to {newest}.*nothing was changed; install"):
        migrate(engine, corpus_store.MIGRATIONS, models.VERSION_TABLE)


@on_each_database
def test_a_migration_that_fails_leaves_nothing(tmp_path: Path) -> None:
    engine = open_database(database_url(tmp_path, empty=True))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE files (other TEXT)")
    with pytest.raises(StoreError):
        migrate(engine, corpus_store.MIGRATIONS, models.VERSION_TABLE)
    assert inspect(engine).get_table_names() == ["files"]


@on_each_database
def test_tables_that_are_missing_are_told(tmp_path: Path) -> None:
    store = corpus_store.DocumentStore(open_database(database_url(tmp_path, empty=True)))
    with pytest.raises(StoreError, match=r"has not the tables.*yiju index"):
        store.retired()


def test_sqlite_is_opened_for_several_users(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/新 文件夹/yiju.db")
    with reading(engine) as connection:
        pragmas = ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert values == ["wal", 1, 10_000, 1]
    assert (tmp_path / "新 文件夹" / "yiju.db").exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("no url", "is not a database URL"),
        ("", "is not a database URL"),
        ("nosuchdb://host/name", "no driver for 'nosuchdb'"),
        ("mysql+mysqldb://u:secret@host/name", "no driver for 'mysql"),
        ("sqlite://", "in-memory"),
        ("sqlite:///:memory:", "in-memory"),
        ("sqlite:///file:x?mode=memory&uri=true", "in-memory"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        open_database(url)
    assert "secret" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"yiju\.db'"):
        open_database(f"sqlite:///{tmp_path}/file/yiju.db")


def test_a_password_is_never_told() -> None:
    error = store_error(make_url("postgresql://yiju:hunter2@db/yiju"), OSError("connection refused"))
    assert "hunter2" not in str(error)
    assert "postgresql://yiju:***@db/yiju' cannot be reached" in str(error)


def test_an_unknown_error_is_told_with_its_first_line() -> None:
    error = store_error(make_url("sqlite:////x/yiju.db"), ValueError("something new\nwith details"))
    assert "(something new)" in str(error)
    assert not is_contention(ValueError("something new"))


@on_each_database
def test_a_write_in_the_way_of_another_is_tried_again(tmp_path: Path) -> None:
    engine = open_database(database_url(tmp_path, empty=True))
    seen: list[int] = []

    def work(connection: Any) -> int:
        seen.append(1)
        if len(seen) < 3:
            connection.exec_driver_sql("SELECT 1")
            raise _busy(engine)
        return len(seen)

    assert write(engine, work) == 3


def _busy(engine: Any) -> Exception:
    from sqlalchemy.exc import OperationalError

    return OperationalError("SELECT 1", None, sqlite3.OperationalError("database is locked"))


ZONES = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=ZONES))
def test_moments_come_back_in_utc(moment: datetime) -> None:
    column, dialect = UtcDateTime(), sqlite.dialect()
    stored = column.process_bind_param(moment, dialect)
    assert stored is not None
    assert stored.tzinfo is None
    back = column.process_result_value(stored, dialect)
    assert back == moment
    assert back.tzinfo is UTC
