"""The documents that answer, for people who look after them: list, search, one with its text, retire, restore.

Reads the live snapshot's versions from the store; never touches source files. Searches what a document is called, not
what it says: that is what questions are for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

from bot.document_names import DocumentNames
from bot.document_query import DocumentQuery, Mark
from corpus.documents import PUBLIC, Document
from corpus.errors import DocumentNotFoundError
from corpus.store import DocumentStore
from corpus.store_rows import VersionInfo
from corpus.visibility import PUBLIC_ONLY, Clearance


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of a list of documents. ``passages`` counts them; ``version`` names it as long as it is stored."""

    id: str
    title: str
    publisher: str | None
    published_at: date | None
    url: str | None
    source_path: str
    passages: int
    retired: bool
    version: int = 0
    visibility: str = PUBLIC


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """A document for somebody who decides about it. ``live``: the serving snapshot holds it, retired or not.

    ``opening`` is how its text begins; ``chars`` counts all of it.
    """

    listing: Listing
    live: bool
    chars: int
    opening: str


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A run of a list; ``total`` is the length of the whole."""

    documents: tuple[Listing, ...]
    total: int


@dataclass(frozen=True, slots=True)
class DocumentRun:
    """A run of a list that goes on behind ``end``; None where it is the last. ``total``: the length of the whole."""

    documents: tuple[Listing, ...]
    total: int
    end: Mark | None


# How much of a document's text its card shows.
OPENING_CHARS = 200


class Catalogue:
    """The documents of the live snapshot. Thread-safe; every call looks anew."""

    def __init__(self, store: DocumentStore, live_versions: Callable[[], Collection[int]]) -> None:
        self._store = store
        self._live_versions = live_versions
        self._names = DocumentNames()

    def documents(
        self, *, offset: int, limit: int, retired: bool, words: str = "", clearance: Clearance = PUBLIC_ONLY
    ) -> DocumentPage:
        """Documents that answer, or those that are retired, in the order in which they were stored.

        With ``words``, those whose title, publisher, file or id holds all of them, in either script: best first, then
        the newest.
        """
        live = set(self._live_versions())
        held_back = self._retired_versions()
        chosen = sorted((held_back if retired else live - held_back) - self._store.hidden_versions(clearance))
        if words.strip():
            chosen = self._names.search(words, chosen, self._store, kept=live | held_back)
        page = chosen[offset : offset + limit]
        found = {info.version: _listing(info, retired=retired) for info in self._store.versions(page)}
        return DocumentPage(tuple(found[version] for version in page if version in found), len(chosen))

    def browse(
        self,
        query: DocumentQuery,
        *,
        limit: int,
        after: Mark | None = None,
        offset: int = 0,
        clearance: Clearance = PUBLIC_ONLY,
    ) -> DocumentRun:
        """Documents that a query is about, those behind ``after`` alone, without the first ``offset`` of these.

        A document that is indexed anew meanwhile may come again; none is left out.
        """
        live = set(self._live_versions())
        held_back = self._retired_versions()
        chosen = sorted((held_back if query.retired else live - held_back) - self._store.hidden_versions(clearance))
        if query.takes_all:
            placed: list[tuple[Mark, int]] = [((version,), version) for version in chosen]
        else:
            placed = self._names.select(query, chosen, self._store, kept=live | held_back)
        begin = (0 if after is None else bisect_right(placed, after, key=lambda each: each[0])) + offset
        page = placed[begin : begin + limit]
        found = {info.version: _listing(info, retired=query.retired) for info in self._named(page)}
        documents = tuple(found[version] for _, version in page if version in found)
        return DocumentRun(documents, len(placed), page[-1][0] if page and begin + limit < len(placed) else None)

    def _named(self, page: Sequence[tuple[Mark, int]]) -> list[VersionInfo]:
        return self._store.versions(version for _, version in page)

    def card(self, version: int, clearance: Clearance = PUBLIC_ONLY) -> DocumentCard:
        """The document that a line of a list names, as it is now. Raises: DocumentNotFoundError: it is gone."""
        named = self._store.versions([version])
        if not named:
            raise DocumentNotFoundError("这个文档已不在资料里：列表之后索引更新过，请重新查找。")
        own_id = self._store.resolve_alias(named[0].document_id)
        stored = self._store.find_versions(own_id)
        live = self._live_version(own_id)
        shown = live if live is not None else stored[-1]
        if self._is_hidden(own_id, clearance, shown):
            raise DocumentNotFoundError("这个文档已不在资料里：列表之后索引更新过，请重新查找。")
        (info,) = self._store.versions([shown])
        text = self._store.document(shown).text
        retired = bool(self._store.retired() & {own_id, named[0].document_id})
        return DocumentCard(_listing(info, retired=retired), live is not None, len(text), text[:OPENING_CHARS])

    def document(self, document_id: str, clearance: Clearance = PUBLIC_ONLY) -> Document:
        """A document that answers, by its id or an alias of it.

        Raises: DocumentNotFoundError: one that may not be seen is told apart from none by nothing.
        """
        own_id = self._store.resolve_alias(document_id)
        version = self._live_version(own_id)
        hidden = self._is_hidden(own_id, clearance, version)
        if not hidden and self._store.retired() & {document_id, own_id}:
            raise DocumentNotFoundError(f"文档 {document_id!r} 已停用；恢复：POST /v1/documents/{document_id}/restore")
        if version is None or hidden:
            raise DocumentNotFoundError(f"当前索引中没有文档 {document_id!r}。")
        return self._store.document(version)

    def retire(self, document_id: str, clearance: Clearance = PUBLIC_ONLY) -> None:
        """From now on the document never answers, also after a re-index. Raises: DocumentNotFoundError: never seen."""
        for each in sorted(self._known_ids(document_id, clearance)):
            self._store.retire(each)

    def restore(self, document_id: str, clearance: Clearance = PUBLIC_ONLY) -> bool:
        """Undo ``retire``; False where only a re-index brings the document back. Raises: DocumentNotFoundError."""
        known = self._known_ids(document_id, clearance)
        for each in sorted(known):
            self._store.restore(each)
        return any(self._live_version(each) is not None for each in known)

    def retired_count(self) -> int:
        """How many documents are retired."""
        return len({self._store.resolve_alias(document_id) for document_id in self._store.retired()})

    def _is_hidden(self, document_id: str, clearance: Clearance, version: int | None = None) -> bool:
        """Whether a version of a document may not be seen; its newest one, where none is named."""
        wanted = [version] if version is not None else self._store.find_versions(document_id)[-1:]
        labels = [info.visibility for info in self._store.versions(wanted)]
        return any(self._store.hides(document_id, label, clearance) for label in labels or [PUBLIC])

    def _known_ids(self, document_id: str, clearance: Clearance) -> set[str]:
        """The id with all its aliases: which of them is the document's own can change with an edit of the file."""
        own_id = self._store.resolve_alias(document_id)
        versions = self._store.find_versions(own_id)
        never_seen = not versions and document_id not in self._store.retired()
        if never_seen or self._is_hidden(own_id, clearance):
            raise DocumentNotFoundError(f"从未见过文档 {document_id!r}。")
        return {document_id, own_id, *self._store.aliases(versions[-1:])}

    def _live_version(self, document_id: str) -> int | None:
        live = self._live_versions()
        return max((each for each in self._store.find_versions(document_id) if each in live), default=None)

    def _retired_versions(self) -> set[int]:
        """The newest stored version of each retired document, live or not, so that each can be seen and restored."""
        live = self._live_versions()
        newest: set[int] = set()
        for document_id in self._store.retired():
            versions = self._store.find_versions(document_id)
            in_index = [version for version in versions if version in live]
            newest.update((in_index or versions)[-1:])
        return newest


def _listing(info: VersionInfo, *, retired: bool) -> Listing:
    return Listing(
        id=info.document_id,
        title=info.title,
        publisher=info.publisher,
        published_at=info.published_at,
        url=info.url,
        source_path=info.source_path,
        passages=info.passages,
        retired=retired,
        version=info.version,
        visibility=info.visibility,
    )
