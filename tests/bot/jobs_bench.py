"""Jobs over a real database, for tests that say what a re-index and a filling do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.channels.failures import in_words
from bot.indexing_jobs import IndexingJobs, JobParts, Listener, ReindexOptions
from bot.state.jobs import JobProgress
from bot.state.store import StateStore
from corpus.database import open_database

REPORT: dict[str, object] = {"snapshot": "s2", "seconds": 0.1}
Run = Callable[[Listener], dict[str, object]]


@dataclass
class Bench:
    """Jobs over a real database; what a re-index and a filling do is set by each test."""

    state: StateStore
    jobs: IndexingJobs
    index_dir: Path
    options: list[ReindexOptions] = field(default_factory=list)
    filled: int = 0
    run: Run = lambda _: REPORT
    fill: Run = lambda _: REPORT

    def reindex(self, options: ReindexOptions, listener: Listener) -> dict[str, object]:
        self.options.append(options)
        return self.run(listener)

    def fill_in(self, listener: Listener) -> dict[str, object]:
        self.filled += 1
        return self.fill(listener)

    def start(self, **options: bool) -> str:
        return self.jobs.start_reindex(ReindexOptions(**options), started_by="local")

    def ended(self, job_id: str) -> str:
        end = time.monotonic() + 30
        while self.jobs.job(job_id).active and time.monotonic() < end:
            time.sleep(0.02)
        return self.jobs.job(job_id).state

    def error(self, job_id: str) -> str:
        return self.jobs.job(job_id).error or ""


@contextmanager
def opened_bench(folder: Path) -> Iterator[Bench]:
    """With nothing begun yet."""
    engine = open_database(f"sqlite:///{folder / 'yiju.db'}")
    state = StateStore(engine)
    state.migrate()
    made: list[Bench] = []
    parts = JobParts(
        jobs=state.jobs,
        index_dir=folder / "index",
        reindex=lambda options, listener: made[0].reindex(options, listener),  # noqa: PLW0108 - made later
        fill=lambda listener: made[0].fill_in(listener),  # noqa: PLW0108 - made later
        words_for=in_words,
    )
    made.append(Bench(state, IndexingJobs(parts), parts.index_dir))
    yield made[0]
    made[0].jobs.close()
    engine.dispose()


def until_stopped(begun: threading.Event) -> Run:
    """Work that goes on for good and shows signs of progress."""

    def run(listener: Listener) -> dict[str, object]:
        begun.set()
        while True:
            listener(JobProgress(1, 2, "filling"))
            time.sleep(0.01)

    return run
