"""Reading and writing make way for questions at every step."""

from __future__ import annotations

from pathlib import Path

from retrieval.index_lock import index_lock
from retrieval.index_report import IndexProgress, Phase
from retrieval.pacing import Pace
from retrieval.yielding import QUESTIONS, QuestionClock
from tests.retrieval.conftest import Library


class Waiting(QuestionClock):
    """Remembers how long it was asked to wait at most."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.longest: list[float] = []

    def wait_for_quiet(self, longest_seconds: float = 2.0, **unused: object) -> float:
        self.longest.append(longest_seconds)
        return 0.0


def test_each_step_is_told_first_and_then_makes_way(tmp_path: Path) -> None:
    clock, told = Waiting(tmp_path / QUESTIONS), []

    def listener(progress: IndexProgress, /) -> None:
        told.append((progress.done, len(clock.longest)))

    with index_lock(tmp_path) as lock:
        phase = Phase("writing", 3, Pace(tmp_path, clock, lock).polite(listener))
        phase.advance(2)
        phase.advance(1)

    assert told == [(0, 0), (2, 1), (3, 2)]
    assert clock.longest and max(clock.longest) <= 2


def test_a_run_makes_way_while_it_reads_and_writes(library: Library) -> None:
    clock = Waiting(library.index_dir / QUESTIONS)
    library.write_many(3)
    phases: list[str] = []
    library.indexer(clock=clock).run(library.sources, progress=lambda each: phases.append(each.phase))

    assert {"reading", "writing"} <= set(phases)
    assert len(clock.longest) >= len(phases)
