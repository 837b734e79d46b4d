"""The store of documents: an append-only heap of immutable document versions and their passages.

Which versions are live is said by a snapshot, not here. What is retired is said here, by document id.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select, update

from corpus import document_edits, document_labels, document_states, store_writing
from corpus.database import held_across_hosts, in_domain, make_durable, migrate, reading, write
from corpus.document_edits import DocumentEdit
from corpus.document_states import DocumentState
from corpus.documents import Document, FileOutcome, Passage, PreparedDocument, StoredLine
from corpus.errors import DocumentNotFoundError
from corpus.models import (
    VERSION_TABLE,
    document_aliases,
    document_versions,
    file_versions,
    files,
    passages,
    retired_documents,
    store_identity,
)
from corpus.store_rows import (
    IDS_PER_QUERY,
    PassageRef,
    PassageRow,
    RememberedFile,
    VersionInfo,
    chunks,
    document_from,
    passage_from,
)
from corpus.visibility import Clearance

# Documents read at once while passages are streamed: their texts are in memory together.
DOCUMENTS_PER_CHUNK = 200
MIGRATIONS = Path(__file__).parent / "migrations"
_INFO_COLUMNS = [
    document_versions.c["passage_count" if field.name == "passages" else field.name] for field in fields(VersionInfo)
]


class DocumentStore:
    """Documents and passages in the database. Safe to use from several threads and processes.

    Every method raises StoreError where the database cannot be read or written.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = in_domain(engine, "corpus")

    def migrate(self) -> None:
        """Create the tables or bring them up to date."""
        migrate(self._engine, MIGRATIONS, VERSION_TABLE)

    # files

    def remembered_file(self, path: str, fingerprint: str) -> RememberedFile | None:
        """What the file was parsed into when it had that fingerprint; None where it was not seen so."""
        return self.remembered_files({path: fingerprint}).get(path)

    def remembered_files(self, fingerprints: Mapping[str, str]) -> dict[str, RememberedFile]:
        """For each path whose fingerprint was seen, what it was parsed into. ``fingerprints``: by path."""
        found: dict[str, RememberedFile] = {}
        for paths in chunks(fingerprints, IDS_PER_QUERY):
            with reading(self._engine) as connection:
                rows = connection.execute(select(files).where(files.c.path.in_(paths))).mappings().all()
                wanted = {row["id"]: row for row in rows if row["fingerprint"] == fingerprints[row["path"]]}
                versions: dict[int, list[int]] = {file_id: [] for file_id in wanted}
                links = file_versions.c
                query = select(links.file_id, links.version).where(links.file_id.in_(wanted))
                for file_id, version in connection.execute(query.order_by(links.file_id, links.ordinal)):
                    versions[file_id].append(version)
            for file_id, row in wanted.items():
                failures = tuple(json.loads(row["failures"]))
                found[row["path"]] = RememberedFile(file_id, row["encoding"], tuple(versions[file_id]), failures)
        return found

    def known_lines(self, path: str) -> dict[bytes, StoredLine]:
        """What the lines of a file became when it was read last, by mark; {} for a file that is not known."""
        links, columns = file_versions.c, document_versions.c
        newest = select(files.c.id).where(files.c.path == path).order_by(files.c.id.desc()).limit(1)
        query = (
            select(links.mark, links.version, columns.document_id)
            .select_from(file_versions.join(document_versions))
            .where(links.file_id == newest.scalar_subquery(), links.mark.is_not(None))
        )
        with reading(self._engine) as connection:
            return {mark: StoredLine(version, document_id) for mark, version, document_id in connection.execute(query)}

    def remember_file(self, fingerprint: str, outcome: FileOutcome) -> RememberedFile:
        """Store what a file was parsed into. Doing it again, also after a crash, adds nothing twice."""
        return store_writing.remember_file(self._engine, fingerprint, outcome)

    # versions

    def versions(self, versions: Iterable[int]) -> list[VersionInfo]:
        """Those that exist, in the order of the version, each once."""
        found: list[VersionInfo] = []
        for ids in chunks(sorted(set(versions)), IDS_PER_QUERY):
            query = select(*_INFO_COLUMNS).where(document_versions.c.version.in_(ids))
            with reading(self._engine) as connection:
                rows = connection.execute(query.order_by(document_versions.c.version))
                found.extend(VersionInfo(*row) for row in rows)
        return found

    def document(self, version: int) -> Document:
        """One version with its text. Raises: DocumentNotFoundError."""
        found = self.documents([version])
        if version not in found:
            raise DocumentNotFoundError(f"no document version {version} is stored; run: yiju index")
        return found[version]

    def documents(self, versions: Iterable[int]) -> dict[int, Document]:
        """By version, with their texts; versions that are not stored are left out."""
        found: dict[int, Document] = {}
        for ids in chunks(set(versions), IDS_PER_QUERY):
            query = select(document_versions).where(document_versions.c.version.in_(ids))
            with reading(self._engine) as connection:
                rows = connection.execute(query).mappings()
                found.update({row["version"]: document_from(row) for row in rows})
        return found

    def find_versions(self, document_id: str) -> list[int]:
        """Every stored version of a document, oldest first; [] where there is none."""
        columns = document_versions.c
        query = select(columns.version).where(columns.document_id == document_id).order_by(columns.version)
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())

    # passages

    def passage_rows(self, versions: Iterable[int]) -> Iterator[PassageRow]:
        """Every passage of the versions, in the order of the row; read in chunks, holding nothing between them."""
        for ids in chunks(sorted(set(versions)), DOCUMENTS_PER_CHUNK):
            columns = passages.c
            query = select(passages).where(columns.version.in_(ids)).order_by(columns.version, columns.ordinal)
            with reading(self._engine) as connection:
                rows: Sequence[RowMapping] = connection.execute(query).mappings().all()
            documents = self.documents(ids)
            for row in rows:
                document = documents[row["version"]]
                passage = passage_from(row, document.id, document.text)
                yield PassageRow(
                    row["row"],
                    passage,
                    document.title,
                    document.publisher,
                    document.published_at,
                    document.visibility,
                )

    def load_rows(self, rows: Sequence[int]) -> dict[int, tuple[Passage, Document]]:
        """By row; rows that are not stored are left out."""
        stored: list[RowMapping] = []
        for ids in chunks(dict.fromkeys(rows), IDS_PER_QUERY):
            with reading(self._engine) as connection:
                stored.extend(connection.execute(select(passages).where(passages.c.row.in_(ids))).mappings())
        documents = self.documents(row["version"] for row in stored)
        return {
            row["row"]: (passage_from(row, document.id, document.text), document)
            for row in stored
            if (document := documents.get(row["version"])) is not None
        }

    def find_passage(self, passage_id: str) -> list[PassageRef]:
        """Every place where a passage stands: one for each version of its document that holds it, oldest first."""
        columns = passages.c
        query = select(columns.row, columns.version, columns.ordinal).where(columns.passage_id == passage_id)
        with reading(self._engine) as connection:
            return [PassageRef(*row) for row in connection.execute(query.order_by(columns.row))]

    def neighbours(self, row: int) -> tuple[Passage | None, Passage | None]:
        """The passages before and after one, in its document; None at either end. Raises: DocumentNotFoundError."""
        columns = passages.c
        with reading(self._engine) as connection:
            here = connection.execute(select(columns.version, columns.ordinal).where(columns.row == row)).first()
            if here is None:
                raise DocumentNotFoundError(f"no passage row {row} is stored; run: yiju index")
            around = (here.ordinal - 1, here.ordinal + 1)
            query = select(columns.ordinal, columns.row).where(
                columns.version == here.version, columns.ordinal.in_(around)
            )
            rows = {place.ordinal: place.row for place in connection.execute(query)}
        loaded = self.load_rows(list(rows.values()))
        before, after = (loaded.get(rows.get(ordinal, -1)) for ordinal in around)
        return (before[0] if before else None), (after[0] if after else None)

    # aliases and retirement

    def aliases(self, versions: Iterable[int]) -> dict[str, str]:
        """Alias id to the id of the document it was joined to, for the versions given."""
        found: dict[str, str] = {}
        joined = document_aliases.join(document_versions)
        for ids in chunks(sorted(set(versions)), IDS_PER_QUERY):
            query = select(document_aliases.c.alias, document_versions.c.document_id).select_from(joined)
            with reading(self._engine) as connection:
                rows = connection.execute(query.where(document_aliases.c.version.in_(ids)))
                found.update({row.alias: row.document_id for row in rows})
        return found

    def resolve_alias(self, document_id: str) -> str:
        """The document that ``document_id`` was last joined to, or itself.

        Looks at every stored version; ``aliases`` says it for the live ones alone.
        """
        columns = document_versions.c
        joined = document_aliases.join(document_versions)
        query = (
            select(columns.version, columns.document_id)
            .select_from(joined)
            .where(document_aliases.c.alias == document_id)
            .order_by(columns.version.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            last = connection.execute(query).first()
            own = connection.execute(
                select(columns.version)
                .where(columns.document_id == document_id)
                .order_by(columns.version.desc())
                .limit(1)
            ).scalar()
        return document_id if last is None or (own is not None and own > last.version) else str(last.document_id)

    def retire(self, document_id: str, reason: str | None = None) -> None:
        """Keep a document out of every answer from now on, for good; also one that is not stored yet."""
        row = {"document_id": document_id, "reason": reason, "retired_at": datetime.now(UTC)}

        def replace_row(connection: Connection) -> None:
            connection.execute(delete(retired_documents).where(retired_documents.c.document_id == document_id))
            connection.execute(insert(retired_documents).values(row))

        write(self._engine, replace_row)
        self.make_durable()

    def restore(self, document_id: str) -> bool:
        """Let a document answer again; False where it was not retired."""
        statement = delete(retired_documents).where(retired_documents.c.document_id == document_id)
        return write(self._engine, lambda connection: connection.execute(statement).rowcount > 0)

    def retired(self) -> frozenset[str]:
        """The ids of all retired documents."""
        with reading(self._engine) as connection:
            return frozenset(connection.execute(select(retired_documents.c.document_id)).scalars())

    # edits

    def edits(self) -> dict[str, DocumentEdit]:
        """What administrators say of documents beside their files, by document id."""
        return document_edits.edits(self._engine)

    def edit_of(self, document_id: str) -> DocumentEdit:
        """The same of one document; with no fields where nothing is said."""
        return document_edits.edit_of(self._engine, document_id)

    def put_edit(self, document_id: str, said: Mapping[str, str | None], *, by: str, changes: int) -> bool:
        """Say something of a document from the next index run on; False where it was changed since ``changes``."""
        kept = document_edits.put(self._engine, document_id, said, by=by, changes=changes)
        self.make_durable()
        return kept

    def edited(self, version: int, edit: DocumentEdit) -> PreparedDocument:
        """A stored version as it is indexed with an edit. Raises: DocumentNotFoundError."""
        document = self.document(version)
        passages_there = tuple(row.passage for row in self.passage_rows([version]))
        aliases = tuple(self.aliases([version]))
        return document_edits.edited(PreparedDocument(document, passages_there, "", aliases), edit)

    def add_document(self, prepared: PreparedDocument) -> int:
        """The version of a document that no file is remembered by; stored where it is not there."""
        return store_writing.add_document(self._engine, prepared)

    # labels

    def labels(self) -> frozenset[str]:
        """Every label but ``public`` that a stored version carries or that is held."""
        return document_labels.present(self._engine)

    def held_labels(self) -> dict[str, str]:
        """The labels that hold in every snapshot, by document id; a document that is not named has its own alone."""
        return document_labels.held(self._engine)

    def labels_of(self, document_ids: Collection[str]) -> frozenset[str]:
        """The labels that hold for some documents."""
        return document_labels.held_of(self._engine, document_ids)

    def hidden_versions(self, clearance: Clearance) -> frozenset[int]:
        """The stored versions that who has this clearance may not see, by the version's label or the one that holds."""
        return document_labels.hidden_versions(self._engine, clearance)

    def hides(self, document_id: str, label: str, clearance: Clearance) -> bool:
        """Whether who has this clearance may not see a version with this label of a document."""
        return document_labels.is_hidden(self._engine, document_id, label, clearance)

    def hold_labels(self, versions: Collection[int]) -> None:
        """Have the labels of these versions hold from now on; documents that are in none keep theirs."""
        document_labels.hold(self._engine, versions)

    def hold_label(self, document_id: str, label: str) -> None:
        """Have a label hold for one document at once, until the next index run says otherwise."""
        document_labels.hold_one(self._engine, document_id, label)

    def prune(self, keep_versions: Collection[int], *, longest_seconds: float = float("inf")) -> int:
        """Delete versions that are not kept, and what was remembered of files that name one; returns how many.

        After ``longest_seconds`` the rest is left for the next time. Only while no index run is going on: it would
        take the versions that the run has stored so far.
        """
        return store_writing.prune(self._engine, keep_versions, longest_seconds=longest_seconds)

    # other hosts

    def index_turn(self) -> AbstractContextManager[bool]:
        """Hold the right to change the index among all hosts that use this database; whether it was free."""
        return held_across_hosts(self._engine, "index")

    # identity and durability

    def store_id(self) -> str:
        """Names this database: what holds version numbers of another one does not fit to it."""
        with reading(self._engine) as connection:
            return str(connection.execute(select(store_identity.c.store_id)).scalar_one())

    def identity(self) -> tuple[str, int]:
        """The same with a number that grows whenever labels that hold change."""
        columns = store_identity.c
        with reading(self._engine) as connection:
            row = connection.execute(select(columns.store_id, columns.labels_changed)).one()
        return str(row.store_id), int(row.labels_changed)

    def renew_identity(self) -> str:
        """Give the database another identity, after its content was replaced: no index of before fits to it."""
        fresh = secrets.token_hex(16)
        write(self._engine, lambda connection: connection.execute(update(store_identity).values(store_id=fresh)))
        return fresh

    def make_durable(self) -> None:
        """All that was stored so far survives a power cut."""
        make_durable(self._engine, "UPDATE store_identity SET synced = synced + 1")

    # states of documents on their way in

    def state_counts(self) -> dict[str, int]:
        """How many documents are pending and indexed, and how many failures there are, by state."""
        return document_states.counts(self._engine)

    def states(self, state: str, *, limit: int = 100) -> list[DocumentState]:
        """Documents (or failures) in a state, those that changed last first."""
        return document_states.listed(self._engine, state, limit)

    def journal(self, pending: Collection[int], failures: Mapping[str, Sequence[str]]) -> None:
        """Note, before they are indexed, the versions that will be and what failed of each file (by path, all)."""
        document_states.journal(self._engine, pending, failures)

    def settle(self, served: Collection[int], removed: Collection[str]) -> None:
        """Note, after a switch, that ``served`` versions answer and ``removed`` documents (by id) do so no more."""
        document_states.settle(self._engine, served, removed)
