"""How far each document is on its way into the index: pending, indexed, or failed with the reason.

A journal for people: which versions answer is said by the snapshot alone, and ``settle`` brings the states in line
with it after every run, also after one that died between the switch and its last note.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, literal, null, select, tuple_, update

from corpus.columns import UtcDateTime
from corpus.database import reading, write
from corpus.models import document_states, document_versions
from corpus.store_rows import IDS_PER_QUERY, chunks

PENDING, INDEXED, FAILED = "pending", "indexed", "failed"
_columns = document_states.c
_versions = document_versions.c


@dataclass(frozen=True, slots=True)
class DocumentState:
    """A document's state; ``document_id`` and ``version`` are None for a failure, which has a ``reason``."""

    source_path: str
    document_id: str | None
    version: int | None
    state: str
    reason: str | None
    updated_at: datetime


def counts(engine: Engine) -> dict[str, int]:
    """How many rows are in each state; all three are named. Raises: StoreError."""
    with reading(engine) as connection:
        rows = connection.execute(select(_columns.state, func.count()).group_by(_columns.state))
        return dict.fromkeys((PENDING, INDEXED, FAILED), 0) | {row[0]: row[1] for row in rows}


def listed(engine: Engine, state: str, limit: int) -> list[DocumentState]:
    """Rows in a state, those that changed last first. Raises: StoreError."""
    query = select(document_states).where(_columns.state == state)
    newest = query.order_by(_columns.updated_at.desc(), _columns.source_path, _columns.place).limit(limit)
    with reading(engine) as connection:
        return [
            DocumentState(row.source_path, row.document_id or None, row.version, row.state, row.reason, row.updated_at)
            for row in connection.execute(newest)
        ]


def mark(connection: Connection, versions: Sequence[int], state: str) -> None:
    """Put the documents of stored versions into a state, whatever they were in before."""
    chosen = _versions.version.in_(bindparam("versions", expanding=True))
    same = tuple_(_columns.document_id, _columns.source_path).in_(
        select(_versions.document_id, _versions.source_path).where(chosen)
    )
    row = select(
        _versions.document_id,
        _versions.source_path,
        literal(0),
        _versions.version,
        literal(state),
        null(),
        literal(datetime.now(UTC), UtcDateTime),
    ).where(chosen)
    for batch in chunks(versions, IDS_PER_QUERY):
        connection.execute(delete(document_states).where(same), {"versions": batch})
        connection.execute(
            insert(document_states).from_select([column.name for column in _columns], row), {"versions": batch}
        )


def journal(engine: Engine, pending: Iterable[int], failures: Mapping[str, Sequence[str]]) -> None:
    """Make the versions pending, and the failures exactly those given. Raises: StoreError."""
    with reading(engine) as connection:
        query = select(_columns.version).where(_columns.state == PENDING)
        already = frozenset(connection.execute(query).scalars().all())
    for batch in chunks((version for version in pending if version not in already), IDS_PER_QUERY):
        write(engine, partial(mark, versions=batch, state=PENDING))
    told: dict[str, list[str]] = defaultdict(list)
    with reading(engine) as connection:
        query = select(_columns.source_path, _columns.reason).where(_columns.state == FAILED)
        for path, reason in connection.execute(query.order_by(_columns.source_path, _columns.place)):
            told[path].append(reason)
    wanted = {path: list(reasons) for path, reasons in failures.items() if reasons}
    changed = sorted(path for path in told.keys() | wanted.keys() if told.get(path) != wanted.get(path))
    if changed:
        write(engine, partial(_replace_failures, paths=changed, failures=wanted))


def _replace_failures(connection: Connection, *, paths: Sequence[str], failures: Mapping[str, Sequence[str]]) -> None:
    for batch in chunks(paths, IDS_PER_QUERY):
        connection.execute(delete(document_states).where(_columns.state == FAILED, _columns.source_path.in_(batch)))
    now = datetime.now(UTC)
    rows = [
        {
            "document_id": "",
            "source_path": path,
            "place": place,
            "version": None,
            "state": FAILED,
            "reason": reason,
            "updated_at": now,
        }
        for path in paths
        for place, reason in enumerate(failures.get(path, ()), start=1)
    ]
    if rows:
        connection.execute(insert(document_states), rows)


def settle(engine: Engine, served: Collection[int], removed: Collection[str]) -> None:
    """Bring the states in line with the versions that a snapshot serves. Raises: StoreError."""
    live = served if isinstance(served, AbstractSet) else frozenset(served)
    write(engine, partial(_settle, served=live, removed=removed))
    if counts(engine)[INDEXED] != len(live):
        # A run died before it could note what it had switched to, or the tables are older than the index.
        write(engine, partial(_rebuild, served=sorted(live)))


def _settle(connection: Connection, *, served: AbstractSet[int], removed: Collection[str]) -> None:
    for gone in chunks(removed, IDS_PER_QUERY):
        connection.execute(delete(document_states).where(_columns.state == INDEXED, _columns.document_id.in_(gone)))
    pending = connection.execute(select(_columns.version).where(_columns.state == PENDING)).scalars()
    for left in chunks([version for version in pending if version not in served], IDS_PER_QUERY):
        connection.execute(delete(document_states).where(_columns.state == PENDING, _columns.version.in_(left)))
    connection.execute(
        update(document_states).where(_columns.state == PENDING).values(state=INDEXED, updated_at=datetime.now(UTC))
    )


def _rebuild(connection: Connection, *, served: Sequence[int]) -> None:
    connection.execute(delete(document_states).where(_columns.state != FAILED))
    mark(connection, served, INDEXED)
