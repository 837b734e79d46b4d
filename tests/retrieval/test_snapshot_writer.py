"""A snapshot is written as a change of the one before: what it holds is that of one made anew, and old files stay."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval import durable, snapshot_vectors, snapshot_writer
from retrieval.errors import NoSnapshotError
from retrieval.lexical_index import LexicalIndexWriter
from retrieval.manifest import Manifest, ModelSource, checksum
from retrieval.snapshot import Snapshot, open_current
from retrieval.snapshot_writer import SnapshotWriter
from retrieval.snapshots import list_snapshots
from retrieval.terms import Terms
from retrieval.vectors import write_part
from tests.retrieval.made_snapshots import FIT, STORE, Made, Shelf, contents

DOCUMENTS = [Made(number) for number in range(6)]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "index")


def found(snapshot: Snapshot, row: int, text: str) -> tuple[bool, bool]:
    """Whether a row is found by its words and by its vector's row."""
    probe = snapshot.lexical.prepare(Terms.of(()).question_groups(text))
    return snapshot.lexical.scores(probe, [row])[row] > 0, bool(snapshot.vectors.holds(np.array([row]))[0])


def linked(one: Path, other: Path) -> set[str]:
    """The files of both folders that are one file."""
    names = set(contents(one)) & set(contents(other))
    return {name for name in names if (one / name).samefile(other / name)}


def test_a_change_holds_what_one_made_anew_holds(shelf: Shelf) -> None:
    edited, new = Made(2, edition=1, passages=3), Made(9)
    before = shelf.open(shelf.serve(DOCUMENTS))
    after = shelf.open(shelf.change(before, added=[edited, new], removed=[DOCUMENTS[4]]))
    anew = shelf.open(shelf.build([*DOCUMENTS[:2], edited, DOCUMENTS[3], DOCUMENTS[5], new]))

    assert after.manifest.corpus_hash == anew.manifest.corpus_hash
    assert after.document_ids == anew.document_ids
    assert after.rows.tolist() == anew.rows.tolist()
    assert np.array_equal(after.documents.hashes, anew.documents.hashes)
    assert np.array_equal(after.vectors.vectors(after.rows.tolist()), anew.vectors.vectors(anew.rows.tolist()))
    assert (after.lexical.count, after.missing_rows().tolist()) == (anew.lexical.count, [])
    for gone in (*DOCUMENTS[4].indexed, *DOCUMENTS[2].indexed):
        assert found(after, gone.row, gone.text) == (False, False)
    for there in (*edited.indexed, *new.indexed, *DOCUMENTS[0].indexed):
        assert found(after, there.row, there.text) == (True, True)


documents = st.dictionaries(
    st.integers(0, 5), st.tuples(st.integers(0, 1), st.integers(0, 2), st.booleans()), max_size=5
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(documents, min_size=2, max_size=4), st.booleans())
def test_any_row_of_changes_ends_where_one_made_anew_does(
    tmp_path: Path, states: list[dict[int, tuple[int, int, bool]]], fold: bool
) -> None:
    folder = tmp_path / str(len(list(tmp_path.iterdir())))
    shelf = Shelf(folder)
    snapshot = shelf.open(shelf.build([]))
    held: dict[str, Made] = {}
    for state in states:
        wanted = {made.id: made for made in (Made(number, *each[:2]) for number, each in state.items())}
        with shelf.writer(snapshot) as writer:
            writer.remove(held.keys() - wanted.keys())
            shelf.fill(writer, [made for made in wanted.values() if held.get(made.id) != made], embedded=[])
            shelf.embed(writer, [wanted[Made(number).id] for number, each in state.items() if each[2]])
            snapshot = shelf.open(writer.finish(fold=fold))
        held = wanted
    assert snapshot.document_ids == tuple(
        each.id for each in sorted(held.values(), key=lambda made: made.version.version)
    )
    assert snapshot.rows.tolist() == sorted(row for made in held.values() for row in made.rows)
    assert snapshot.lexical.count == len(snapshot.rows)
    embedded = [row for row in snapshot.rows.tolist() if row not in snapshot.missing_rows().tolist()]
    assert {row for number, each in states[-1].items() if each[2] for row in Made(number, *each[:2]).rows} <= set(
        embedded
    )
    passages = {each.row: each.text for made in held.values() for each in made.indexed}
    expected = shelf.embedder.encode_documents([passages[row] for row in embedded])
    assert np.allclose(snapshot.vectors.vectors(embedded), expected, atol=1e-3)


def test_what_does_not_change_is_shared(shelf: Shelf) -> None:
    before = shelf.open(shelf.serve([Made(number, passages=600) for number in range(4)]))
    after = shelf.open(shelf.change(before, added=[Made(9)]))
    shared = linked(before.folder, after.folder)
    assert f"vectors/{before.vectors.parts[0].name}/raw.f16" in shared
    assert any(name.startswith("lexical/") for name in shared)
    assert after.manifest.parent == before.id


def test_with_vectors_alone_all_else_is_shared(shelf: Shelf) -> None:
    before = shelf.open(shelf.build(DOCUMENTS, embedded=DOCUMENTS[:2]))
    with shelf.writer(before) as writer:
        shelf.embed(writer, DOCUMENTS[2:5])
        after = shelf.open(writer.finish())
    assert (after.manifest.embedded, after.missing_rows().tolist()) == (10, DOCUMENTS[5].rows)
    new = contents(after.folder).keys() - linked(before.folder, after.folder)
    assert {name.split("/")[0] for name in new} == {"vectors", "dead.npy", "manifest.json"}
    assert after.manifest.corpus_hash == before.manifest.corpus_hash


def test_old_snapshots_stay_as_they_were(shelf: Shelf) -> None:
    first = shelf.open(shelf.serve(DOCUMENTS))
    was = contents(first.folder)
    snapshot = first
    for number in range(10, 16):
        snapshot = shelf.open(shelf.change(snapshot, added=[Made(number)], removed=[Made(number - 10)], fold=True))
    assert contents(first.folder) == was
    assert first.id == shelf.current()
    assert first.lexical.count == 12


def test_without_links_files_are_copied(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shelf.open(shelf.serve(DOCUMENTS))

    def refuse(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    after = shelf.open(shelf.change(before, added=[Made(9)]))
    assert linked(before.folder, after.folder) == set()
    assert after.lexical.count == 14
    assert after.missing_rows().tolist() == []


def test_a_version_that_comes_back_has_its_vectors_again(shelf: Shelf) -> None:
    before = shelf.open(shelf.serve([*DOCUMENTS, Made(6, passages=1200)]))
    edited = shelf.open(shelf.change(before, added=[Made(2, edition=1)]))
    assert np.load(edited.folder / "dead.npy").tolist() == DOCUMENTS[2].rows
    with shelf.writer(edited) as writer:
        shelf.fill(writer, [DOCUMENTS[2]], embedded=[])
        undone = shelf.open(writer.finish())
    assert undone.missing_rows().tolist() == []
    assert np.array_equal(undone.vectors.vectors(DOCUMENTS[2].rows), before.vectors.vectors(DOCUMENTS[2].rows))
    assert undone.manifest.corpus_hash == before.manifest.corpus_hash


def test_vectors_of_passages_that_are_not_there_are_left_out(shelf: Shelf) -> None:
    with shelf.writer() as writer:
        shelf.embed(writer, [Made(7), DOCUMENTS[0], DOCUMENTS[0]])
        shelf.fill(writer, DOCUMENTS[:2])
        snapshot = shelf.open(writer.finish())
    assert snapshot.vectors.count == 4


def test_large_parts_wait_for_a_run_that_has_the_time(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_vectors, "FOLDED_AT_ONCE", 100)
    snapshot = shelf.open(shelf.build([Made(0, passages=120)]))
    for number in range(1, 5):
        snapshot = shelf.open(shelf.change(snapshot, added=[Made(number, passages=30)]))
    counts = sorted(part.count for part in snapshot.vectors.parts)
    assert (counts[-1], sum(counts)) == (120, 240)
    assert len(counts) > 1
    folded = shelf.open(shelf.change(snapshot, fold=True))
    assert [part.count for part in folded.vectors.parts] == [240]
    assert np.array_equal(folded.vectors.vectors(folded.rows.tolist()), snapshot.vectors.vectors(folded.rows.tolist()))


def test_many_changes_leave_few_parts(shelf: Shelf) -> None:
    snapshot = shelf.open(shelf.build(DOCUMENTS))
    for number in range(10, 40):
        snapshot = shelf.open(shelf.change(snapshot, added=[Made(number)], removed=[Made(number - 5)]))
    assert len(snapshot.vectors.parts) <= 8
    assert len(list((snapshot.folder / "vectors").iterdir())) == len(snapshot.vectors.parts)


def test_parts_without_a_live_vector_are_dropped(shelf: Shelf) -> None:
    before = shelf.open(shelf.build(DOCUMENTS))
    after = shelf.open(shelf.change(before, removed=DOCUMENTS))
    assert after.vectors.parts == ()
    assert (after.manifest.documents, after.manifest.passages, after.manifest.embedded) == (0, 0, 0)


def test_the_model_is_remembered(shelf: Shelf) -> None:
    source = ModelSource(name="bundled", backend="onnx-int8")
    with SnapshotWriter(shelf.index_dir, FIT, base=None, model=source, store_id=STORE) as writer:
        assert shelf.open(writer.finish()).manifest.model == source


@pytest.mark.parametrize(
    ("fit", "store_id"), [(replace(FIT, model_id="other"), STORE), (replace(FIT, chunking="x"), STORE), (FIT, "other")]
)
def test_a_base_of_another_kind_is_refused(shelf: Shelf, fit: object, store_id: str) -> None:
    base = shelf.open(shelf.build(DOCUMENTS))
    with pytest.raises(ValueError, match="cannot be changed"):
        shelf.writer(base, fit=fit, store_id=store_id)  # type: ignore[arg-type]


def test_misuse_is_told(shelf: Shelf) -> None:
    with shelf.writer() as writer:
        writer.add([DOCUMENTS[0].version], DOCUMENTS[0].indexed)
        with pytest.raises(ValueError, match="passage 2000 is of 'document-1', which was not added"):
            writer.add([], DOCUMENTS[1].indexed)
        with pytest.raises(ValueError, match="'document-0' was added"):
            writer.remove([DOCUMENTS[0].id])
        with pytest.raises(ValueError, match="'document-0' was added"):
            writer.add([DOCUMENTS[0].version], [])
        with pytest.raises(ValueError, match=r"shape \(2, 3\)"):
            writer.add_vectors([1, 2], np.zeros((2, 3), dtype=np.float32))


def test_left_without_finish_nothing_is_there(shelf: Shelf) -> None:
    base = shelf.open(shelf.serve(DOCUMENTS))
    was = contents(shelf.index_dir)
    with shelf.writer(base) as writer:
        shelf.fill(writer, [Made(9)])
        writer.remove([DOCUMENTS[0].id])
    assert contents(shelf.index_dir) == was


def test_a_finished_snapshot_does_not_serve_yet(shelf: Shelf) -> None:
    made = shelf.build(DOCUMENTS)
    assert [each.id for each in list_snapshots(shelf.index_dir)] == [made]
    with pytest.raises(NoSnapshotError):
        open_current(shelf.index_dir)


def test_ids_ascend_where_the_clock_is_set_back(shelf: Shelf) -> None:
    first = shelf.build(DOCUMENTS[:1])
    later = shelf.index_dir / "snapshots" / first.replace(first[:4], "2999", 1)
    shutil.copytree(shelf.index_dir / "snapshots" / first, later)
    assert shelf.build(DOCUMENTS[:1]) > later.name


def test_checksums_are_those_of_the_files(shelf: Shelf) -> None:
    base = shelf.open(shelf.build(DOCUMENTS))
    after = shelf.open(shelf.change(base, added=[Made(9)]))
    manifest = Manifest.read(after.folder)
    assert {name: checksum(after.folder / name) for name in manifest.checksums} == manifest.checksums


def test_opening_what_was_just_written_reads_no_file_for_its_checksum(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = shelf.change(shelf.open(shelf.build(DOCUMENTS)), added=[Made(9)])

    def refuse(path: Path) -> str:
        raise AssertionError(path)

    monkeypatch.setattr("retrieval.verified.checksum", refuse)
    assert shelf.open(made).manifest.documents == 7


def test_all_is_synced_before_the_snapshot_has_its_name(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    base = shelf.open(shelf.build(DOCUMENTS))
    synced: set[int] = {path.stat().st_ino for path in base.folder.rglob("*")}
    sync, rename = durable.sync, durable.rename
    unsynced: list[str] = []

    def note(path: Path) -> None:
        sync(path)
        synced.add(path.stat().st_ino)

    def look(source: Path, target: Path) -> None:
        if source.is_dir():
            everything = (source, *source.rglob("*"))
            unsynced.extend(path.name for path in everything if path.stat().st_ino not in synced)
        rename(source, target)

    monkeypatch.setattr(durable, "sync", note)
    monkeypatch.setattr(durable, "rename", look)
    shelf.change(base, added=[Made(9)], removed=[DOCUMENTS[1]])
    assert [name for name in unsynced if not name.endswith(".lock")] == []
    # The name itself: its folder was synced after the rename.
    assert (shelf.index_dir / "snapshots").stat().st_ino in synced


def test_a_part_cut_short_without_a_word_is_found(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    write = write_part

    def lose_the_end(folder: Path, rows: object, vectors: object, *, dim: int) -> None:
        write(folder, rows, vectors, dim=dim)  # type: ignore[arg-type]
        raw = folder / "raw.f16"
        os.truncate(raw, raw.stat().st_size - 16)

    monkeypatch.setattr(snapshot_vectors, "write_part", lose_the_end)
    with pytest.raises(OSError, match=r"raw\.f16"):
        shelf.build(DOCUMENTS)
    assert list((shelf.index_dir / "snapshots").iterdir()) == []


def test_words_that_got_lost_are_found(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    add = LexicalIndexWriter.add

    def lose(writer: LexicalIndexWriter, row: int, title: str, heading: str | None, text: str, *, label: str) -> None:
        add(writer, row, "", None, "")

    monkeypatch.setattr(LexicalIndexWriter, "add", lose)
    with pytest.raises(OSError, match="the words of row"):
        shelf.build(DOCUMENTS)


def test_vectors_under_other_rows_are_found(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    write = write_part

    def shuffle(folder: Path, rows: object, vectors: object, *, dim: int) -> None:
        blocks = [block[::-1] for block in vectors]  # type: ignore[attr-defined]
        write(folder, rows, blocks, dim=dim)  # type: ignore[arg-type]

    monkeypatch.setattr(snapshot_vectors, "write_part", shuffle)
    with pytest.raises(OSError, match="the vector of row 0 is not found again"):
        shelf.build(DOCUMENTS)


@pytest.mark.parametrize("step", ["changed", "checksum", "assemble_parts"])
def test_a_failure_half_way_leaves_what_was_there(shelf: Shelf, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    base = shelf.open(shelf.serve(DOCUMENTS))
    was = contents(shelf.index_dir)

    def fail(*unused: object, **unused_too: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(snapshot_writer, step, fail)
    with pytest.raises(OSError, match="No space left"):
        shelf.change(base, added=[Made(9)])
    assert contents(shelf.index_dir) == was
