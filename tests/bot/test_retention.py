"""What is kept long enough goes; what fails to go now goes later."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from bot.retention import Retention
from corpus.errors import StoreError

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def test_each_is_pruned_of_what_is_older() -> None:
    asked: list[datetime] = []

    def prune(before: datetime) -> int:
        asked.append(before)
        return 2

    retention = Retention({"audit": prune, "answers": lambda _: 0}, days=30, clock=lambda: NOW)
    assert retention.prune() == {"audit": 2, "answers": 0}
    assert asked == [NOW - timedelta(days=30)]


def test_one_that_cannot_be_pruned_does_not_keep_the_others() -> None:
    def fails(_: datetime) -> int:
        raise StoreError("disk full")

    assert Retention({"audit": fails, "jobs": lambda _: 1}, days=1).prune() == {"jobs": 1}


def test_zero_days_keeps_everything() -> None:
    def prune(_: datetime) -> int:
        raise AssertionError("nothing may be pruned")

    retention = Retention({"audit": prune}, days=0)
    assert retention.prune() == {}
    retention.start()
    assert not any(thread.name == "yiju-retention" for thread in threading.enumerate())


def test_it_prunes_at_start_and_again_and_goes_on_after_errors() -> None:
    times, third = 0, threading.Event()

    def prune(_: datetime) -> int:
        nonlocal times
        times += 1
        if times == 3:
            third.set()
        if times == 1:
            raise RuntimeError("unforeseen")
        return 0

    retention = Retention({"audit": prune}, days=1, every_seconds=0.01)
    retention.start()
    assert third.wait(20)
    retention.close()
