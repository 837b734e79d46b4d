"""Labels by document id that hold in every snapshot, so that going back to an older one opens nothing.

A version carries the label it was stored with. Who may see it must be cleared for that label and for the one that
holds for its document since: a label that was added is in force at once, one that was taken away when a snapshot with
the new version serves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import partial

from sqlalchemy import Connection, Engine, delete, insert, select, union, update

from corpus.database import reading, write
from corpus.documents import PUBLIC
from corpus.models import document_aliases, document_labels, document_versions, store_identity
from corpus.store_rows import IDS_PER_QUERY, chunks
from corpus.visibility import Clearance

_versions = document_versions.c
_held = document_labels.c
# Two ranges rather than "another than": an index finds these, and passes over a corpus that is all public.
_LABELLED = (_versions.visibility < PUBLIC) | (_versions.visibility > PUBLIC)


def present(engine: Engine) -> frozenset[str]:
    """Every label but ``public`` that a version carries or that is held. Raises: StoreError."""
    query = union(select(_versions.visibility).where(_LABELLED), select(_held.label))
    with reading(engine) as connection:
        return frozenset(connection.execute(query).scalars()) - {PUBLIC}


def held(engine: Engine) -> dict[str, str]:
    """The labels that hold, by document id. Raises: StoreError."""
    with reading(engine) as connection:
        return {row.document_id: row.label for row in connection.execute(select(document_labels))}


def held_of(engine: Engine, document_ids: Collection[str]) -> frozenset[str]:
    """The labels that hold for some documents. Raises: StoreError."""
    found: set[str] = set()
    for ids in chunks(document_ids, IDS_PER_QUERY):
        with reading(engine) as connection:
            found.update(connection.execute(select(_held.label).where(_held.document_id.in_(ids))).scalars())
    return frozenset(found)


def hidden_versions(engine: Engine, clearance: Clearance) -> frozenset[int]:
    """The stored versions that may not be seen. Raises: StoreError."""
    hidden = sorted(label for label in present(engine) if not clearance.allows(label))
    found: set[int] = set()
    by_document = document_versions.join(document_labels, _versions.document_id == _held.document_id)
    for labels in chunks(hidden, IDS_PER_QUERY):
        own = select(_versions.version).where(_versions.visibility.in_(labels))
        since = select(_versions.version).select_from(by_document).where(_held.label.in_(labels))
        with reading(engine) as connection:
            for query in (own, since):
                found.update(connection.execute(query).scalars())
    return frozenset(found)


def is_hidden(engine: Engine, document_id: str, label: str, clearance: Clearance) -> bool:
    """Whether a version of a document with this label may not be seen. Raises: StoreError."""
    if clearance.everything:
        return False
    if not clearance.allows(label):
        return True
    query = select(_held.label).where(_held.document_id == document_id)
    with reading(engine) as connection:
        since = connection.execute(query).scalar()
    return since is not None and not clearance.allows(since)


def hold(engine: Engine, versions: Collection[int]) -> None:
    """Have the labels of these versions, the current ones of their documents, hold. Raises: StoreError."""
    current = frozenset(versions)
    with reading(engine) as connection:
        wanted = _wanted(connection, current)
        known = {row.document_id: row.label for row in connection.execute(select(document_labels))}
        open_again = _open_again(connection, known.keys() - wanted.keys(), current)
    changed = {document_id: label for document_id, label in wanted.items() if known.get(document_id) != label}
    _replace(engine, gone=open_again, put=changed)


def hold_one(engine: Engine, document_id: str, label: str) -> None:
    """Have a label hold for one document. Raises: StoreError."""
    _replace(engine, gone=[document_id], put={document_id: label} if label != PUBLIC else {})


def _wanted(connection: Connection, current: frozenset[int]) -> dict[str, str]:
    """The labels of current versions that are not public, by the document's id and each of its aliases."""
    query = select(_versions.version, _versions.document_id, _versions.visibility).where(_LABELLED)
    labelled = {row.version: row for row in connection.execute(query) if row.version in current}
    wanted = {row.document_id: row.visibility for row in labelled.values()}
    aliases = document_aliases.c
    for ids in chunks(labelled, IDS_PER_QUERY):
        for row in connection.execute(select(aliases.version, aliases.alias).where(aliases.version.in_(ids))):
            wanted.setdefault(row.alias, labelled[row.version].visibility)
    return wanted


def _open_again(connection: Connection, document_ids: Collection[str], current: frozenset[int]) -> set[str]:
    """Those of the documents that current versions are of, as themselves or joined to another."""
    aliases = document_aliases.c
    found: set[str] = set()
    for ids in chunks(document_ids, IDS_PER_QUERY):
        own = select(_versions.document_id, _versions.version).where(_versions.document_id.in_(ids))
        joined = select(aliases.alias, aliases.version).where(aliases.alias.in_(ids))
        for query in (own, joined):
            found.update(document_id for document_id, version in connection.execute(query) if version in current)
    return found


def _replace(engine: Engine, *, gone: Iterable[str], put: Mapping[str, str]) -> None:
    leaving = [*gone, *put]
    if leaving:
        write(engine, partial(_rewrite, leaving=leaving, put=put))


def _rewrite(connection: Connection, *, leaving: Collection[str], put: Mapping[str, str]) -> None:
    connection.execute(update(store_identity).values(labels_changed=store_identity.c.labels_changed + 1))
    for ids in chunks(leaving, IDS_PER_QUERY):
        connection.execute(delete(document_labels).where(_held.document_id.in_(ids)))
    if put:
        rows = [{"document_id": document_id, "label": label} for document_id, label in put.items()]
        connection.execute(insert(document_labels), rows)
