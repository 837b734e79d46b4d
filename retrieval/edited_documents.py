"""Documents of a scan as administrators have edited them: an edited version stands for that of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from corpus.document_edits import DocumentEdit
from corpus.documents import PreparedDocument
from retrieval.scan import Scan, ScannedDocument


class EditedStore(Protocol):
    """Where edits and versions are."""

    def edits(self) -> Mapping[str, DocumentEdit]:
        """By document id."""
        ...

    def edited(self, version: int, edit: DocumentEdit) -> PreparedDocument:
        """A version as it is indexed with an edit."""
        ...

    def add_document(self, prepared: PreparedDocument) -> int:
        """Its version."""
        ...


def with_edits(scan: Scan, store: EditedStore, *, dry: bool) -> Scan:
    """The scan with the edited documents in place of those of the files. Raises: StoreError.

    ``dry``: nothing is stored. A document that a dry run has read and not stored has changed anyway, and stays.
    """
    replaced: dict[str, ScannedDocument] = {}
    for document_id, edit in store.edits().items():
        document = scan.documents.get(document_id)
        if document is None or document.version is None or not edit.said:
            continue
        prepared = store.edited(document.version, edit)
        if prepared.content_hash != document.content_hash:
            version = None if dry else store.add_document(prepared)
            replaced[document_id] = ScannedDocument(
                document_id, prepared.content_hash, document.passages, version, prepared.document.title
            )
    if not replaced:
        return scan
    versions = {each.version for each in replaced.values() if each.version is not None}
    return replace(scan, documents=scan.documents | replaced, named=scan.named | versions)
