"""The composition root of what is done to the database as a whole: moving to another one."""
# ruff: noqa: PLC0415

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import app
from bot.settings import Settings
from bot.state.store import StateStore
from bot.state.tables import metadata as state_tables
from corpus.database import open_database
from corpus.errors import StoreError
from corpus.models import metadata as corpus_tables
from corpus.models import store_identity, store_ids
from corpus.store import DocumentStore
from corpus.store_errors import shown

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class Moved:
    """What was copied: rows by table, and where to, without a password."""

    rows: dict[str, int]
    target: str


def copy_database(settings: Settings, target_url: str, progress: Callable[[str, int, int], None]) -> Moved:
    """Copy everything into an empty database, for settings to name it afterwards.

    No index run may be going on. Raises: StoreError: the target is not empty or cannot be used; IndexLockedError.
    """
    from corpus.database_transfer import transfer
    from retrieval.index_lock import index_lock

    target = open_database(target_url)
    with app.open_stores(settings) as stores, _disposed(target):
        if target.url == stores.engine.url:
            raise StoreError(f"'{shown(target.url)}' is the database of the settings itself; name another, empty one")
        with index_lock(settings.index_dir, stores.documents.index_turn):
            DocumentStore(target).migrate()
            StateStore(target).migrate()
            tables = [*corpus_tables.sorted_tables, *state_tables.sorted_tables]
            rows = transfer(stores.engine, target, tables, (store_ids, store_identity), progress)
    return Moved(rows, shown(target.url))


@contextmanager
def _disposed(engine: Engine) -> Iterator[None]:
    try:
        yield
    finally:
        engine.dispose()
