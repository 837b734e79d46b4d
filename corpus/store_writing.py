"""Puts what a file was parsed into in the store: batches of short transactions, the file's own row last.

A crash between batches leaves document versions that no file names; the next run finds them by their content hash and
uses them. Nothing that is stored is ever changed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Delete, Engine, delete, insert, select, update

from corpus.database import reading, write
from corpus.document_states import PENDING, mark
from corpus.documents import FileOutcome, PreparedDocument
from corpus.errors import StoreError
from corpus.models import document_aliases, document_versions, file_versions, files, passages, store_ids
from corpus.store_rows import IDS_PER_QUERY, RememberedFile, chunks

# One transaction: some 50 ms on a slow disk, so that other writers get their turn.
PASSAGES_PER_BATCH = 2000
DOCUMENTS_PER_BATCH = 500
# Deleting takes longer than writing: texts and passages go one by one.
VERSIONS_PER_DELETE = 100
# States of one path that are remembered: enough for an edit to be undone without parsing the file again.
STATES_PER_FILE = 3
_Key = tuple[str, str]


def remember_file(engine: Engine, fingerprint: str, outcome: FileOutcome) -> RememberedFile:
    """Store the outcome's documents that are not there yet, then the file. Raises: StoreError."""
    for document in outcome.documents:
        _check_offsets(document)
    added: list[int] = []
    for batch in _batches(outcome.documents):
        added.extend(write(engine, partial(_add, batch=batch)))
    versions = _with_marks(outcome, added)
    return write(engine, lambda connection: _write_file(connection, fingerprint, outcome, versions))


def add_document(engine: Engine, prepared: PreparedDocument) -> int:
    """The version of a document that no file is remembered by; stored where it is not there. Raises: StoreError."""
    _check_offsets(prepared)
    return write(engine, partial(_add, batch=[prepared]))[0]


def _with_marks(outcome: FileOutcome, added: Sequence[int]) -> dict[int, bytes | None]:
    """The versions of the whole file in its order, each once, with the marks of their lines."""
    if not outcome.lines:
        return dict.fromkeys(added)
    read_now = iter(added)
    return {line.stored.version if line.stored is not None else next(read_now): line.mark for line in outcome.lines}


def _check_offsets(prepared: PreparedDocument) -> None:
    document = prepared.document
    for passage in prepared.passages:
        if document.text[passage.start : passage.end] != passage.text or passage.document_id != document.id:
            raise StoreError(
                f"passage {passage.id} says it is [{passage.start}:{passage.end}] of document '{document.id}' "
                f"({document.source_path}), whose text reads otherwise there; nothing of the file was stored; this is "
                "a defect of yiju: please report it"
            )


def _batches(documents: Sequence[PreparedDocument]) -> Iterator[list[PreparedDocument]]:
    batch: list[PreparedDocument] = []
    count = 0
    for document in documents:
        if batch and (count + len(document.passages) > PASSAGES_PER_BATCH or len(batch) == DOCUMENTS_PER_BATCH):
            yield batch
            batch, count = [], 0
        batch.append(document)
        count += len(document.passages)
    if batch:
        yield batch


def _add(connection: Connection, *, batch: Sequence[PreparedDocument]) -> list[int]:
    """The versions of ``batch``, in its order; those that are missing are inserted."""
    # The first statement writes, so that nobody inserts the same documents between the look-up and the insert.
    next_version, next_row = _reserve(connection, 0, 0)
    known = _known(connection, batch)
    missing: dict[_Key, PreparedDocument] = {}
    for prepared in batch:
        if (key := _key(prepared)) not in known:
            missing.setdefault(key, prepared)
    if missing:
        _reserve(connection, len(missing), sum(len(prepared.passages) for prepared in missing.values()))
        _insert(connection, list(missing.values()), next_version, next_row)
        known.update({key: next_version + place for place, key in enumerate(missing)})
    return [known[_key(prepared)] for prepared in batch]


def _key(prepared: PreparedDocument) -> _Key:
    return prepared.document.id, prepared.content_hash


def _reserve(connection: Connection, versions: int, rows: int) -> tuple[int, int]:
    """Move both counters on; returns where they stand then."""
    connection.execute(
        update(store_ids).values(next_version=store_ids.c.next_version + versions, next_row=store_ids.c.next_row + rows)
    )
    counters = connection.execute(select(store_ids.c.next_version, store_ids.c.next_row)).one()
    return counters.next_version, counters.next_row


def _known(connection: Connection, batch: Sequence[PreparedDocument]) -> dict[_Key, int]:
    known: dict[_Key, int] = {}
    columns = document_versions.c
    for ids in chunks({prepared.document.id for prepared in batch}, IDS_PER_QUERY):
        query = select(columns.document_id, columns.content_hash, columns.version).where(columns.document_id.in_(ids))
        known.update({(document_id, digest): version for document_id, digest, version in connection.execute(query)})
    return known


def _insert(connection: Connection, batch: Sequence[PreparedDocument], next_version: int, next_row: int) -> None:
    now = datetime.now(UTC)
    documents: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    aliases: list[dict[str, Any]] = []
    for version, prepared in enumerate(batch, next_version):
        documents.append(_document_row(prepared, version, now))
        for ordinal, passage in enumerate(prepared.passages):
            parts.append(
                {
                    "row": next_row + len(parts),
                    "version": version,
                    "ordinal": ordinal,
                    "passage_id": passage.id,
                    "start": passage.start,
                    "end": passage.end,
                    "heading": passage.heading,
                }
            )
        aliases.extend({"version": version, "alias": alias} for alias in dict.fromkeys(prepared.aliases))
    connection.execute(insert(document_versions), documents)
    mark(connection, [document["version"] for document in documents], PENDING)
    if parts:
        connection.execute(insert(passages), parts)
    if aliases:
        connection.execute(insert(document_aliases), aliases)


def _document_row(prepared: PreparedDocument, version: int, now: datetime) -> dict[str, Any]:
    document = prepared.document
    return {
        "version": version,
        "document_id": document.id,
        "content_hash": prepared.content_hash,
        "title": document.title,
        "text": document.text,
        "publisher": document.publisher,
        "published_at": document.published_at,
        "url": document.url,
        "source_path": document.source_path,
        "visibility": document.visibility,
        "passage_count": len(prepared.passages),
        "created_at": now,
    }


def _write_file(
    connection: Connection, fingerprint: str, outcome: FileOutcome, versions: Mapping[int, bytes | None]
) -> RememberedFile:
    # A file that was parsed again (yiju index --full) replaces what was remembered of the same bytes.
    columns = files.c
    connection.execute(delete(files).where(columns.path == outcome.path, columns.fingerprint == fingerprint))
    added = connection.execute(
        insert(files).values(
            path=outcome.path,
            fingerprint=fingerprint,
            encoding=outcome.encoding,
            failures=json.dumps(outcome.failures, ensure_ascii=False),
            created_at=datetime.now(UTC),
        )
    )
    assert added.inserted_primary_key is not None
    file_id = int(added.inserted_primary_key[0])
    connection.execute(_forget_oldest(outcome.path))
    if versions:
        links = [
            {"file_id": file_id, "ordinal": place, "version": version, "mark": mark}
            for place, (version, mark) in enumerate(versions.items())
        ]
        connection.execute(insert(file_versions), links)
    return RememberedFile(file_id, outcome.encoding, tuple(versions), outcome.failures)


def _forget_oldest(path: str) -> Delete:
    """Else a large file that is edited daily would leave a link for each of its documents every day."""
    columns = files.c
    newest = select(columns.id).where(columns.path == path).order_by(columns.id.desc()).limit(STATES_PER_FILE)
    return delete(files).where(columns.path == path, columns.id.not_in(newest))


def prune(engine: Engine, keep_versions: Collection[int], *, longest_seconds: float) -> int:
    """Delete versions that are not kept, oldest first, and the files that name one; returns how many versions."""
    until = time.monotonic() + longest_seconds
    with reading(engine) as connection:
        stored = frozenset(connection.execute(select(document_versions.c.version)).scalars().all())
    doomed = sorted(stored.difference(keep_versions))
    deleted = 0
    for batch in chunks(doomed, VERSIONS_PER_DELETE):
        if time.monotonic() >= until:
            break
        write(engine, partial(_delete, versions=batch))
        deleted += len(batch)
    return deleted


def _delete(connection: Connection, *, versions: list[int]) -> None:
    naming = select(file_versions.c.file_id).where(file_versions.c.version.in_(versions))
    connection.execute(delete(files).where(files.c.id.in_(naming)))
    connection.execute(delete(document_versions).where(document_versions.c.version.in_(versions)))
