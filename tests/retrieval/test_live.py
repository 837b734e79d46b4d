"""The serving snapshot is exchanged without a restart and without cutting off a search."""

from __future__ import annotations

import json
import logging
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.durable import write_atomically
from retrieval.errors import NoSnapshotError, SnapshotDamagedError, SnapshotMismatchError
from retrieval.indexing import fit_for
from retrieval.live import LiveIndex
from retrieval.manifest import Fit
from retrieval.snapshot import Snapshot
from tests.retrieval.conftest import Library
from tests.retrieval.fakes import HashingEmbedder


@pytest.fixture
def live(library: Library) -> Iterator[LiveIndex]:
    made = LiveIndex(library.index_dir, fit_for(library.embedder))
    yield made
    made.close()


class Opening:
    """Stands in the way of ``Snapshot.open`` until it is let go; notes who opens what."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened: list[str] = []
        self.threads: set[str] = set()
        self.begun = threading.Event()
        self.go = threading.Event()
        self.go.set()
        self.failure: Exception | None = None
        self._real = Snapshot.open
        monkeypatch.setattr(Snapshot, "open", self)

    def __call__(self, folder: Path, wanted: Fit | None = None, *, checked: bool = False) -> Snapshot:
        self.opened.append(folder.name)
        self.threads.add(threading.current_thread().name)
        self.begun.set()
        assert self.go.wait(60)
        if self.failure is not None:
            raise self.failure
        return self._real(folder, wanted, checked=checked)


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> Opening:
    return Opening(monkeypatch)


def copied(library: Library, name: str) -> None:
    """Switch to a copy of the serving snapshot."""
    snapshots = library.index_dir / "snapshots"
    serving = library.current()
    shutil.copytree(snapshots / serving, snapshots / name)
    manifest = snapshots / name / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"snapshot": name}))
    write_atomically(library.index_dir / "CURRENT", name.encode())


def test_before_the_first_index_there_is_nothing_and_then_there_is(library: Library, live: LiveIndex) -> None:
    with pytest.raises(NoSnapshotError, match="yiju index"), live.acquire():
        pass
    assert live.snapshot_id is None
    made = library.index().snapshot
    assert live.snapshot_id == made


def test_a_question_after_the_switch_is_answered_by_the_new_snapshot(library: Library, live: LiveIndex) -> None:
    for _ in range(3):
        made = library.index(full=True).snapshot
        assert live.snapshot_id == made


def test_a_new_snapshot_is_opened_without_a_question_and_by_no_question(
    library: Library, live: LiveIndex, opening: Opening
) -> None:
    library.index()
    assert live.snapshot_id == library.current()
    opening.threads.clear()
    opening.begun.clear()
    copied(library, "second")
    assert opening.begun.wait(60)
    assert live.snapshot_id == "second"
    assert opening.threads == {"index-watch"}


def test_a_question_waits_for_the_opening_and_no_longer_than_agreed(
    library: Library, opening: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    first = library.index().snapshot
    live = LiveIndex(library.index_dir, fit_for(library.embedder), opening_seconds=0.2)
    assert live.snapshot_id == first
    opening.go.clear()
    copied(library, "second")
    with caplog.at_level(logging.WARNING):
        assert [live.snapshot_id for _ in range(3)] == [first] * 3
    assert caplog.text.count("is not open after 0.2 s") == 1
    opening.go.set()
    live.look()
    assert live.snapshot_id == "second"
    live.close()


def test_a_question_that_waits_is_answered_by_the_new_snapshot(
    library: Library, live: LiveIndex, opening: Opening
) -> None:
    library.index()
    assert live.snapshot_id == library.current()
    opening.begun.clear()
    opening.go.clear()
    copied(library, "second")
    assert opening.begun.wait(60)
    answered: list[str | None] = []
    thread = threading.Thread(target=lambda: answered.append(live.snapshot_id))
    thread.start()
    copied(library, "third")  # while the second is being opened
    opening.go.set()
    thread.join()
    assert answered[0] in {"second", "third"}
    assert live.snapshot_id == "third"


def test_a_search_keeps_its_snapshot_while_another_takes_over(library: Library, live: LiveIndex) -> None:
    library.index()
    with live.acquire() as old:
        library.index(full=True)
        with live.acquire() as new:
            assert new.id != old.id
        assert old.executor.submit(lambda: 1).result() == 1
        assert old.lexical.occurs("凉瓜")
    with pytest.raises(RuntimeError):
        old.executor.submit(lambda: 1)


def test_a_damaged_new_snapshot_keeps_the_old_one_serving(
    library: Library, live: LiveIndex, opening: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    first = library.index().snapshot
    assert live.snapshot_id == first
    opening.failure = SnapshotDamagedError("index 'second' is damaged: rows.npy has checksum 1")
    with caplog.at_level(logging.ERROR):
        copied(library, "second")
        assert live.snapshot_id == first
    assert "the old one goes on serving" in caplog.text
    assert "'second'" in caplog.text
    opening.failure = None
    live.look()
    assert live.snapshot_id == first
    copied(library, "third")
    assert live.snapshot_id == "third"


def test_what_is_not_the_snapshots_fault_is_logged_and_the_old_one_serves(
    library: Library, live: LiveIndex, opening: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    first = library.index().snapshot
    assert live.snapshot_id == first
    opening.failure = MemoryError()
    with caplog.at_level(logging.ERROR):
        copied(library, "second")
        assert live.snapshot_id == first
    assert "it is tried again" in caplog.text
    opening.failure = None
    copied(library, "third")
    assert live.snapshot_id == "third"


def test_a_snapshot_is_prepared_before_it_serves_and_in_no_question(library: Library, opening: Opening) -> None:
    prepared: list[tuple[str, str]] = []

    def prepare(snapshot: Snapshot) -> None:
        prepared.append((snapshot.id, threading.current_thread().name))

    first = library.index().snapshot
    live = LiveIndex(library.index_dir, fit_for(library.embedder), prepare=prepare)
    assert live.snapshot_id == first
    copied(library, "second")
    assert live.snapshot_id == "second"
    assert prepared == [(first, threading.current_thread().name), ("second", "index-watch")]
    live.close()


def test_a_damaged_only_snapshot_is_an_error(library: Library, live: LiveIndex) -> None:
    made = library.index().snapshot
    (library.index_dir / "snapshots" / str(made) / "rows.npy").unlink()
    with pytest.raises(SnapshotDamagedError, match="yiju index --full"), live.acquire():
        pass


def test_a_snapshot_of_another_model_is_opened(library: Library) -> None:
    made = library.index().snapshot
    other = LiveIndex(library.index_dir, fit_for(HashingEmbedder(32, model_id="other")))
    assert other.snapshot_id == made
    other.close()


def test_a_snapshot_of_another_chunking_is_an_error(library: Library) -> None:
    library.index()
    other = LiveIndex(library.index_dir, replace(fit_for(library.embedder), chunking="one-line-a-passage"))
    with pytest.raises(SnapshotMismatchError, match=r"one-line-a-passage"), other.acquire():
        pass


def test_an_index_folder_that_vanishes_leaves_the_open_one_serving(library: Library, live: LiveIndex) -> None:
    first = library.index().snapshot
    assert live.snapshot_id == first
    (library.index_dir / "CURRENT").unlink()
    live.look()
    assert live.snapshot_id == first


def test_many_threads_at_once_open_it_once(library: Library, live: LiveIndex, opening: Opening) -> None:
    library.index()
    opening.opened.clear()
    threads = [threading.Thread(target=lambda: live.snapshot_id) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opening.opened == [library.current()]


def test_a_closed_index_looks_no_more_and_opens_again_when_asked(library: Library, live: LiveIndex) -> None:
    made = library.index().snapshot
    before = threading.active_count()
    assert live.snapshot_id == made
    live.close()
    assert threading.active_count() == before
    assert live.snapshot_id == made


def test_an_index_that_nobody_holds_ends_its_thread(library: Library) -> None:
    library.index()
    live = LiveIndex(library.index_dir, fit_for(library.embedder), check_seconds=0.01)
    assert live.snapshot_id is not None
    watch = next(thread for thread in threading.enumerate() if thread.name == "index-watch")
    del live
    watch.join(60)
    assert not watch.is_alive()


def test_questions_in_many_threads_never_see_an_older_snapshot_than_the_switch_before(
    library: Library, live: LiveIndex
) -> None:
    library.index()
    assert live.snapshot_id == library.current()
    switched = 0
    wrong: list[tuple[int, str | None]] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            at_least = switched
            answered = live.snapshot_id
            if at_least and int(str(answered).removeprefix("switch-")) < at_least:
                wrong.append((at_least, answered))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 9):
        copied(library, f"switch-{number}")
        switched = number
    over.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert live.snapshot_id == "switch-8"
