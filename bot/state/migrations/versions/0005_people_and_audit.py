"""Who was let in by whom, the codes strangers ask with, and who did what when."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("telegram_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("username", sa.Text),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("requested_at", sa.DateTime, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", sa.DateTime),
        sa.Column("told", sa.Text),
        sa.Column("changes", sa.Integer, nullable=False),
    )
    op.create_index("ix_people_state", "people", ["state"])
    op.create_table(
        "pairing_codes",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column(
            "telegram_id", sa.BigInteger, sa.ForeignKey("people.telegram_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("used_at", sa.DateTime),
    )
    op.create_index("ix_pairing_codes_telegram_id", "pairing_codes", ["telegram_id"])
    op.create_index("ix_pairing_codes_expires_at", "pairing_codes", ["expires_at"])
    op.create_table(
        "audit",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("place", sa.Text),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("sources", sa.Text),
        sa.Column("answer_id", sa.Text),
        sa.Column("latency_ms", sa.Float),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_actor_at", "audit", ["actor", "at"])
