"""One writer at a time; one that only fills in vectors lets another one in."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from corpus.errors import StoreError
from retrieval import index_lock as locking
from retrieval.errors import IndexLockedError
from retrieval.index_lock import HeldLock, index_lock


def hold_until_wanted(lock: HeldLock, held: threading.Event) -> None:
    lock.offer()
    held.set()
    until = time.monotonic() + 30
    while not lock.is_wanted() and time.monotonic() < until:
        time.sleep(0.005)


def test_an_offered_lock_goes_to_whoever_asks(tmp_path: Path) -> None:
    held = threading.Event()

    def fill() -> None:
        with index_lock(tmp_path) as lock:
            hold_until_wanted(lock, held)

    filler = threading.Thread(target=fill)
    filler.start()
    held.wait()
    with index_lock(tmp_path) as lock:
        assert not lock.is_wanted()
    filler.join()
    assert not (tmp_path / locking._WANTED).exists()


def test_a_lock_that_is_not_offered_is_told_at_once(tmp_path: Path) -> None:
    with index_lock(tmp_path) as lock:
        with pytest.raises(IndexLockedError, match=r"process \d+ on"), index_lock(tmp_path):
            pass
        assert not lock.is_wanted()


def test_a_holder_who_offers_and_then_does_not_let_go_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locking, "OFFERED_SECONDS", 0.3)
    with index_lock(tmp_path) as lock:
        lock.offer()
        with pytest.raises(IndexLockedError), index_lock(tmp_path):
            pass
        assert lock.is_wanted()


def test_what_a_dead_asker_left_does_not_disturb_the_next_holder(tmp_path: Path) -> None:
    (tmp_path / locking._WANTED).touch()
    with index_lock(tmp_path) as lock:
        assert not lock.is_wanted()


@pytest.mark.parametrize("content", ["", "{", "[]", "7", '{"pid": 1}'])
def test_a_note_of_the_holder_that_cannot_be_read_is_another_process(tmp_path: Path, content: str) -> None:
    with index_lock(tmp_path):
        (tmp_path / locking._HOLDER).write_text(content)
        with pytest.raises(IndexLockedError, match="another process"), index_lock(tmp_path):
            pass


class OtherHost:
    """Holds the turn among hosts until it is told to let go."""

    def __init__(self) -> None:
        self.holds = True
        self.taken = 0

    @contextmanager
    def turn(self) -> Iterator[bool]:
        self.taken += not self.holds
        yield not self.holds


def test_a_turn_that_another_host_holds_is_told_and_nothing_stays_locked(tmp_path: Path) -> None:
    other = OtherHost()
    with pytest.raises(IndexLockedError), index_lock(tmp_path, other.turn):
        pass
    with index_lock(tmp_path):
        pass
    other.holds = False
    with index_lock(tmp_path, other.turn):
        assert other.taken == 1


def test_a_turn_that_another_host_offers_is_asked_for(tmp_path: Path) -> None:
    other = OtherHost()
    (tmp_path / locking._HOLDER).write_text('{"pid": 7, "host": "nas2", "since": "2026-01-01", "offered": true}')

    def let_go_when_asked() -> None:
        until = time.monotonic() + 30
        while not (tmp_path / locking._WANTED).exists() and time.monotonic() < until:
            time.sleep(0.005)
        other.holds = False

    thread = threading.Thread(target=let_go_when_asked)
    thread.start()
    with index_lock(tmp_path, other.turn) as lock:
        assert not lock.is_wanted()
    thread.join()
    assert other.taken == 1


def test_a_database_that_fails_leaves_the_folder_unlocked(tmp_path: Path) -> None:
    def lost() -> AbstractContextManager[bool]:
        raise StoreError("the database is gone")

    with pytest.raises(StoreError), index_lock(tmp_path, lost):
        pass
    with index_lock(tmp_path):
        pass
