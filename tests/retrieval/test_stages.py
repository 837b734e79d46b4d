"""Stages reach whoever watches, across threads too, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

from retrieval.stages import TOTAL, StageWatch, in_context, stage, watched, watched_by


class Notes:
    """Writes down what begins and ends."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def stage(self, name: str) -> AbstractContextManager[object]:
        return self._noted(name)

    @contextmanager
    def _noted(self, name: str) -> Iterator[None]:
        self.lines.append(f"+{name}")
        try:
            yield
        finally:
            self.lines.append(f"-{name}")


class Service:
    def __init__(self, watch: StageWatch | None) -> None:
        self.watch = watch

    @watched
    def ask(self, question: str, *, times: int) -> str:
        """The question so many times."""
        with stage("read"):
            return question * times


def test_a_watched_method_is_told_as_a_whole_with_its_stages_inside() -> None:
    notes = Notes()

    assert Service(notes).ask("问", times=2) == "问问"
    assert notes.lines == [f"+{TOTAL}", "+read", "-read", f"-{TOTAL}"]


def test_without_a_watch_nothing_is_told() -> None:
    assert Service(None).ask("问", times=1) == "问"
    with stage("read"):
        pass


def test_several_watch_the_same_stages() -> None:
    outer, inner = Notes(), Notes()
    with watched_by(outer), stage("search"), watched_by(inner), watched_by(None), stage("load"):
        assert outer.lines == ["+search", "+load"]

    assert inner.lines == ["+load", "-load"]
    assert outer.lines == ["+search", "+load", "-load", "-search"]


def test_a_watch_ends_with_its_block() -> None:
    notes = Notes()
    with watched_by(notes):
        pass
    with stage("read"):
        pass
    assert notes.lines == []


def test_work_handed_to_another_thread_is_watched_only_where_its_context_goes_along() -> None:
    notes = Notes()

    def search(words: str) -> str:
        with stage("dense"):
            return words

    with ThreadPoolExecutor(1) as threads, watched_by(notes):
        plain = threads.submit(search, "甲").result()
        handed = threads.submit(in_context(search), "乙").result()

    assert (plain, handed) == ("甲", "乙")
    assert notes.lines == ["+dense", "-dense"]
