"""The serving snapshot is exchanged without a restart and without cutting off a search."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from retrieval.errors import NoSnapshotError, SnapshotDamagedError, SnapshotMismatchError
from retrieval.indexing import fit_for
from retrieval.live import LiveIndex
from retrieval.snapshot import Snapshot
from tests.retrieval.conftest import Library
from tests.retrieval.fakes import HashingEmbedder


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(library: Library, clock: Clock) -> LiveIndex:
    return LiveIndex(library.index_dir, fit_for(library.embedder), clock=clock)


def test_before_the_first_index_there_is_nothing_and_then_there_is(library: Library, live: LiveIndex) -> None:
    with pytest.raises(NoSnapshotError, match="yiju index"), live.acquire():
        pass
    assert live.snapshot_id is None
    made = library.index().snapshot
    assert live.snapshot_id == made


def test_a_new_snapshot_is_picked_up_after_a_second_not_before(library: Library, live: LiveIndex, clock: Clock) -> None:
    first = library.index().snapshot
    assert live.snapshot_id == first
    second = library.index(full=True).snapshot
    assert live.snapshot_id == first
    clock.now += 1
    assert live.snapshot_id == second


def test_a_search_keeps_its_snapshot_while_another_takes_over(library: Library, live: LiveIndex, clock: Clock) -> None:
    library.index()
    with live.acquire() as old:
        library.index(full=True)
        clock.now += 1
        with live.acquire() as new:
            assert new.id != old.id
        assert old.executor.submit(lambda: 1).result() == 1
        assert old.lexical.occurs("凉瓜")
    with pytest.raises(RuntimeError):
        old.executor.submit(lambda: 1)


def test_a_damaged_new_snapshot_keeps_the_old_one_serving(
    library: Library, live: LiveIndex, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    first = library.index().snapshot
    assert live.snapshot_id == first
    second = library.index(full=True).snapshot
    path = library.index_dir / "snapshots" / str(second) / "vectors.faiss"
    path.write_bytes(b"")
    clock.now += 1
    with caplog.at_level(logging.ERROR):
        assert live.snapshot_id == first
    assert "the old one goes on serving" in caplog.text
    assert str(second) in caplog.text
    clock.now += 1
    assert live.snapshot_id == first
    third = library.index(full=True).snapshot
    clock.now += 1
    assert live.snapshot_id == third


def test_a_damaged_only_snapshot_is_an_error(library: Library, live: LiveIndex) -> None:
    made = library.index().snapshot
    (library.index_dir / "snapshots" / str(made) / "rows.npy").unlink()
    with pytest.raises(SnapshotDamagedError, match="yiju index --full"), live.acquire():
        pass


def test_a_snapshot_of_another_model_is_an_error(library: Library) -> None:
    library.index()
    other = LiveIndex(library.index_dir, fit_for(HashingEmbedder(model_id="other")))
    with pytest.raises(SnapshotMismatchError, match=r"'hashing' .* 'other'"), other.acquire():
        pass


def test_an_index_folder_that_vanishes_leaves_the_open_one_serving(
    library: Library, live: LiveIndex, clock: Clock
) -> None:
    first = library.index().snapshot
    assert live.snapshot_id == first
    (library.index_dir / "CURRENT").unlink()
    clock.now += 1
    assert live.snapshot_id == first


def test_many_threads_at_once_open_it_once(library: Library, live: LiveIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    library.index()
    opened: list[Path] = []
    real = Snapshot.open

    def counted(folder: Path, wanted: object = None) -> Snapshot:
        opened.append(folder)
        return real(folder, fit_for(library.embedder))

    monkeypatch.setattr(Snapshot, "open", counted)
    threads = [threading.Thread(target=lambda: live.snapshot_id) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 1


def test_a_closed_index_opens_again_when_asked(library: Library, live: LiveIndex) -> None:
    made = library.index().snapshot
    assert live.snapshot_id == made
    live.close()
    assert live.snapshot_id == made
