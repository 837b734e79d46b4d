"""What administrators say of documents beside their files."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "document_edits",
        sa.Column("document_id", sa.Text, primary_key=True),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("edited_by", sa.Text, nullable=False),
        sa.Column("edited_at", sa.DateTime, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
    )
