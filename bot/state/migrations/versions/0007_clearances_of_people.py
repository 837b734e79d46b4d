"""What users and groups of Telegram may see beside public documents."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "telegram_clearances",
        sa.Column("telegram_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
    )
