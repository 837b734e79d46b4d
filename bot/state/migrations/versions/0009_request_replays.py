"""What requests with an Idempotency-Key were answered, so that they may be sent again."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "request_replays",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("process", sa.Text, nullable=False),
        sa.Column("begun_at", sa.DateTime, nullable=False),
        sa.Column("fingerprint", sa.Text),
        sa.Column("status", sa.Integer),
        sa.Column("headers", sa.Text),
        sa.Column("body", sa.LargeBinary),
        sa.UniqueConstraint("owner", "key", name="uq_request_replays_owner_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_request_replays_begun_at", "request_replays", ["begun_at"])
