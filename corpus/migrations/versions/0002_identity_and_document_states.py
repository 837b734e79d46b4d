"""The identity of the database, by which a snapshot knows its own; states of documents on their way in; known lines."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    identity = op.create_table(
        "store_identity",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("store_id", sa.Text, nullable=False),
        sa.Column("synced", sa.BigInteger, nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.bulk_insert(identity, [{"id": 1, "store_id": secrets.token_hex(16), "synced": 0}])
    op.create_table(
        "document_states",
        sa.Column("document_id", sa.Text, primary_key=True),
        sa.Column("source_path", sa.Text, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", ROW_ID),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("updated_at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_document_states_state", "document_states", ["state"])
    op.add_column("file_versions", sa.Column("mark", sa.LargeBinary))
