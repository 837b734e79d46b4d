"""Which documents a run adds, changes and removes, by name: what people look at before they let it happen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Protocol

from corpus.store_rows import VersionInfo
from retrieval.index_report import MAX_NAMED, ChangedDocuments, NamedDocument
from retrieval.scan import HeldDocuments, Scan


class NamedVersions(Protocol):
    """What naming needs of the store."""

    def versions(self, versions: Iterable[int]) -> list[VersionInfo]:
        """Those that exist, in the order of the version."""
        ...


def changed_documents(
    before: Mapping[str, str], held: HeldDocuments | None, scan: Scan, store: NamedVersions
) -> ChangedDocuments:
    """The documents of the sources against those served ``before`` (content hash by id). Raises: StoreError.

    ``held``: the documents of the serving snapshot, by which those that are removed are found in the store.
    """
    now = scan.documents
    added = _first(document_id for document_id in now if document_id not in before)
    changed = _first(key for key, each in now.items() if before.get(key, each.content_hash) != each.content_hash)
    removed = _first(sorted(before.keys() - now.keys()))
    versions = {key: version for key in (*added, *changed) if (version := now[key].version) is not None}
    if removed and held is not None:
        gone = set(removed)
        places = (place for place, document_id in enumerate(held.ids) if document_id in gone)
        versions |= {held.ids[place]: int(held.versions[place]) for place in places}
    titles = {info.document_id: info.title for info in store.versions(versions.values())}
    titles |= {key: title for key in (*added, *changed) if (title := now[key].title) is not None}

    def named(ids: Sequence[str]) -> tuple[NamedDocument, ...]:
        return tuple(NamedDocument(document_id, titles.get(document_id, "")) for document_id in ids)

    return ChangedDocuments(named(added), named(changed), named(removed))


def _first(ids: Iterable[str]) -> list[str]:
    return list(islice(ids, MAX_NAMED))
