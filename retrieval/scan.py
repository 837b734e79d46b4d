"""Sources to the documents they hold now, reading only the files that changed, and the difference to a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from corpus.documents import FileOutcome
from corpus.intake import SourceFile, fingerprint, list_sources, read_source
from corpus.store_rows import RememberedFile, VersionInfo
from retrieval.errors import MassRemovalError
from retrieval.index_report import DocumentCounts, FileReport, Phase, ProgressListener, joined_failures

# The guard of the contract: more than this share of at least so many documents.
GUARDED_DOCUMENTS, GUARDED_SHARE = 20, 0.5


class FileMemory(Protocol):
    """What a scan needs of the store."""

    def remembered_file(self, path: str, fingerprint: str) -> RememberedFile | None:
        """What the file was parsed into when it had that fingerprint."""
        ...

    def remember_file(self, fingerprint: str, outcome: FileOutcome) -> RememberedFile:
        """Store what a file was parsed into."""
        ...

    def versions(self, versions: Iterable[int]) -> list[VersionInfo]:
        """Those that exist, in the order of the version."""
        ...


@dataclass(frozen=True, slots=True)
class ScannedDocument:
    """A document as a source has it now. ``version`` is None where a dry run read it and nothing was stored."""

    document_id: str
    content_hash: str
    passages: int
    version: int | None


@dataclass(frozen=True, slots=True)
class Scan:
    """What the sources hold: each document once, retired ones left out, and what became of each file."""

    documents: dict[str, ScannedDocument]
    files: tuple[FileReport, ...]

    @property
    def versions(self) -> frozenset[int]:
        """The stored versions."""
        return frozenset(document.version for document in self.documents.values() if document.version is not None)

    @property
    def passages(self) -> int:
        """Passages of all documents."""
        return sum(document.passages for document in self.documents.values())


class SourceScanner:
    """Reads the sources of one run."""

    def __init__(
        self, store: FileMemory, retired: frozenset[str], *, full: bool, dry_run: bool, listener: ProgressListener
    ) -> None:
        self._store = store
        self._retired = retired
        self._full = full
        self._dry_run = dry_run
        self._listener = listener

    def scan(self, root: Path, uploads: Path | None) -> Scan:
        """Every source in order; of a document id that several files hold, the first path wins.

        Raises: SourceNotFoundError, StoreError.
        """
        sources = list_sources(root, uploads)
        phase = Phase("reading", len(sources), self._listener)
        documents: dict[str, ScannedDocument] = {}
        owners: dict[str, str] = {}
        files: list[FileReport] = []
        for source in sources:
            found, failures = self._read(source)
            count = 0
            for document in found:
                owner = owners.setdefault(document.document_id, source.path)
                if owner != source.path:
                    failures.append(
                        f"document id {document.document_id!r} is already taken by {owner!r}: left out here; "
                        "give one of the two another id"
                    )
                elif document.document_id not in self._retired:
                    documents[document.document_id] = document
                    count += 1
            files.append(FileReport(source.path, count, joined_failures(failures)))
            phase.advance(1)
        return Scan(documents, tuple(files))

    def _read(self, source: SourceFile) -> tuple[list[ScannedDocument], list[str]]:
        mark = fingerprint(source)
        remembered = None if self._full else self._store.remembered_file(source.path, mark)
        if remembered is None:
            outcome = read_source(source)
            if self._dry_run:
                unstored = [
                    ScannedDocument(prepared.document.id, prepared.content_hash, len(prepared.passages), None)
                    for prepared in outcome.documents
                ]
                return unstored, list(outcome.failures)
            remembered = self._store.remember_file(mark, outcome)
        stored = [
            ScannedDocument(info.document_id, info.content_hash, info.passages, info.version)
            for info in self._store.versions(remembered.versions)
        ]
        return stored, list(remembered.failures)


def difference(before: Mapping[str, str], scan: Scan) -> DocumentCounts:
    """Documents of the sources against those served before (content hash by document id)."""
    now = {document_id: document.content_hash for document_id, document in scan.documents.items()}
    both = before.keys() & now.keys()
    changed = sum(before[document_id] != now[document_id] for document_id in both)
    return DocumentCounts(len(now) - len(both), changed, len(before) - len(both), len(both) - changed)


def guard_removal(before: Mapping[str, str], scan: Scan, retired: frozenset[str]) -> None:
    """Raises: MassRemovalError: most documents have gone from the sources. Retired ones went on purpose."""
    held = before.keys() - retired
    gone = held - scan.documents.keys()
    if len(held) >= GUARDED_DOCUMENTS and len(gone) > len(held) * GUARDED_SHARE:
        raise MassRemovalError(
            f"the sources no longer hold {len(gone)} of {len(held)} documents; nothing was changed, the old index goes "
            "on serving. If a folder is missing or empty by mistake, put it back; if they are to go, run: "
            "yiju index --allow-mass-removal"
        )
