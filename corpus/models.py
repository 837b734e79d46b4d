"""The tables of the corpus store: document versions, their passages, remembered files, retired documents, states.

Tables only, as SQLAlchemy Core: rows are written in bulk and turned into the types of ``corpus.documents`` at once, so
an identity map would cost and give nothing. ``corpus/migrations`` creates them; a test holds both to each other.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from corpus.columns import NAMING, RowId, UtcDateTime

VERSION_TABLE = "alembic_version_corpus"

metadata = MetaData(naming_convention=NAMING)

# One row. A writer takes its ids from here first: that takes the write lock on every database, so the rows of one
# batch are consecutive, and an id that was once seen is never given out again, even after a prune.
store_ids = Table(
    "store_ids",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("next_version", BigInteger, nullable=False),
    Column("next_row", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

# One row: a snapshot names the database whose version numbers it holds. ``synced`` is counted up to have something to
# write where a commit must reach the disk; ``labels_changed`` so that nobody need read labels that are as they were.
store_identity = Table(
    "store_identity",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("store_id", Text, nullable=False),
    Column("synced", BigInteger, nullable=False),
    Column("labels_changed", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("id = 1", name="one_row"),
)

document_versions = Table(
    "document_versions",
    metadata,
    Column("version", RowId, primary_key=True, autoincrement=False),
    Column("document_id", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("publisher", Text),
    Column("published_at", Date),
    Column("url", Text),
    Column("source_path", Text, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("passage_count", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # Last, so that SQLite need not walk through a long text to reach what stands behind it.
    Column("text", Text, nullable=False),
    UniqueConstraint("document_id", "content_hash"),
    Index(None, "visibility"),
)

# A passage's text is not stored: it is its document's text[start:end], which the store checks before it writes.
passages = Table(
    "passages",
    metadata,
    Column("row", RowId, primary_key=True, autoincrement=False),
    Column("version", RowId, ForeignKey("document_versions.version", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("passage_id", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("heading", Text),
    UniqueConstraint("version", "ordinal"),
    Index(None, "passage_id"),
)

document_aliases = Table(
    "document_aliases",
    metadata,
    Column("version", RowId, ForeignKey("document_versions.version", ondelete="CASCADE"), primary_key=True),
    Column("alias", Text, primary_key=True),
    Index(None, "alias"),
)

files = Table(
    "files",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("path", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("encoding", Text),
    Column("failures", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("path", "fingerprint"),
    sqlite_autoincrement=True,
)

file_versions = Table(
    "file_versions",
    metadata,
    Column("file_id", RowId, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("version", RowId, ForeignKey("document_versions.version", ondelete="CASCADE"), nullable=False),
    # Of a file of lines: the hash by which the line is known again when others have changed.
    Column("mark", LargeBinary),
    Index(None, "version"),
)

retired_documents = Table(
    "retired_documents",
    metadata,
    Column("document_id", Text, primary_key=True),
    Column("reason", Text),
    Column("retired_at", UtcDateTime, nullable=False),
)

# The label that a document carries now, where that is not ``public``, by its id: it holds in older snapshots too. An
# alias of a document has a row of its own.
document_labels = Table(
    "document_labels",
    metadata,
    Column("document_id", Text, primary_key=True),
    Column("label", Text, nullable=False),
)

# What an administrator says of a document beside its file, by its id: it holds through every index run. ``said`` is a
# JSON object of the fields that are set, null where a field is emptied; ``changes`` counts, so that of two changes that
# were begun alike only one is kept.
document_edits = Table(
    "document_edits",
    metadata,
    Column("document_id", Text, primary_key=True),
    Column("said", Text, nullable=False),
    Column("edited_by", Text, nullable=False),
    Column("edited_at", UtcDateTime, nullable=False),
    Column("changes", Integer, nullable=False),
)

# How far each document is: ``pending``, ``indexed``, or ``failed`` with the reason. A failure of a file has no
# document: its ``document_id`` is empty, and ``place`` tells the failures of one file apart.
document_states = Table(
    "document_states",
    metadata,
    Column("document_id", Text, primary_key=True),
    Column("source_path", Text, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("version", RowId),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "state"),
)
