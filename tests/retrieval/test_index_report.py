"""What is said while a run goes on: how far, how fast, how long yet."""

from __future__ import annotations

import pytest

from retrieval.index_report import IndexProgress, Phase


class Clock:
    """Moves by what it is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def phase(seen: list[IndexProgress], clock: Clock, *, done: int = 0) -> Phase:
    return Phase("filling", 100, seen.append, done=done, clock=clock)


def test_a_phase_tells_its_rate_and_the_time_left() -> None:
    seen: list[IndexProgress] = []
    clock = Clock()
    filling = phase(seen, clock, done=40)
    clock.now += 2
    filling.advance(20)
    assert seen == [IndexProgress("filling", 40, 100), IndexProgress("filling", 60, 100, 10.0, 4.0)]


def test_what_was_done_already_does_not_make_it_look_fast() -> None:
    seen: list[IndexProgress] = []
    clock = Clock()
    filling = phase(seen, clock)
    filling.advance(50, worked=False)
    assert (seen[-1].done, seen[-1].rate, seen[-1].seconds_left) == (50, None, None)
    clock.now += 1
    filling.advance(5)
    assert (seen[-1].rate, seen[-1].seconds_left) == (5.0, 9.0)


def test_a_rest_is_told_by_its_name_and_its_time_does_not_count() -> None:
    seen: list[IndexProgress] = []
    clock = Clock()
    filling = phase(seen, clock)
    clock.now += 1
    filling.advance(10)
    clock.now += 500
    filling.rest("paused")
    assert seen[-1] == IndexProgress("paused", 10, 100)
    clock.now += 1
    filling.advance(10)
    assert filling.rate == 10.0


def test_a_moment_says_nothing_about_the_rate() -> None:
    seen: list[IndexProgress] = []
    filling = phase(seen, Clock())
    filling.advance(1)
    assert filling.rate is None


def test_a_listener_that_raises_ends_the_phase() -> None:
    def stop(progress: IndexProgress) -> None:
        if progress.done:
            raise KeyboardInterrupt

    reading = Phase("reading", 2, stop)
    with pytest.raises(KeyboardInterrupt):
        reading.advance(1)
