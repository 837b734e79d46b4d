"""How far jobs are in words and figures, who stopped one, and what a follow-up question meant."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("phase", sa.Text))
    op.add_column("jobs", sa.Column("rate", sa.Float))
    op.add_column("jobs", sa.Column("eta_seconds", sa.Float))
    op.add_column("jobs", sa.Column("stop_asked_by", sa.Text))
    op.add_column("answers", sa.Column("resolved_question", sa.Text))
    op.create_index("ix_answers_created_at", "answers", ["created_at"])
