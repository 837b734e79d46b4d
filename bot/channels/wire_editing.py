"""What is said of a document as it crosses the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from bot.channels.wire import RequestBody, Text
from bot.channels.wire_records import DocumentBody
from bot.document_editing import EditedDocument

FieldName = Literal["title", "publisher", "published_at", "url", "visibility"]
Day = Annotated[date, Field(strict=False)]


class DocumentPatch(RequestBody):
    """What to say of a document: fields that are left out stay as they are, null empties, ``from_file`` undoes."""

    title: Annotated[Text, Field(min_length=1, max_length=500)] | None = None
    publisher: Annotated[Text, Field(max_length=200)] | None = None
    published_at: Day | None = None
    url: Annotated[Text, Field(max_length=2000)] | None = None
    visibility: Annotated[Text, Field(min_length=1, max_length=64)] | None = None
    from_file: list[FieldName] = Field(default_factory=list, max_length=5, description="这些项改回文件自己所写的")

    def changes(self) -> dict[str, object]:
        """The fields that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set if name != "from_file"}


class EditBody(BaseModel):
    """What was said of a document, by whom and when; ``indexed``: it is in force already."""

    fields: dict[str, str | None]
    by: str
    at: datetime
    indexed: bool


class EditedDocumentBody(DocumentBody):
    """A document as it is served; ``edited``: what was said of it beside its file, null where nothing was."""

    edited: EditBody | None

    @classmethod
    def shown(cls, shown: EditedDocument) -> EditedDocumentBody:
        """The wire form."""
        edit = shown.edit
        said = (
            None if edit.at is None else EditBody(fields=dict(edit.said), by=edit.by, at=edit.at, indexed=shown.indexed)
        )
        return cls(**DocumentBody.of(shown.document).model_dump(), edited=said)
