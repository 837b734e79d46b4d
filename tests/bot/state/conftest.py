"""A state store in a folder of the test, with a clock that the test turns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.state.store import StateStore
from corpus.database import open_database
from tests.databases import database_url


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2025, 6, 1, 8, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **step: float) -> None:
        self.now += timedelta(**step)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(tmp_path: Path, backend: str) -> Iterator[Engine]:
    made = open_database(database_url(tmp_path))
    yield made
    made.dispose()


@pytest.fixture
def state(engine: Engine, clock: Clock) -> StateStore:
    store = StateStore(engine, clock=clock)
    store.migrate()
    return store
