"""Which messages carry which answer, and which answer each turn of a conversation got."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("turns", sa.Column("answer_id", sa.Text))
    op.create_index("ix_answers_conversation_id", "answers", ["conversation_id"])
    op.create_table(
        "answer_messages",
        sa.Column("place", sa.Text, primary_key=True),
        sa.Column("message_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("answer_id", sa.Text, sa.ForeignKey("answers.answer_id", ondelete="CASCADE"), nullable=False),
        sa.Column("question_message_id", sa.BigInteger),
    )
    op.create_index("ix_answer_messages_answer_id", "answer_messages", ["answer_id"])
    op.create_index("ix_answer_messages_place_question_message_id", "answer_messages", ["place", "question_message_id"])
