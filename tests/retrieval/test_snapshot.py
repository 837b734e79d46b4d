"""A snapshot is opened whole and fitting, or refused with both values and the cure."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.errors import NoSnapshotError, SnapshotDamagedError, SnapshotMismatchError, SnapshotReadOnlyError
from retrieval.indexing import fit_for
from retrieval.lexical_index import LexicalIndex
from retrieval.manifest import Manifest, corpus_hash
from retrieval.snapshot import Snapshot, current_folder, open_current
from retrieval.snapshot_writer import prune_snapshots, switch
from tests.retrieval.conftest import Library
from tests.retrieval.fakes import HashingEmbedder


@pytest.fixture
def folder(library: Library) -> Path:
    library.index()
    return current_folder(library.index_dir)


def test_the_manifest_says_what_it_was_built_with(library: Library, folder: Path) -> None:
    said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert said["snapshot"] == folder.name
    assert said["fit"]["model_id"] == "hashing"
    assert said["fit"]["dim"] == 64
    assert said["fit"]["chunking"]
    assert (said["documents"], said["passages"]) == (3, 3)
    assert {"vectors.faiss", "versions.npy", "rows.npy", "lexical/meta.json"} <= set(said["checksums"])
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == set(said["checksums"]) | {"manifest.json"}


def test_before_the_first_index_the_cure_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoSnapshotError, match="run: yiju index"):
        open_current(tmp_path)


@pytest.mark.parametrize(
    "name", ["vectors.faiss", "versions.npy", "rows.npy", "documents.json", "lexical/meta.json", "manifest.json"]
)
@pytest.mark.parametrize("damage", ["missing", "short", "other", "empty"])
def test_a_damaged_file_is_named_with_the_cure(folder: Path, name: str, damage: str) -> None:
    path = folder / name
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        # A manifest cut by its last line end is still whole, hence three bytes.
        path.write_bytes({"short": content[:-3], "other": content[:-3] + b"\xff\xff\xff", "empty": b""}[damage])
    with pytest.raises(SnapshotDamagedError, match=r"damaged: .*run: yiju index --full") as failure:
        Snapshot.open(folder)
    assert name.removesuffix(".json") in str(failure.value)


def test_another_model_is_told_with_both_values(library: Library, folder: Path) -> None:
    wanted = fit_for(HashingEmbedder(dim=1024, model_id="bge-m3"))
    with pytest.raises(SnapshotMismatchError) as failure:
        Snapshot.open(folder, wanted)
    for part in (str(folder), "'hashing' (64)", "'bge-m3' (1024)", "run: yiju index --full"):
        assert part in str(failure.value)


def test_another_chunking_is_told_with_both_values(library: Library, folder: Path) -> None:
    wanted = replace(fit_for(library.embedder), chunking="pages-9")
    with pytest.raises(SnapshotMismatchError, match=r"sentences.*'pages-9'.*run: yiju index --full"):
        Snapshot.open(folder, wanted)


def test_another_format_is_told_with_both_values(folder: Path) -> None:
    said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    said["fit"]["format"] = 99
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(SnapshotMismatchError, match=r"format 99, this program reads format \d.*yiju index --full"):
        Snapshot.open(folder)


@pytest.mark.parametrize("content", ["", "../elsewhere", ".building-x", "not-there"])
def test_a_current_that_names_no_snapshot_is_damage(library: Library, folder: Path, content: str) -> None:
    (library.index_dir / "CURRENT").write_text(content)
    with pytest.raises(SnapshotDamagedError, match="run: yiju index --full"):
        open_current(library.index_dir)


def test_counts_that_do_not_agree_are_damage(folder: Path) -> None:
    manifest = Manifest.read(folder)
    replace(manifest, passages=4).write(folder)
    with pytest.raises(SnapshotDamagedError, match="3 vectors, the manifest says 4"):
        Snapshot.open(folder)


def test_rows_know_their_documents(library: Library, folder: Path) -> None:
    snapshot = Snapshot.open(folder)
    for row in snapshot.rows.tolist():
        document = library.store.load_rows([row])[row][1]
        assert snapshot.document_of(row) == document.id
        assert snapshot.rows_of([document.id, "unknown"]) == {row}
    assert snapshot.rows_of([]) == frozenset()
    with pytest.raises(KeyError):
        snapshot.document_of(10**9)
    snapshot.close()


def test_an_open_snapshot_survives_being_pruned(library: Library, folder: Path) -> None:
    snapshot = Snapshot.open(folder)
    for _ in range(3):
        library.index(full=True)
    assert not folder.exists()
    vector = library.embedder.encode_queries(["凉瓜"])[0]
    assert len(snapshot.vectors.search(vector, 3)) == 3
    assert snapshot.lexical.occurs("凉瓜")
    snapshot.close()


def test_pruning_keeps_the_one_that_serves(library: Library, folder: Path) -> None:
    for _ in range(2):
        library.index(full=True)
    switch(library.index_dir, folder.name)
    prune_snapshots(library.index_dir, kept=1)
    assert folder.exists()


def test_the_corpus_hash_does_not_depend_on_order() -> None:
    assert corpus_hash([("a", "1"), ("b", "2")]) == corpus_hash([("b", "2"), ("a", "1")])
    assert corpus_hash([("a", "1")]) != corpus_hash([("a", "2")])


def test_a_read_only_folder_is_not_called_damaged(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> LexicalIndex:
        raise ValueError("Failed to acquire Lockfile: ReadOnlyFilesystem")

    # Root may write everywhere, so that a real folder cannot be made read-only here.
    monkeypatch.setattr("retrieval.snapshot.LexicalIndex", refuse)
    monkeypatch.setattr("retrieval.snapshot.os.access", lambda *_: False)
    with pytest.raises(SnapshotReadOnlyError, match="write access"):
        open_current(library.index_dir)
