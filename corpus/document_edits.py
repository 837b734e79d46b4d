"""What administrators say of documents beside their files: title, publisher, date, address, label.

It wins over the file and its sidecar, by the id of the document, and holds through every index run. An edited document
is a version of its own: text and passages are those of the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from corpus.database import reading, write
from corpus.documents import Document, PreparedDocument
from corpus.models import document_edits
from corpus.preparing import prepared_of

FIELDS = ("title", "publisher", "published_at", "url", "visibility")
_columns = document_edits.c


@dataclass(frozen=True, slots=True)
class DocumentEdit:
    """``said``: the fields that are set, None where a field is emptied; {} where nothing is. ``changes`` counts."""

    said: Mapping[str, str | None]
    by: str = ""
    at: datetime | None = None
    changes: int = 0

    def applied(self, document: Document) -> Document:
        """The document with what was said of it."""
        values: dict[str, Any] = dict(self.said)
        if values.get("published_at"):
            values["published_at"] = date.fromisoformat(values["published_at"])
        return replace(document, **values)


NO_EDIT = DocumentEdit({})


def edits(engine: Engine) -> dict[str, DocumentEdit]:
    """All of them, by document id. Raises: StoreError."""
    with reading(engine) as connection:
        return {row.document_id: _edit(row) for row in connection.execute(select(document_edits))}


def edit_of(engine: Engine, document_id: str) -> DocumentEdit:
    """What was said of a document; ``NO_EDIT`` where nothing was. Raises: StoreError."""
    with reading(engine) as connection:
        row = connection.execute(select(document_edits).where(_columns.document_id == document_id)).first()
    return NO_EDIT if row is None else _edit(row)


def put(engine: Engine, document_id: str, said: Mapping[str, str | None], *, by: str, changes: int) -> bool:
    """Keep what is said of a document from now on; False where it was changed since ``changes``. Raises: StoreError."""
    text = json.dumps(dict(said), ensure_ascii=False, sort_keys=True)
    row = {"said": text, "edited_by": by, "edited_at": datetime.now(UTC), "changes": changes + 1}
    mine = (_columns.document_id == document_id, _columns.changes == changes)

    def keep(connection: Connection) -> bool:
        if changes:
            return connection.execute(update(document_edits).where(*mine).values(row)).rowcount > 0
        try:
            with connection.begin_nested():
                connection.execute(insert(document_edits).values({**row, "document_id": document_id}))
        except IntegrityError:
            return False
        return True

    return write(engine, keep)


def edited(prepared: PreparedDocument, edit: DocumentEdit) -> PreparedDocument:
    """A document as it is indexed with an edit."""
    return prepared_of(edit.applied(prepared.document), prepared.passages, prepared.aliases)


def _edit(row: Any) -> DocumentEdit:
    return DocumentEdit(json.loads(row.said), row.edited_by, row.edited_at, row.changes)
