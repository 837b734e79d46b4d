"""A passage where it stands in a document that answers: for source buttons, permalinks and reading on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from bot.answers import Answer
from corpus.documents import Document, Passage
from corpus.errors import DocumentNotFoundError
from corpus.store import DocumentStore
from corpus.visibility import PUBLIC_ONLY, Clearance


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage with its document and its neighbours, None at the document's ends."""

    passage: Passage
    document: Document
    previous: Passage | None
    next: Passage | None


class PassageFinder:
    """Finds passages of the documents that answer now. Thread-safe."""

    def __init__(self, store: DocumentStore, live_versions: Callable[[], Collection[int]]) -> None:
        self._store = store
        self._live_versions = live_versions

    def view(self, passage_id: str, clearance: Clearance = PUBLIC_ONLY) -> PassageView:
        """The passage in its place.

        Raises: DocumentNotFoundError: not, or no longer, in a document that answers who has this clearance.
        """
        live = self._live_versions()
        row = next((ref.row for ref in self._store.find_passage(passage_id) if ref.version in live), None)
        found = self._store.load_rows([row]).get(row) if row is not None else None
        if (
            row is None
            or found is None
            or found[1].id in self._store.retired()
            or self._store.hides(found[1].id, found[1].visibility, clearance)
        ):
            raise DocumentNotFoundError(f"当前索引中没有段落 {passage_id!r}：原文已修改、删除或停用；请重新提问。")
        previous, following = self._store.neighbours(row)
        return PassageView(*found, previous, following)

    def may_show(self, answer: Answer, clearance: Clearance) -> bool:
        """Whether an answer that was given may be shown to who has this clearance now."""
        if clearance.everything:
            return True
        return clearance.covers(answer.labels) and clearance.covers(self._store.labels_of(answer.document_ids))
