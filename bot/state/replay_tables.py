"""The table of requests that may be sent again. A table only; ``migrations`` creates it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from bot.state.tables import metadata
from corpus.columns import RowId, UtcDateTime

# What a request with an Idempotency-Key was answered. ``status`` is null while it is being carried out by ``process``;
# ``fingerprint`` is the SHA-256 of all that makes two requests the same.
request_replays = Table(
    "request_replays",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("owner", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("fingerprint", Text),
    Column("status", Integer),
    Column("headers", Text),
    Column("body", LargeBinary),
    UniqueConstraint("owner", "key"),
    Index(None, "begun_at"),
    sqlite_autoincrement=True,
)
