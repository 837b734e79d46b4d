"""The comparison of databases: writers are counted, a database of its own comes and goes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.state.store import StateStore
from corpus.database import open_database
from evals.databases import POSTGRES_VARIABLE, WRITERS, WRITES, own_database, writes_a_second
from tests.databases import database_url


def test_every_write_of_every_writer_is_stored(tmp_path: Path, backend: str) -> None:
    engine = open_database(database_url(tmp_path))
    state = StateStore(engine)
    state.migrate()
    assert writes_a_second(state) > 0
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM answers")).scalar() == WRITERS * WRITES
        assert connection.execute(text("SELECT count(*) FROM audit")).scalar() == WRITERS * WRITES
    engine.dispose()


@pytest.mark.postgres
def test_the_database_of_a_measurement_goes_with_it(backend: str) -> None:
    server = os.environ[POSTGRES_VARIABLE]
    with own_database(server) as url:
        name = make_url(url).database
        StateStore(open_database(url)).migrate()
    engine = create_engine(server)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
        assert found.first() is None
    engine.dispose()
