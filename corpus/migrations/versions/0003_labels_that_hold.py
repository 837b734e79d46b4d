"""Labels that hold by document id in every snapshot, and an index to find the versions that are not public."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "document_labels",
        sa.Column("document_id", sa.Text, primary_key=True),
        sa.Column("label", sa.Text, nullable=False),
    )
    op.create_index("ix_document_versions_visibility", "document_versions", ["visibility"])
    op.add_column("store_identity", sa.Column("labels_changed", sa.BigInteger, nullable=False, server_default="0"))
