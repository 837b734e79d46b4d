"""What an administrator says of a document beside its file: title, publisher, date, address, label.

It is kept by the document's id and wins over the file. It is in force from the next index run on, but for a label: who
may see the document must at once be cleared for the new one too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from urllib.parse import urlsplit

from bot.errors import BotError, NotAllowedError
from corpus.document_edits import FIELDS, DocumentEdit
from corpus.documents import PUBLIC, Document
from corpus.visibility import PUBLIC_ONLY, Clearance, is_label

MAX_CHARS = {"title": 500, "publisher": 200, "url": 2000}
_NEEDED = ("title", "visibility")


class DocumentEditError(BotError):
    """What is to be said of a document does not fit: empty, too long, no date, no address, no label."""


class EditConflictError(BotError):
    """Somebody else has changed the document meanwhile."""


class EditedStore(Protocol):
    """Where edits are kept."""

    def resolve_alias(self, document_id: str) -> str:
        """The document of an alias."""
        ...

    def edit_of(self, document_id: str) -> DocumentEdit:
        """What is said of a document."""
        ...

    def put_edit(self, document_id: str, said: Mapping[str, str | None], *, by: str, changes: int) -> bool:
        """Say something; False where it was changed since."""
        ...

    def hold_label(self, document_id: str, label: str) -> None:
        """Have a label hold at once."""
        ...


class Trail(Protocol):
    """Keeps who did what."""

    def record(self, by: str, action: str, detail: str = "") -> None:
        """Keep a deed."""
        ...


@dataclass(frozen=True, slots=True)
class EditedDocument:
    """A document as it is served, with what is said of it; ``indexed``: the served one says so already."""

    document: Document
    edit: DocumentEdit

    @property
    def indexed(self) -> bool:
        """Whether nothing waits for an index run."""
        return self.edit.applied(self.document) == self.document


# The document that answers, by its id or an alias, for a clearance; raises DocumentNotFoundError.
Lookup = Callable[[str, Clearance], Document]
# Looks at a document before it is changed, and raises where the change must not be.
Check = Callable[[EditedDocument], None]


class DocumentEditing:
    """Synchronous and thread-safe. ``by`` says who. Every method may raise StoreError, DocumentNotFoundError."""

    def __init__(self, store: EditedStore, document: Lookup, trail: Trail) -> None:
        self._store = store
        self._document = document
        self._trail = trail

    def shown(self, document_id: str, clearance: Clearance = PUBLIC_ONLY) -> EditedDocument:
        """A document that answers, with what is said of it."""
        document = self._document(document_id, clearance)
        return EditedDocument(document, self._store.edit_of(document.id))

    def edit(
        self,
        document_id: str,
        changes: Mapping[str, object],
        *,
        by: str,
        from_file: Collection[str] = (),
        clearance: Clearance = PUBLIC_ONLY,
        check: Check | None = None,
    ) -> EditedDocument:
        """Say something of a document; fields ``from_file`` are left to its file again. The document with all of it.

        Raises: DocumentEditError; NotAllowedError: a label that who asks may not see; EditConflictError.
        """
        seen = self.shown(document_id, clearance)
        if check is not None:
            check(seen)
        said = {field: _said(field, value) for field, value in changes.items()}
        if unknown := (set(said) | set(from_file)) - set(FIELDS):
            raise DocumentEditError(f"没有 {sorted(unknown)[0][:40]!r} 这一项；可以改：{'、'.join(FIELDS)}。")
        label = said.get("visibility")
        if label is not None and not clearance.allows(label):
            raise NotAllowedError(f"您看不到标签为 {label!r} 的文档，因此不能加这个标签。")
        kept = {field: value for field, value in seen.edit.said.items() if field not in from_file} | said
        own_id = seen.document.id
        if not self._store.put_edit(own_id, kept, by=by, changes=seen.edit.changes):
            raise EditConflictError("别人刚刚改过这个文档，请重新读取后再改。")
        if label is not None and label != PUBLIC:
            self._store.hold_label(own_id, label)
        told = [*(f"{field}={value}" for field, value in said.items()), *(f"{field}↺" for field in sorted(from_file))]
        self._trail.record(by, "document_edited", f"{own_id} {' '.join(told)}")
        return EditedDocument(seen.document, self._store.edit_of(own_id))


def _said(field: str, value: object) -> str | None:
    """A value as it is kept. Raises: DocumentEditError."""
    if isinstance(value, date):
        return value.isoformat()
    text = " ".join(str(value).split()) if value is not None else ""
    if not text:
        if field in _NEEDED:
            raise DocumentEditError(f"{field} 不能为空。")
        return None
    if "\x00" in text or len(text) > MAX_CHARS.get(field, 100):
        raise DocumentEditError(f"{field} 太长，或含有不能保存的字符；最多 {MAX_CHARS.get(field, 100)} 字。")
    if field == "url" and not _is_address(text):
        raise DocumentEditError("url 应为 http:// 或 https:// 开头的网址。")
    if field == "visibility" and not is_label(text):
        raise DocumentEditError("visibility 应为 1 至 64 个字母、汉字、数字、_、. 或 -。")
    if field == "published_at":
        return _day(text)
    return text


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
    except ValueError:
        return False


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise DocumentEditError(f"{text[:20]!r} 不是日期；应如 2024-06-12。") from None
