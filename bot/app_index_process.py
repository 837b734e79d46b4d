"""What a server's index process does: the composition root of ``app_index`` for orders that come through a pipe."""

from __future__ import annotations

from multiprocessing.connection import Connection

import structlog

from bot import app, app_index
from bot.app_index import IndexingParts
from bot.channels.failures import in_words
from bot.index_process import IDLE_SECONDS, Failed, Order, Orders, be_in_the_background
from bot.indexing_jobs import Listener, report_of
from bot.logs import configure_logging, hush_libraries
from bot.responding import Responder
from bot.settings import Settings
from embeddings.embedder import Embedder


def serve_index_orders(settings: Settings, connection: Connection) -> None:
    """Carry out orders until none comes any more. Runs as a process of its own."""
    be_in_the_background()
    configure_logging(settings.log_level, json=settings.log_format == "json", secrets=settings.secret_values())
    hush_libraries()
    Orders(connection).carry_out(_Work(settings).carry, _failed, idle_seconds=IDLE_SECONDS)


class _Work:
    """Keeps the models from one order to the next; the database is opened for each, as a restore may replace it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._say = structlog.get_logger(__name__).info
        self._embedder: Embedder | None = None
        self._responder: Responder | None = None

    def carry(self, order: Order, listener: Listener) -> dict[str, object]:
        if self._embedder is None:
            self._embedder = app.prepare_model(self._settings, say=self._say)
        with app.open_stores(self._settings) as stores:
            parts = IndexingParts(self._settings, stores, self._embedder, self._read_by, self._say)
            if order.options is None:
                return app_index.fill(parts, listener)
            return app_index.reindex(parts, self._settings.corpus_dir, order.options, listener)

    def _read_by(self) -> Responder:
        if self._responder is None:
            assert self._embedder is not None
            self._responder = Responder(*app.open_reader(self._settings, self._embedder, say=self._say))
        return self._responder


def _failed(error: Exception) -> Failed:
    return Failed(in_words(error), report_of(error))
