"""A snapshot is opened whole and fitting, or refused with both values and the cure."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval import snapshot as snapshot_module
from retrieval.errors import (
    NoSnapshotError,
    SnapshotDamagedError,
    SnapshotMismatchError,
    SnapshotReadOnlyError,
    SnapshotUnknownError,
)
from retrieval.lexical_index import LexicalIndex
from retrieval.manifest import Fit, Manifest
from retrieval.snapshot import Snapshot, current_folder, open_current, snapshot_folder, switch
from retrieval.snapshots import prune
from tests.retrieval.made_snapshots import FIT, STORE, Made, Shelf

DOCUMENTS = [Made(number) for number in range(3)]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "index")


@pytest.fixture
def folder(shelf: Shelf) -> Path:
    shelf.serve(DOCUMENTS)
    return current_folder(shelf.index_dir)


def file_of(folder: Path, name: str) -> Path:
    """A file by its name or by a pattern that only it meets."""
    (found,) = folder.glob(name)
    return found


def test_the_manifest_says_what_it_was_built_with(folder: Path) -> None:
    said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert said["snapshot"] == folder.name
    assert said["fit"] == {
        "model_id": "hashing",
        "dim": 64,
        "chunking": "sentences-1",
        "indexed": FIT.indexed,
        "format": 2,
    }
    assert (said["documents"], said["passages"], said["embedded"]) == (3, 6, 6)
    assert (said["store_id"], said["parent"], said["model"]) == (STORE, None, None)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    locks = {name for name in files if name.endswith(".lock")}
    assert files - locks == set(said["checksums"]) | {"manifest.json"}


def test_before_the_first_index_the_cure_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoSnapshotError, match="run: yiju index"):
        open_current(tmp_path)


FILES = [
    "versions.npy",
    "hashes.npy",
    "counts.npy",
    "rows.npy",
    "dead.npy",
    "documents.json",
    "lexical/meta.json",
    "vectors/*/raw.f16",
    "vectors/*/rows.npy",
    "vectors/*/part.json",
    "manifest.json",
]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "short", "other", "empty"])
def test_a_damaged_file_is_named_with_the_cure(folder: Path, name: str, damage: str) -> None:
    path = file_of(folder, name)
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        # A manifest cut by its last line end is still whole, hence three bytes.
        path.write_bytes({"short": content[:-3], "other": content[:-3] + b"\xff\xff\xff", "empty": b""}[damage])
    with pytest.raises(SnapshotDamagedError, match=r"damaged: .*run: yiju index --full") as failure:
        Snapshot.open(folder)
    assert path.name.removesuffix(".json") in str(failure.value)


def test_a_folder_of_vectors_that_is_gone_is_damage(folder: Path) -> None:
    shutil.rmtree(file_of(folder, "vectors/*"))
    with pytest.raises(SnapshotDamagedError, match="run: yiju index --full"):
        Snapshot.open(folder)


def test_another_model_is_told_with_both_values(folder: Path) -> None:
    with pytest.raises(SnapshotMismatchError) as failure:
        Snapshot.open(folder, Fit(model_id="bge-m3", dim=1024, chunking=FIT.chunking))
    for part in (str(folder), "'hashing' (64)", "'bge-m3' (1024)", "run: yiju index --full"):
        assert part in str(failure.value)


def test_another_chunking_is_told_with_both_values(folder: Path) -> None:
    with pytest.raises(SnapshotMismatchError, match=r"sentences-1.*'pages-9'.*run: yiju index --full"):
        Snapshot.open(folder, replace(FIT, chunking="pages-9"))


@pytest.mark.parametrize("built", [1, 99])
def test_another_format_is_told_with_both_values(folder: Path, built: int) -> None:
    said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    said["fit"]["format"] = built
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(SnapshotMismatchError, match=rf"format {built}, this program reads format 2; run: yiju index$"):
        Snapshot.open(folder)


def test_an_index_of_the_first_format_is_refused_with_the_cure(tmp_path: Path) -> None:
    folder = tmp_path / "snapshots" / "20261122T032650976307-2397f7"
    folder.mkdir(parents=True)
    fit = {"model_id": "hashing", "dim": 64, "chunking": "sentences-1", "indexed": FIT.indexed, "format": 1}
    said = {"snapshot": folder.name, "fit": fit, "corpus_hash": "0", "documents": 0, "passages": 0, "checksums": {}}
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    (tmp_path / "CURRENT").write_text(folder.name)
    with pytest.raises(SnapshotMismatchError, match="run: yiju index"):
        open_current(tmp_path)


@pytest.mark.parametrize("content", ["[]", "null", "{}", '{"fit": {"format": 2}}', '{"fit": 2}', "\ud800"])
def test_a_manifest_that_is_something_else_is_damage(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(SnapshotDamagedError, match="its manifest cannot be read"):
        Snapshot.open(folder)


@pytest.mark.parametrize("content", ["", "../elsewhere", ".building-x", "not-there"])
def test_a_current_that_names_no_snapshot_is_damage(shelf: Shelf, folder: Path, content: str) -> None:
    (shelf.index_dir / "CURRENT").write_text(content)
    with pytest.raises(SnapshotDamagedError, match="run: yiju index --full"):
        open_current(shelf.index_dir)


@pytest.mark.parametrize("count", ["documents", "passages", "embedded"])
def test_counts_that_do_not_agree_are_damage(folder: Path, count: str) -> None:
    manifest = Manifest.read(folder)
    replace(manifest, **{count: 4}).write(folder)  # type: ignore[arg-type]
    with pytest.raises(SnapshotDamagedError, match=r"it holds \d .*, the manifest says 4"):
        Snapshot.open(folder)


def test_rows_know_their_documents(shelf: Shelf, folder: Path) -> None:
    snapshot = Snapshot.open(folder)
    for document in DOCUMENTS:
        assert {snapshot.document_of(row) for row in document.rows} == {document.id}
        assert snapshot.rows_of([document.id, "unknown"]) == frozenset(document.rows)
    assert snapshot.rows_of([]) == frozenset()
    assert snapshot.rows_of([each.id for each in DOCUMENTS]) == frozenset(snapshot.rows.tolist())
    for row in (-1, 3, 10**9):
        with pytest.raises(KeyError):
            snapshot.document_of(row)
    snapshot.close()


def test_documents_are_known_with_version_hash_and_passages(folder: Path) -> None:
    documents = Snapshot.open(folder).documents
    assert [documents.version_at(place) for place in range(len(documents))] == [each.version for each in DOCUMENTS]
    assert documents.counts.tolist() == [2, 2, 2]
    assert documents.places == {each.id: place for place, each in enumerate(DOCUMENTS)}


def test_passages_without_a_vector_are_told(shelf: Shelf) -> None:
    snapshot = shelf.open(shelf.build(DOCUMENTS, embedded=DOCUMENTS[1:]))
    assert snapshot.missing_rows().tolist() == DOCUMENTS[0].rows
    assert snapshot.embedded_share == pytest.approx(4 / 6)
    assert snapshot.lexical.count == 6
    whole = shelf.open(shelf.build(DOCUMENTS))
    assert whole.missing_rows().tolist() == []
    assert whole.embedded_share == 1.0


def test_an_empty_snapshot_opens(shelf: Shelf) -> None:
    snapshot = shelf.open(shelf.build([]))
    assert (len(snapshot.documents), snapshot.rows.tolist(), snapshot.embedded_share) == (0, [], 1.0)
    assert snapshot.rows_of(["document-1"]) == frozenset()
    assert snapshot.vectors.search(np.ones(64, dtype=np.float32), 5) == {}


def test_an_open_snapshot_survives_being_pruned(shelf: Shelf, folder: Path) -> None:
    snapshot = Snapshot.open(folder)
    for _ in range(3):
        shelf.serve(DOCUMENTS)
    prune(shelf.index_dir)
    assert not folder.exists()
    vector = shelf.embedder.encode_queries(["清溪镇修路"])[0]
    assert len(snapshot.vectors.search(vector, 3)) == 3
    assert snapshot.vectors.vectors(DOCUMENTS[2].rows).shape == (2, 64)
    assert snapshot.lexical.occurs("清溪")
    snapshot.close()


def test_snapshots_that_share_vectors_share_them_in_memory(shelf: Shelf, folder: Path) -> None:
    before = Snapshot.open(folder)
    after = shelf.open(shelf.change(before, removed=[]))
    assert after.vectors.parts[0] is before.vectors.parts[0]


def test_a_snapshot_that_was_replaced_while_it_was_opened_gives_way(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = shelf.build(DOCUMENTS)
    look = snapshot_module.current_folder

    def meanwhile(index_dir: Path) -> Path:
        found = look(index_dir)
        if found == folder and folder.exists():
            switch(index_dir, newer)
            shutil.rmtree(folder)
        return found

    monkeypatch.setattr(snapshot_module, "current_folder", meanwhile)
    assert open_current(shelf.index_dir).id == newer


def test_a_read_only_folder_is_not_called_damaged(shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> LexicalIndex:
        raise ValueError("Failed to acquire Lockfile: ReadOnlyFilesystem")

    # Root may write everywhere, so that a real folder cannot be made read-only here.
    monkeypatch.setattr("retrieval.snapshot.LexicalIndex", refuse)
    monkeypatch.setattr("retrieval.snapshot.os.access", lambda *_: False)
    with pytest.raises(SnapshotReadOnlyError, match="write access"):
        open_current(shelf.index_dir)


@pytest.mark.parametrize("name", ["", ".", "..", "../snapshots", ".building-1", "20200101T000000000000-aaaaaa"])
def test_only_a_finished_snapshot_can_be_switched_to(shelf: Shelf, folder: Path, name: str) -> None:
    with pytest.raises(SnapshotUnknownError, match="yiju snapshots list"):
        switch(shelf.index_dir, name)
    with pytest.raises(SnapshotUnknownError):
        snapshot_folder(shelf.index_dir, name)
    assert shelf.current() == folder.name
