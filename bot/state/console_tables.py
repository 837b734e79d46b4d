"""The tables of what people decide at the console. Tables only; ``migrations`` creates them."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bot.state.tables import metadata
from corpus.columns import UtcDateTime

# What was decided about a question without an answer, one row a wording. ``wording`` is the SHA-256 of the folded
# wording: a question may be longer than what a database puts into an index.
gap_marks = Table(
    "gap_marks",
    metadata,
    Column("wording", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("assignee", Text),
    Column("note", Text),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
