"""Conversations, answers with feedback, jobs and API keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_conversations()
    _create_answers()
    _create_jobs_and_keys()


def _create_conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("last_used_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("owner", "conversation_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_conversations_last_used_at", "conversations", ["last_used_at"])
    op.create_table(
        "turns",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("conversation", ROW_ID, sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("resolved_question", sa.Text, nullable=False),
        sa.Column("short_answer", sa.Text),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("document_id", sa.Text),
        sa.Column("passage_id", sa.Text),
        sa.Column("asked_at", sa.DateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_turns_conversation", "turns", ["conversation"])


def _create_answers() -> None:
    op.create_table(
        "answers",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("answer_id", sa.Text, nullable=False, unique=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("snapshot", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_answers_outcome_created_at", "answers", ["outcome", "created_at"])
    op.create_table(
        "feedback",
        sa.Column("answer_id", sa.Text, sa.ForeignKey("answers.answer_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("rating", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("comment", sa.Text),
        sa.Column("created_at", sa.DateTime, nullable=False),
    )


def _create_jobs_and_keys() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("job_id", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("report", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("started_by", sa.Text, nullable=False),
        sa.Column("process", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_kind", "jobs", ["kind"])
    active = sa.text("state IN ('queued', 'running')")
    op.create_index("uq_jobs_active_kind", "jobs", ["kind"], unique=True, sqlite_where=active, postgresql_where=active)
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("last_used_at", sa.DateTime),
        sa.Column("revoked_at", sa.DateTime),
    )
