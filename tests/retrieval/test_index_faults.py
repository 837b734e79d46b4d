"""Crashes, full disks and read-only folders while an index is built: the old one serves on."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from embeddings.embedder import Vectors
from retrieval import snapshot_vectors
from retrieval.errors import IndexingFailedError, IndexLockedError
from retrieval.vectors import write_part
from tests.retrieval.conftest import Library
from tests.retrieval.fakes import HashingEmbedder, MemoryCache

# An index run in another process that stops, holding everything, at the point it is told, or fails on large files.
RUN = """
import resource, sys, time
from pathlib import Path
from corpus.database import open_database
from corpus.store import DocumentStore
from retrieval import publishing, snapshot_writer
from retrieval.indexing import Indexer
from tests.retrieval.fakes import HashingEmbedder, MemoryCache

folder, point = Path(sys.argv[1]), sys.argv[2]

def stop(*unused, **unused_too):
    print("stopped", flush=True)
    time.sleep(60)

if point == "embedding":
    HashingEmbedder.encode_documents = stop
elif point == "writing":
    snapshot_writer.SnapshotWriter.finish = stop
elif point == "before the switch":
    publishing.switch = stop
elif point == "after the switch":
    publishing.prune = stop
store = DocumentStore(open_database(f"sqlite:///{folder / 'yiju.db'}"))
if point == "small files only":
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    HashingEmbedder.__init__.__defaults__ = (40_000, "wide")
try:
    Indexer(store, HashingEmbedder(), MemoryCache(), folder / "index").run(folder / "corpus")
except Exception as error:
    print(type(error).__name__, error, flush=True)
"""


def start(library: Library, point: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(RUN), str(library.folder), point],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def building(library: Library) -> list[str]:
    return [path.name for path in (library.index_dir / "snapshots").iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("point", ["embedding", "writing", "before the switch", "after the switch"])
def test_a_run_that_is_killed_leaves_an_index_that_answers(library: Library, point: str) -> None:
    before = library.index()
    library.write("cha.txt", "凤凰山茶园开采\n\n凤凰山茶园今春采茶1200斤。\n")
    process = start(library, point)
    assert said(process) == "stopped"
    with pytest.raises(IndexLockedError, match=f"process {process.pid} "):
        library.index()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (library.current() == before.snapshot) == (point != "after the switch")
    assert library.titles("凉瓜产值")[0] == "清溪镇凉瓜丰收"
    library.index()
    assert library.titles("凤凰山采茶")[0] == "凤凰山茶园开采"
    assert building(library) == []


def test_a_crash_loses_at_most_one_batch_of_vectors(library: Library) -> None:
    library.write_many(17)
    with pytest.raises(RuntimeError, match="power"):
        library.indexer(HashingEmbedder(fail_after=12), embedding_batch=5).run(library.sources)
    assert len(library.cache.vectors) == 10
    assert library.index().embedded == 10


class FullCache(MemoryCache):
    """A cache on a full disk."""

    def store(self, model_id: str, keys: Sequence[bytes], vectors: Vectors) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_for_vectors_is_told_with_what_was_kept(library: Library) -> None:
    before = library.index()
    library.write("cha.txt", "凤凰山茶园开采\n\n凤凰山茶园今春采茶1200斤。\n")
    full, library.cache = library.cache, FullCache()
    with pytest.raises(IndexingFailedError, match="No space left on device") as failure:
        library.index()
    assert f"index '{before.snapshot}' goes on serving" in str(failure.value)
    assert "yiju index" in str(failure.value)
    library.cache = full
    assert library.index().documents.added == 1


def test_a_full_disk_for_the_index_removes_what_was_half_built(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = library.index()
    library.write("cha.txt", "凤凰山茶园开采\n\n凤凰山茶园今春采茶1200斤。\n")

    def fail(folder: Path, *_: object, **__: object) -> None:
        folder.mkdir()
        (folder / "raw.f16").write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(snapshot_vectors, "write_part", fail)
        with pytest.raises(IndexingFailedError, match="No space left"):
            library.index()
    assert (building(library), library.current()) == ([], before.snapshot)
    assert library.titles("凉瓜产值")[0] == "清溪镇凉瓜丰收"
    assert library.index().embedded == 0


def test_a_vector_file_cut_short_without_a_word_is_found_before_the_switch(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = library.index()

    def lose_the_end(folder: Path, rows: Any, vectors: Any, *, dim: int) -> None:
        write_part(folder, rows, vectors, dim=dim)
        os.truncate(folder / "raw.f16", (folder / "raw.f16").stat().st_size - 16)

    with monkeypatch.context() as patched:
        patched.setattr(snapshot_vectors, "write_part", lose_the_end)
        with pytest.raises(IndexingFailedError, match=r"raw\.f16"):
            library.index(full=True)
    assert library.current() == before.snapshot


def test_the_limit_of_the_system_on_file_sizes_is_survived(library: Library) -> None:
    before = library.index()
    process = start(library, "small files only")
    output = process.communicate(timeout=60)[0]
    assert output.startswith("IndexingFailedError")
    assert before.snapshot is not None
    assert before.snapshot in output
    assert (building(library), library.current()) == ([], before.snapshot)
    assert library.titles("凉瓜产值")[0] == "清溪镇凉瓜丰收"


@pytest.fixture
def small_disk(tmp_path: Path) -> object:
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no mount command")
    if mounted.returncode:
        pytest.skip(f"a tmpfs cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_really_full(library: Library, small_disk: Path) -> None:
    embedder = HashingEmbedder(dim=40_000, model_id="wide")
    from retrieval.indexing import Indexer

    with pytest.raises(IndexingFailedError, match=r"there is no older index.*Free space"):
        Indexer(library.store, embedder, library.cache, small_disk / "index").run(library.sources)
    assert not (small_disk / "index" / "CURRENT").exists()
    assert list((small_disk / "index" / "snapshots").iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(library: Library) -> None:
    library.index_dir.mkdir()
    library.index_dir.chmod(0o500)
    try:
        with pytest.raises(IndexingFailedError, match="index"):
            library.index()
    finally:
        library.index_dir.chmod(0o700)


def test_a_data_folder_that_is_a_file_is_named(library: Library) -> None:
    library.index_dir.write_text("")
    with pytest.raises(IndexingFailedError, match="index"):
        library.index()


def test_what_a_dead_run_left_is_removed(library: Library) -> None:
    library.index()
    left = library.index_dir / "snapshots" / ".building-dead"
    left.mkdir()
    (left / "rows.npy").write_bytes(b"half")
    library.index(full=True)
    assert building(library) == []
    assert time.time() > 0
