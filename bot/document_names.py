"""Finds documents by what they are called: title, publisher, file, id. Keeps folded names between calls."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.document_query import DocumentQuery, Mark, Order
from corpus.folding import fold
from corpus.store_rows import VersionInfo

# Fewer names that are not needed any more are not worth the look.
_SPARE = 1000


class NamedVersions(Protocol):
    """What names are read from."""

    def versions(self, versions: Iterable[int]) -> list[VersionInfo]:
        """Those that exist."""
        ...


@dataclass(frozen=True, slots=True)
class _Name:
    title: str
    rest: str
    published_at: date | None
    publisher: str
    visibility: str


class DocumentNames:
    """Folded names by version. A version never changes, so a name is read once. Thread-safe."""

    def __init__(self) -> None:
        self._names: dict[int, _Name] = {}
        self._lock = threading.Lock()

    def search(self, words: str, versions: Sequence[int], store: NamedVersions, *, kept: Collection[int]) -> list[int]:
        """Those of the versions whose names hold every word, best first, then the newest.

        ``kept``: versions that may be asked for again; names of others may be forgotten. Raises: StoreError.
        """
        found = self.select(DocumentQuery(words, order="best"), versions, store, kept=kept)
        return [version for _, version in found]

    def select(
        self,
        query: DocumentQuery,
        versions: Sequence[int],
        store: NamedVersions,
        *,
        kept: Collection[int],
    ) -> list[tuple[Mark, int]]:
        """Those of the versions that the query is about, each behind its place in the order.

        ``kept``: versions that may be asked for again; names of others may be forgotten. Raises: StoreError.
        """
        wanted = fold(query.words).split()
        with self._lock:
            self._learn(versions, store, kept)
            names = [(version, self._names[version]) for version in versions if version in self._names]
        return sorted(
            (_mark(query.sorted_by, version, name, wanted), version)
            for version, name in names
            if _fits(query, name, wanted)
        )

    def _learn(self, versions: Sequence[int], store: NamedVersions, kept: Collection[int]) -> None:
        for info in store.versions(version for version in versions if version not in self._names):
            rest = f"{info.publisher or ''}\n{info.source_path}\n{info.document_id}"
            self._names[info.version] = _Name(
                fold(info.title), fold(rest), info.published_at, fold(info.publisher or ""), info.visibility
            )
        # Versions come and go with each re-index; what has gone would pile up.
        if len(self._names) > 2 * len(kept) + _SPARE:
            self._names = {version: name for version, name in self._names.items() if version in kept}


def _fits(query: DocumentQuery, name: _Name, words: Sequence[str]) -> bool:
    day = name.published_at
    return (
        all(word in name.title or word in name.rest for word in words)
        and (query.publisher is None or name.publisher == fold(query.publisher))
        and (query.visibility is None or name.visibility == query.visibility)
        and (query.published_from is None or (day is not None and day >= query.published_from))
        and (query.published_to is None or (day is not None and day <= query.published_to))
    )


def _mark(order: Order, version: int, name: _Name, words: Sequence[str]) -> Mark:
    """Where a document stands, smallest first."""
    if order == "stored":
        return (version,)
    newest = (-(name.published_at or date.min).toordinal(), -version)
    return newest if order == "newest" else (_rank(name, " ".join(words), words), *newest)


def _rank(name: _Name, whole: str, words: Sequence[str]) -> int:
    if name.title == whole:
        return 0
    if whole in name.title:
        return 1
    return 2 if all(word in name.title for word in words) else 3
