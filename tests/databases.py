"""Databases for tests: SQLite files, and on a server that ``YIJU_TEST_POSTGRES_URL`` names, one for each folder.

A test that asks for the fixture ``backend`` runs on both where there is such a server, which ``tests/with-postgres``
starts, and otherwise on SQLite alone. One that is about one of them is marked ``sqlite`` or ``postgres``.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, MetaData, create_engine, make_url, text

from bot.state.store import StateStore
from corpus.database import open_database, reading
from corpus.store import DocumentStore

POSTGRES_VARIABLE = "YIJU_TEST_POSTGRES_URL"
BACKENDS = ("sqlite", "postgresql")


@dataclass
class Server:
    """A PostgreSQL server whose user may create databases."""

    url: str
    made: set[str] = field(default_factory=set)
    template: str | None = None
    _engine: Engine | None = None

    def database(self, folder: Path, *, empty: bool) -> str:
        """The URL of the database of a folder; at first it is created, with the tables of today or ``empty``."""
        name = f"yiju_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
        if name not in self.made:
            self._create(name, "template0" if empty else self._template())
            self.made.add(name)
            if not empty:
                _with_store(self.url_of(name), DocumentStore.renew_identity)
        return self.url_of(name)

    def url_of(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def _template(self) -> str:
        """A database whose tables are copied, which takes a fifth of the time that making them takes."""
        if self.template is None:
            self.template = f"yiju_template_{os.getpid()}"
            self._create(self.template, "template0")
            _with_store(self.url_of(self.template), DocumentStore.migrate)
            engine = open_database(self.url_of(self.template))
            StateStore(engine).migrate()
            engine.dispose()
        return self.template

    def _create(self, name: str, template: str) -> None:
        with self._connected() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))

    def drop(self, *, template: bool = False) -> None:
        """Drop what was created, also where tests have left connections open."""
        if template and self.template is not None:
            self.made.add(self.template)
            self.template = None
        if self.made:
            with self._connected() as connection:
                for name in sorted(self.made):
                    connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            self.made.clear()

    def close(self) -> None:
        """Drop everything and let the server go."""
        self.drop(template=True)
        if self._engine is not None:
            self._engine.dispose()

    def _connected(self) -> Connection:
        if self._engine is None:
            self._engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        return self._engine.connect()


def _with_store(url: str, work: Callable[[DocumentStore], object]) -> None:
    engine = open_database(url)
    work(DocumentStore(engine))
    engine.dispose()


_in_use: list[Server] = []


def database_url(folder: Path, *, empty: bool = False) -> str:
    """The database of a folder, in the backend that this test runs on; ``empty``: it must have no tables yet."""
    return _in_use[-1].database(folder, empty=empty) if _in_use else f"sqlite:///{folder / 'yiju.db'}"


@contextmanager
def server_in_use(server: Server) -> Iterator[None]:
    """Let ``database_url`` give databases of that server; they go when the block ends."""
    _in_use.append(server)
    try:
        yield
    finally:
        _in_use.remove(server)
        server.drop()


def run_on_backends(metafunc: pytest.Metafunc) -> None:
    """Have a test run once on each backend that is there and that it is about."""
    if "backend" not in metafunc.fixturenames:
        return
    server, about = os.environ.get(POSTGRES_VARIABLE), metafunc.definition.get_closest_marker
    parameters = []
    if about("postgres") is None:
        parameters.append(pytest.param("sqlite"))
    elif not server:
        reason = "no PostgreSQL server: run with tests/with-postgres, or set YIJU_TEST_POSTGRES_URL"
        parameters.append(pytest.param("postgresql", marks=pytest.mark.skip(reason=reason)))
    if server and about("sqlite") is None:
        parameters.append(pytest.param("postgresql", marks=pytest.mark.postgres))
    if parameters != [pytest.param("sqlite")]:  # names of tests stay as they were where there is no choice
        metafunc.parametrize("backend", parameters, indirect=True)


def everything_stored(engine: Engine) -> str:
    """Every value of every table as text."""
    with reading(engine) as connection:
        tables = MetaData()
        tables.reflect(connection)
        rows = [row for table in tables.sorted_tables for row in connection.execute(table.select())]
    return "\n".join(str(tuple(row)) for row in rows)
