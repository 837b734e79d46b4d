"""What was decided about questions without an answer: open, done or ignored, who looks after them, a note."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select

from bot.state.console_tables import gap_marks
from bot.state.conversations import now_utc
from corpus.database import reading, write
from corpus.folding import fold_title
from corpus.store_rows import IDS_PER_QUERY, chunks

OPEN, DONE, IGNORED = "open", "done", "ignored"
STATES = (OPEN, DONE, IGNORED)


@dataclass(frozen=True, slots=True)
class GapMark:
    """What was decided, by whom and when. ``assignee``: who looks after it; None: nobody."""

    state: str
    assignee: str | None
    note: str | None
    changed_by: str
    changed_at: datetime


def wording_key(question: str) -> str:
    """The same for every way of writing the same words."""
    return hashlib.sha256(fold_title(question).encode("utf-8", "replace")).hexdigest()


class GapMarks:
    """The marks in the database. Safe to use from several threads. Every method may raise StoreError."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = now_utc) -> None:
        self._engine = engine
        self._clock = clock

    def of(self, wordings: Iterable[str]) -> dict[str, GapMark]:
        """The marks of these keys (``wording_key``), where there are any."""
        found: dict[str, GapMark] = {}
        for some in chunks(dict.fromkeys(wordings), IDS_PER_QUERY):
            with reading(self._engine) as connection:
                for row in connection.execute(select(gap_marks).where(gap_marks.c.wording.in_(some))):
                    found[row.wording] = GapMark(row.state, row.assignee, row.note, row.changed_by, row.changed_at)
        return found

    def put(self, wordings: Iterable[str], *, state: str, assignee: str | None, note: str | None, by: str) -> GapMark:
        """Mark all of these keys the same; the mark. Earlier ones are replaced."""
        mark = GapMark(state, assignee, note, by, self._clock())
        rows = [
            {
                "wording": wording,
                "state": state,
                "assignee": assignee,
                "note": note,
                "changed_by": by,
                "changed_at": mark.changed_at,
            }
            for wording in dict.fromkeys(wordings)
        ]

        def replace(connection: Connection) -> None:
            for some in chunks([row["wording"] for row in rows], IDS_PER_QUERY):
                connection.execute(delete(gap_marks).where(gap_marks.c.wording.in_(some)))
            if rows:
                connection.execute(insert(gap_marks), rows)

        write(self._engine, replace)
        return mark
