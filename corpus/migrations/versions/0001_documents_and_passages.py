"""Document versions, passages, remembered files, aliases and retired documents."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    ids = op.create_table(
        "store_ids",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("next_version", sa.BigInteger, nullable=False),
        sa.Column("next_row", sa.BigInteger, nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.bulk_insert(ids, [{"id": 1, "next_version": 1, "next_row": 1}])
    _create_documents()
    _create_files()
    op.create_table(
        "retired_documents",
        sa.Column("document_id", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text),
        sa.Column("retired_at", sa.DateTime, nullable=False),
    )


def _create_documents() -> None:
    op.create_table(
        "document_versions",
        sa.Column("version", ROW_ID, primary_key=True, autoincrement=False),
        sa.Column("document_id", sa.Text, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("publisher", sa.Text),
        sa.Column("published_at", sa.Date),
        sa.Column("url", sa.Text),
        sa.Column("source_path", sa.Text, nullable=False),
        sa.Column("visibility", sa.Text, nullable=False),
        sa.Column("passage_count", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.UniqueConstraint("document_id", "content_hash"),
    )
    op.create_table(
        "passages",
        sa.Column("row", ROW_ID, primary_key=True, autoincrement=False),
        sa.Column("version", ROW_ID, sa.ForeignKey("document_versions.version", ondelete="CASCADE"), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("passage_id", sa.Text, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("heading", sa.Text),
        sa.UniqueConstraint("version", "ordinal"),
    )
    op.create_index("ix_passages_passage_id", "passages", ["passage_id"])
    op.create_table(
        "document_aliases",
        sa.Column("version", ROW_ID, sa.ForeignKey("document_versions.version", ondelete="CASCADE"), primary_key=True),
        sa.Column("alias", sa.Text, primary_key=True),
    )
    op.create_index("ix_document_aliases_alias", "document_aliases", ["alias"])


def _create_files() -> None:
    op.create_table(
        "files",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("encoding", sa.Text),
        sa.Column("failures", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("path", "fingerprint"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "file_versions",
        sa.Column("file_id", ROW_ID, sa.ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True),
        sa.Column("version", ROW_ID, sa.ForeignKey("document_versions.version", ondelete="CASCADE"), nullable=False),
    )
    op.create_index("ix_file_versions_version", "file_versions", ["version"])
