"""Which documents a snapshot serves and which passage rows belong to which.

All of it is arrays, so that a change of a few documents costs no loop over all of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]

VERSIONS, HASHES, COUNTS = "versions.npy", "hashes.npy", "counts.npy"
DOCUMENT_IDS, ROWS = "documents.json", "rows.npy"
TABLES = (VERSIONS, HASHES, COUNTS, DOCUMENT_IDS, ROWS)
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """A document version that the snapshot serves. ``content_hash``: SHA-256 in hex."""

    version: int
    document_id: str
    content_hash: str


@dataclass(frozen=True)
class SnapshotDocuments:
    """The documents of a snapshot in the order of their versions; a document's place is its position in it.

    ``versions``: int64, shape (n,), ascending. ``hashes``: the content hashes, uint8, shape (n, 32). ``counts``: how
    many passages each has, int64, shape (n,).
    """

    ids: tuple[str, ...]
    versions: Rows
    hashes: npt.NDArray[np.uint8]
    counts: Rows

    @classmethod
    def none(cls) -> SnapshotDocuments:
        """No documents at all."""
        nothing = np.zeros(0, dtype=np.int64)
        return cls((), nothing, np.zeros((0, _HASH_BYTES), dtype=np.uint8), nothing)

    @classmethod
    def load(cls, folder: Path) -> SnapshotDocuments:
        """From a snapshot's folder. Raises: OSError, ValueError: a file is missing or holds something else."""
        ids = tuple(json.loads((folder / DOCUMENT_IDS).read_text(encoding="utf-8")))
        versions, hashes, counts = (np.load(folder / name) for name in (VERSIONS, HASHES, COUNTS))
        for name, array in ((VERSIONS, versions), (HASHES, hashes), (COUNTS, counts)):
            if len(array) != len(ids):
                raise ValueError(f"{name} tells of {len(array)} documents, {DOCUMENT_IDS} of {len(ids)}")
        return cls(ids, versions, hashes, counts)

    def write(self, folder: Path) -> None:
        """Into a snapshot's folder, not synced. Raises: OSError."""
        (folder / DOCUMENT_IDS).write_text(json.dumps(self.ids), encoding="utf-8")
        np.save(folder / VERSIONS, self.versions)
        np.save(folder / HASHES, self.hashes)
        np.save(folder / COUNTS, self.counts)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each document by its id."""
        return {document_id: place for place, document_id in enumerate(self.ids)}

    def places_of(self, document_ids: Collection[str]) -> Rows:
        """The places of those of the documents that are here, ascending."""
        found = [place for document_id in document_ids if (place := self.places.get(document_id)) is not None]
        return np.unique(np.array(found, dtype=np.int64))

    def version_at(self, place: int) -> LiveVersion:
        """The document at a place."""
        return LiveVersion(int(self.versions[place]), self.ids[place], self.hashes[place].tobytes().hex())


class PassageRows:
    """Every passage row, ascending, and the place of its document."""

    def __init__(self, rows: Rows, places: npt.NDArray[np.integer]) -> None:
        """``rows``: int64, shape (n,), ascending; ``places``: shape (n,)."""
        self.rows = np.ascontiguousarray(rows, dtype=np.int64)
        self.places = np.ascontiguousarray(places, dtype=np.int32)

    @classmethod
    def none(cls) -> PassageRows:
        """No passages at all."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32))

    @classmethod
    def load(cls, folder: Path) -> PassageRows:
        """From a snapshot's folder. Raises: OSError, ValueError."""
        table = np.load(folder / ROWS)
        if table.ndim != 2 or table.shape[1] != 2:
            raise ValueError(f"{ROWS} has shape {table.shape}, expected (n, 2)")
        return cls(table[:, 0], table[:, 1])

    def write(self, folder: Path) -> None:
        """Into a snapshot's folder, not synced. Raises: OSError."""
        np.save(folder / ROWS, np.column_stack((self.rows, self.places.astype(np.int64))))

    def __len__(self) -> int:
        return len(self.rows)

    def holds(self, row: int) -> bool:
        """Whether the row is here."""
        found = int(np.searchsorted(self.rows, row))
        return found < len(self.rows) and int(self.rows[found]) == row

    def place_of(self, row: int) -> int:
        """The place of the document of a row. Raises: KeyError: the row is not here."""
        if not self.holds(row):
            raise KeyError(row)
        return int(self.places[np.searchsorted(self.rows, row)])

    def at(self, places: Rows) -> Rows:
        """The rows of the documents at some places, ascending."""
        if not len(places) or not len(self):
            return self.rows[:0]
        wanted = np.zeros(max(int(self.places.max()), int(places.max())) + 1, dtype=np.bool_)
        wanted[places] = True
        return self.rows[wanted[self.places]]


def changed(
    documents: SnapshotDocuments,
    rows: PassageRows,
    *,
    removed: Rows,
    added: Sequence[LiveVersion],
    added_rows: Rows,
    owners: Rows,
) -> tuple[SnapshotDocuments, PassageRows]:
    """The documents and rows after a change.

    ``removed``: places that go. ``added_rows``: passages of the added documents, ``owners`` the number in ``added`` of
    each one's document, both of shape (n,). Raises: ValueError: a version, id or row would come twice.
    """
    kept = np.ones(len(documents), dtype=np.bool_)
    kept[removed] = False
    versions = np.concatenate([documents.versions[kept], np.array([each.version for each in added], dtype=np.int64)])
    order = np.argsort(versions, kind="stable")
    place_after = np.empty(len(order), dtype=np.int64)
    place_after[order] = np.arange(len(order))
    old_place = np.where(kept, place_after[np.cumsum(kept) - 1] if len(order) else -1, -1)
    new_place = place_after[len(order) - len(added) :]

    kept_rows = kept[rows.places]
    all_rows = np.concatenate([rows.rows[kept_rows], added_rows])
    places = np.concatenate([old_place[rows.places[kept_rows]], new_place[owners]])
    by_row = np.argsort(all_rows, kind="stable")
    after = PassageRows(all_rows[by_row], places[by_row])
    _refuse_twice("row", after.rows)
    _refuse_twice("version", versions[order])

    ids = np.array(documents.ids, dtype=object)[kept].tolist() + [each.document_id for each in added]
    hashes = np.frombuffer(b"".join(bytes.fromhex(each.content_hash) for each in added), dtype=np.uint8)
    made = SnapshotDocuments(
        tuple(np.array(ids, dtype=object)[order].tolist()),
        versions[order],
        np.concatenate([documents.hashes[kept], hashes.reshape(-1, _HASH_BYTES)])[order],
        np.bincount(after.places, minlength=len(order)).astype(np.int64),
    )
    if len(set(made.ids)) != len(made.ids):
        raise ValueError("a document id comes twice")
    return made, after


def _refuse_twice(name: str, ascending: Rows) -> None:
    twice = ascending[1:][ascending[1:] == ascending[:-1]]
    if len(twice):
        raise ValueError(f"{name} {int(twice[0])} comes twice")
