"""The tables of documents and rows after any change are those of a table made anew, by a brute-force oracle."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.snapshot_documents import HASHES, ROWS, LiveVersion, PassageRows, SnapshotDocuments, changed

# Document number -> (edition, passages).
shelves = st.dictionaries(st.integers(0, 12), st.tuples(st.integers(0, 2), st.integers(0, 4)), max_size=10)
Content = dict[int, tuple[int, int]]


def version(number: int, edition: int) -> LiveVersion:
    # Versions in another order than numbers.
    return LiveVersion((number * 7) % 13 + 13 * edition, f"文档{number}", f"{number:032x}{edition:032x}")


def rows_of(number: int, edition: int, passages: int) -> list[int]:
    return [version(number, edition).version * 10 + part for part in range(passages)]


def apply(
    documents: SnapshotDocuments, rows: PassageRows, removed: list[int], added: Content
) -> tuple[SnapshotDocuments, PassageRows]:
    versions = [version(number, edition) for number, (edition, _) in added.items()]
    new = [
        (row, owner)
        for owner, (number, (edition, passages)) in enumerate(added.items())
        for row in rows_of(number, edition, passages)
    ]
    table = np.array(new, dtype=np.int64).reshape(-1, 2)
    places = documents.places_of([f"文档{number}" for number in removed])
    return changed(documents, rows, removed=places, added=versions, added_rows=table[:, 0], owners=table[:, 1])


def anew(content: Content) -> tuple[SnapshotDocuments, PassageRows]:
    return apply(SnapshotDocuments.none(), PassageRows.none(), [], content)


@given(shelves, shelves)
def test_a_change_makes_what_is_made_anew(before: Content, after: Content) -> None:
    documents, rows = anew(before)
    gone = [number for number in before if before[number] != after.get(number)]
    come = {number: each for number, each in after.items() if before.get(number) != each}
    documents, rows = apply(documents, rows, gone, come)

    ordered = sorted(after, key=lambda number: version(number, after[number][0]).version)
    expected = [version(number, after[number][0]) for number in ordered]
    assert [documents.version_at(place) for place in range(len(documents))] == expected
    assert documents.counts.tolist() == [after[number][1] for number in ordered]
    assert documents.hashes.shape == (len(after), 32)
    owners = {
        row: f"文档{number}" for number, (edition, count) in after.items() for row in rows_of(number, edition, count)
    }
    assert rows.rows.tolist() == sorted(owners)
    assert {row: documents.ids[rows.place_of(row)] for row in rows.rows.tolist()} == owners
    for number, (edition, count) in after.items():
        assert rows.at(documents.places_of([f"文档{number}"])).tolist() == rows_of(number, edition, count)
    assert rows.at(np.arange(len(documents))).tolist() == rows.rows.tolist()


@given(shelves)
def test_tables_are_read_as_they_were_written(content: Content) -> None:
    documents, rows = anew(content)
    with TemporaryDirectory() as name:
        documents.write(Path(name))
        rows.write(Path(name))
        again, rows_again = SnapshotDocuments.load(Path(name)), PassageRows.load(Path(name))
    assert again.ids == documents.ids
    for one, other in (
        (again.versions, documents.versions),
        (again.hashes, documents.hashes),
        (again.counts, documents.counts),
        (rows_again.rows, rows.rows),
        (rows_again.places, rows.places),
    ):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


def test_nothing_comes_twice() -> None:
    documents, rows = anew({1: (0, 2)})
    with pytest.raises(ValueError, match="row 70 comes twice"):
        apply(documents, rows, [], {1: (0, 2)})
    with pytest.raises(ValueError, match="version 7 comes twice"):
        apply(documents, rows, [], {1: (0, 0)})
    with pytest.raises(ValueError, match="a document id comes twice"):
        apply(documents, rows, [], {1: (1, 2)})


def test_tables_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    documents, rows = anew({1: (0, 2), 2: (0, 1)})
    documents.write(tmp_path)
    rows.write(tmp_path)
    np.save(tmp_path / HASHES, documents.hashes[:1])
    with pytest.raises(ValueError, match=r"hashes\.npy tells of 1 documents, documents\.json of 2"):
        SnapshotDocuments.load(tmp_path)
    np.save(tmp_path / ROWS, rows.rows)
    with pytest.raises(ValueError, match=r"rows\.npy has shape \(3,\)"):
        PassageRows.load(tmp_path)
