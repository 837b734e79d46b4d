"""Questions without an answer that somebody wants to hear of once they have one."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNSENT = sa.text("state IN ('waiting', 'found', 'sending')")


def upgrade() -> None:
    op.create_table(
        "kept_questions",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("asker", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("resolved_question", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("asked_answer_id", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime, nullable=False),
        sa.Column("kept_at", sa.DateTime, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("snapshot", sa.Text),
        sa.Column("evidence", sa.Text),
        sa.Column("answer_id", sa.Text),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_kept_questions_state_channel", "kept_questions", ["state", "channel"])
    op.create_index("ix_kept_questions_asker", "kept_questions", ["asker"])
    op.create_index(
        "uq_kept_questions_unsent",
        "kept_questions",
        ["owner", "folded"],
        unique=True,
        sqlite_where=UNSENT,
        postgresql_where=UNSENT,
    )
