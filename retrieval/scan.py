"""Sources to the documents they hold now, reading only the files that changed, and the difference to a snapshot.

What is known already is taken in bulk: remembered files in one question to the store, their documents from the arrays
of the serving snapshot. So an unchanged corpus costs little more than looking at its files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from corpus.documents import FileOutcome, StoredLine
from corpus.intake import SourceFile, fingerprint, has_lines, read_source
from corpus.store_rows import RememberedFile, VersionInfo
from retrieval.errors import MassRemovalError
from retrieval.index_report import DocumentCounts, FileReport, Phase, ProgressListener, joined_failures
from retrieval.manifest import corpus_hash

# The guard of the contract: more than this share of at least so many documents.
GUARDED_DOCUMENTS, GUARDED_SHARE = 20, 0.5


class FileMemory(Protocol):
    """What a scan needs of the store."""

    def remembered_files(self, fingerprints: Mapping[str, str]) -> dict[str, RememberedFile]:
        """For each path whose fingerprint was seen, what it was parsed into."""
        ...

    def known_lines(self, path: str) -> Mapping[bytes, StoredLine]:
        """What the lines of a file became when it was read last, by mark."""
        ...

    def remember_file(self, fingerprint: str, outcome: FileOutcome) -> RememberedFile:
        """Store what a file was parsed into."""
        ...

    def versions(self, versions: Iterable[int]) -> list[VersionInfo]:
        """Those that exist, in the order of the version."""
        ...


class HeldDocuments(Protocol):
    """Documents of a snapshot, a place each: ``hashes`` has shape (n, 32), the others (n,)."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Document ids."""
        ...

    @property
    def versions(self) -> npt.NDArray[np.int64]:
        """Their versions."""
        ...

    @property
    def hashes(self) -> npt.NDArray[np.uint8]:
        """Their content hashes."""
        ...

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """How many passages each has."""
        ...


@dataclass(frozen=True, slots=True)
class ScannedDocument:
    """A document as a source has it now.

    Where a dry run read it and nothing was stored, ``version`` is None and ``title`` is there.
    """

    document_id: str
    content_hash: str
    passages: int
    version: int | None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """What the sources hold: each document once, retired ones left out, and what became of each file.

    ``failures``: by path, all of them. ``named``: every stored version that a file has now, served or not.
    """

    documents: dict[str, ScannedDocument]
    files: tuple[FileReport, ...]
    failures: dict[str, list[str]]
    named: frozenset[int]

    @property
    def versions(self) -> frozenset[int]:
        """The stored versions that are to be served."""
        return frozenset(document.version for document in self.documents.values() if document.version is not None)

    @property
    def passages(self) -> int:
        """Passages of all documents."""
        return sum(document.passages for document in self.documents.values())

    def corpus_hash(self) -> str:
        """What the manifest of a snapshot of just these documents says."""
        return corpus_hash((document.document_id, document.content_hash) for document in self.documents.values())


@dataclass(frozen=True, slots=True)
class _ReadFile:
    """One file: the versions it was parsed into, or in a dry run the documents that nobody stored."""

    path: str
    versions: Sequence[int]
    unstored: Sequence[ScannedDocument]
    failures: Sequence[str]


class SourceScanner:
    """Reads the sources of one run. ``held``: documents of a snapshot of the same store, which need no look-up."""

    def __init__(
        self,
        store: FileMemory,
        retired: frozenset[str],
        *,
        held: HeldDocuments | None = None,
        full: bool,
        dry_run: bool,
        listener: ProgressListener,
    ) -> None:
        self._store = store
        self._retired = retired
        self._held = held
        self._full = full
        self._dry_run = dry_run
        self._listener = listener

    def scan(self, sources: Sequence[SourceFile]) -> Scan:
        """Every source in order; of a document id that several files hold, the first path wins. Raises: StoreError."""
        phase = Phase("reading", len(sources), self._listener)
        marks = {source.path: fingerprint(source) for source in sources}
        known = {} if self._full else self._store.remembered_files(marks)
        phase.advance(len(known), worked=False)
        read: list[_ReadFile] = []
        for source in sources:
            remembered = known.get(source.path)
            if remembered is None:
                # Looked at anew: it may have changed meanwhile, and what is remembered must be what is read.
                read.append(self._read(source, fingerprint(source)))
                phase.advance(1)
            else:
                read.append(_ReadFile(source.path, remembered.versions, (), remembered.failures))
        return self._joined(read)

    def _read(self, source: SourceFile, mark: str) -> _ReadFile:
        known = self._store.known_lines(source.path) if has_lines(source) and not self._full else {}
        outcome = read_source(source, known)
        if not self._dry_run:
            remembered = self._store.remember_file(mark, outcome)
            return _ReadFile(source.path, remembered.versions, (), remembered.failures)
        stored = [line.stored.version for line in outcome.lines if line.stored is not None]
        unstored = [
            ScannedDocument(each.document.id, each.content_hash, len(each.passages), None, each.document.title)
            for each in outcome.documents
        ]
        return _ReadFile(source.path, stored, unstored, outcome.failures)

    def _joined(self, read: Sequence[_ReadFile]) -> Scan:
        stored = self._stored([version for file in read for version in file.versions])
        documents: dict[str, ScannedDocument] = {}
        owners: dict[str, str] = {}
        reports: list[FileReport] = []
        failures: dict[str, list[str]] = {}
        for file in read:
            told = list(file.failures)
            count = 0
            for document in (*(stored[version] for version in file.versions), *file.unstored):
                owner = owners.setdefault(document.document_id, file.path)
                if owner != file.path:
                    told.append(
                        f"document id {document.document_id!r} is already taken by {owner!r}: left out here; "
                        "give one of the two another id"
                    )
                elif document.document_id not in self._retired:
                    documents[document.document_id] = document
                    count += 1
            reports.append(FileReport(file.path, count, joined_failures(told)))
            if told:
                failures[file.path] = told
        return Scan(documents, tuple(reports), failures, frozenset(stored))

    def _stored(self, versions: Sequence[int]) -> dict[int, ScannedDocument]:
        """The documents of stored versions, from the snapshot where it has them, else from the store."""
        found: dict[int, ScannedDocument] = {}
        if self._held is not None:
            wanted = set(versions)
            places = [place for place, version in enumerate(self._held.versions.tolist()) if version in wanted]
            found = {document.version: document for document in _held_at(self._held, places) if document.version}
        for info in self._store.versions(version for version in versions if version not in found):
            found[info.version] = ScannedDocument(info.document_id, info.content_hash, info.passages, info.version)
        return found


def _held_at(held: HeldDocuments, places: Sequence[int]) -> Iterable[ScannedDocument]:
    hashes = held_hashes(held)
    versions, counts, ids = held.versions.tolist(), held.counts.tolist(), held.ids
    return (ScannedDocument(ids[place], hashes[place], counts[place], versions[place]) for place in places)


def held_hashes(held: HeldDocuments) -> list[str]:
    """The content hashes of a snapshot's documents in hex, in their order."""
    digits = held.hashes.tobytes().hex()
    return [digits[start : start + 64] for start in range(0, len(digits), 64)]


def difference(before: Mapping[str, str], scan: Scan) -> DocumentCounts:
    """Documents of the sources against those served before (content hash by document id)."""
    now = {document_id: document.content_hash for document_id, document in scan.documents.items()}
    both = before.keys() & now.keys()
    changed = sum(before[document_id] != now[document_id] for document_id in both)
    return DocumentCounts(len(now) - len(both), changed, len(before) - len(both), len(both) - changed)


def guard_removal(before: Mapping[str, str], scan: Scan, retired: frozenset[str]) -> None:
    """Raises: MassRemovalError: most documents have gone from the sources. Retired ones went on purpose."""
    held, gone = _held_and_gone(before, scan, retired)
    if is_mass_removal(before, scan, retired):
        raise MassRemovalError(
            f"the sources no longer hold {gone} of {held} documents; nothing was changed, the old index goes "
            "on serving. If a folder is missing or empty by mistake, put it back; if they are to go, run: "
            "yiju index --allow-mass-removal"
        )


def is_mass_removal(before: Mapping[str, str], scan: Scan, retired: frozenset[str]) -> bool:
    """Whether ``guard_removal`` stops the run."""
    held, gone = _held_and_gone(before, scan, retired)
    return held >= GUARDED_DOCUMENTS and gone > held * GUARDED_SHARE


def _held_and_gone(before: Mapping[str, str], scan: Scan, retired: frozenset[str]) -> tuple[int, int]:
    held = before.keys() - retired
    return len(held), len(held - scan.documents.keys())
