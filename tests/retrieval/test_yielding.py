"""Who embeds waits for whoever answers, in any process, and never for the dead."""

from __future__ import annotations

import multiprocessing
import threading
from pathlib import Path

import pytest

from retrieval.yielding import Courtesy, QuestionClock

SECOND = 1_000_000_000


class Clock:
    """Nanoseconds that pass when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000 * SECOND

    def __call__(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".questions"


def test_without_a_question_nobody_waits(path: Path, clock: Clock) -> None:
    questions = QuestionClock(path, clock=clock)
    assert questions.wait_for_quiet(sleep=clock.sleep) == 0
    with questions.asking():
        pass
    assert questions.wait_for_quiet(sleep=clock.sleep) == 0


def test_a_question_is_waited_for_by_another_reader_of_the_file(path: Path, clock: Clock) -> None:
    asker, embedder = QuestionClock(path, clock=clock), QuestionClock(path, clock=clock)
    with asker.asking():
        assert not embedder.is_quiet()
        assert embedder.wait_for_quiet(0.5, sleep=clock.sleep) == pytest.approx(0.5, abs=0.01)
    assert embedder.is_quiet()


def test_the_wait_ends_with_the_question(path: Path, clock: Clock) -> None:
    questions = QuestionClock(path, clock=clock)
    asking = questions.asking()
    asking.__enter__()
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock.sleep(seconds)
        if len(naps) == 3:
            asking.__exit__(None, None, None)

    assert questions.wait_for_quiet(sleep=sleep) == pytest.approx(sum(naps))
    assert len(naps) == 3


def test_of_two_questions_the_last_to_end_counts(path: Path, clock: Clock) -> None:
    questions = QuestionClock(path, clock=clock)
    with questions.asking():
        with questions.asking():
            pass
        assert not questions.is_quiet()
    assert questions.is_quiet()


def test_one_that_ends_does_not_undo_the_mark_of_another(path: Path, clock: Clock) -> None:
    first, second = QuestionClock(path, clock=clock), QuestionClock(path, clock=clock)
    with first.asking():
        with second.asking():
            pass
        assert not second.is_quiet()


def test_a_mark_of_the_dead_or_of_another_start_of_the_machine_does_not_count(path: Path, clock: Clock) -> None:
    with QuestionClock(path, clock=clock).asking():
        marked = path.read_bytes()
    path.write_bytes(marked)
    questions = QuestionClock(path, clock=clock)
    assert questions.wait_for_quiet(9, sleep=clock.sleep) == pytest.approx(2, abs=0.01)
    clock.now = 5 * SECOND
    assert questions.is_quiet()


def test_a_question_that_fails_is_over(path: Path, clock: Clock) -> None:
    questions = QuestionClock(path, clock=clock)
    with pytest.raises(LookupError), questions.asking():
        raise LookupError("清溪镇")
    assert questions.is_quiet()


def test_a_folder_that_is_not_there_holds_nobody_up(tmp_path: Path, clock: Clock) -> None:
    questions = QuestionClock(tmp_path / "index" / ".questions", clock=clock)
    with questions.asking():
        assert questions.is_quiet()
    (tmp_path / "index").mkdir()
    with questions.asking():
        assert not questions.is_quiet()


@pytest.mark.parametrize("content", [b"", b"x", b"\xff" * 600])
def test_a_file_of_something_else_holds_nobody_up(path: Path, clock: Clock, content: bytes) -> None:
    path.write_bytes(content)
    questions = QuestionClock(path, clock=clock)
    assert questions.is_quiet()
    with questions.asking():
        assert not questions.is_quiet()


def test_a_file_that_was_replaced_is_opened_anew(path: Path, clock: Clock) -> None:
    questions = QuestionClock(path, clock=clock)
    with questions.asking():
        pass
    path.unlink()
    with questions.asking():
        assert not QuestionClock(path, clock=clock).is_quiet()
    questions.close()
    with questions.asking():
        assert not questions.is_quiet()


def test_many_threads_leave_it_quiet(path: Path) -> None:
    questions = QuestionClock(path)

    def ask() -> None:
        for _ in range(50):
            with questions.asking():
                pass

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert questions.is_quiet()


def test_a_question_in_another_process_is_seen(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    begun, end = context.Event(), context.Event()
    process = context.Process(target=_ask, args=(path, begun, end))
    process.start()
    try:
        assert begun.wait(60)
        marked = path.read_bytes()
        end.set()
        process.join(60)
        assert any(marked)
        assert not any(path.read_bytes())
    finally:
        process.kill()
        process.join()


def _ask(path: Path, begun: threading.Event, end: threading.Event) -> None:
    with QuestionClock(path).asking():
        begun.set()
        end.wait(60)


class Busy(QuestionClock):
    """Somebody always asks: every wait lasts as long as it may."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.waits: list[float] = []

    def wait_for_quiet(self, longest_seconds: float = 2.0, **_: object) -> float:
        self.waits.append(longest_seconds)
        return longest_seconds


def test_courtesy_waits_four_times_as_long_as_was_worked_and_never_over_two_seconds(path: Path) -> None:
    questions = Busy(path)
    times = iter([100.0, 100.1, 100.5, 100.5, 102.5, 110.0, 118.0])
    courtesy = Courtesy(questions, now=lambda: next(times))
    for _ in range(3):
        courtesy.wait()
    assert questions.waits == [pytest.approx(0.4), 0.0, 2.0]
