"""Re-indexing and embedding as jobs: one at a time, in a thread of its own, that people can watch, pause and stop.

A re-index goes first: embedding in the background makes way for it and is taken up again by ``embedding_filler``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from bot.errors import BotError, JobConflictError
from bot.state.jobs import JobProgress, Jobs, JobView
from corpus.errors import StoreError
from retrieval import pausing
from retrieval.errors import SwitchBlockedError

REINDEX, DRY_RUN, EMBEDDING = "reindex", "dry_run", "embedding"
# A job waits for none of these to end, nor runs beside it; of its own kind there is never more than one.
_EXCLUDED_BY: Mapping[str, tuple[str, ...]] = {REINDEX: (DRY_RUN,), DRY_RUN: (REINDEX,), EMBEDDING: (REINDEX, DRY_RUN)}
# A job's progress is written at most this often: each write is a transaction.
PROGRESS_INTERVAL_SECONDS = 0.4
# How long a re-index waits for embedding to make way; a batch of passages takes a second or two.
MAKE_WAY_SECONDS = 60.0
STOPPED_BY_EXIT = "程序停止，任务中断；原索引仍在使用，再次启动后可重新运行。"
MADE_WAY = "让位给更新索引，之后自动继续；已算好的向量都保留。"
STOPPED_BY_PERSON = "应 {by} 的要求停止；原索引仍在使用，已算好的向量都保留，重新运行时接着做。"
# Stands in ``stop_asked_by`` where it was no person.
_FOR_REINDEX = "reindex"
_SHUTDOWN_SECONDS = 10.0

Listener = Callable[[JobProgress], None]


@dataclass(frozen=True, slots=True)
class ReindexOptions:
    """How to re-index.

    Without ``embed`` nothing is embedded; without ``fill`` no more than has to be before the new snapshot can serve.
    """

    full: bool = False
    dry_run: bool = False
    allow_mass_removal: bool = False
    embed: bool = True
    fill: bool = True


class UnknownJobError(BotError):
    """No job with that id."""


class JobEndedError(BotError):
    """A job that has ended cannot be paused, resumed or stopped."""


class StoppedError(Exception):
    """The job is to stop; raised inside it at its next sign of progress."""

    def __init__(self, by: str | None) -> None:
        super().__init__(by)
        self.by = by


class RunFailedError(BotError):
    """A run in another process failed: in words for people, with the report that belongs to it."""

    def __init__(self, words: str, report: dict[str, object] | None = None) -> None:
        super().__init__(words)
        self.report = report


@dataclass(frozen=True, slots=True)
class JobParts:
    """What jobs are made of. ``reindex`` runs one whole re-index and returns its report; ``fill`` embeds the rest."""

    jobs: Jobs
    index_dir: Path
    reindex: Callable[[ReindexOptions, Listener], dict[str, object]]
    fill: Callable[[Listener], dict[str, object]]
    words_for: Callable[[Exception], str]


class IndexingJobs:
    """Synchronous and thread-safe; what it starts goes on in threads of their own."""

    def __init__(self, parts: JobParts) -> None:
        self._parts = parts
        self._log = structlog.get_logger(__name__)
        self._exiting = threading.Event()
        self._begin = threading.Lock()
        self._threads: dict[str, threading.Thread] = {}
        # Set where a person stopped embedding: it is then not taken up again by itself.
        self.held_back = threading.Event()

    def start_reindex(self, options: ReindexOptions, *, started_by: str) -> str:
        """Start a re-index, or a dry run of one, in the background; its job's id.

        Raises: JobConflictError: names the one that runs.
        """
        if not options.dry_run:
            self.held_back.clear()
        kind = DRY_RUN if options.dry_run else REINDEX
        return self._start(kind, started_by, lambda listener: self._reindex(options, listener))

    def start_embedding(self, *, started_by: str) -> str:
        """Embed what has no vector yet, in the background. Raises: JobConflictError: names the job that runs."""
        return self._start(EMBEDDING, started_by, self._parts.fill)

    def _start(self, kind: str, started_by: str, work: Callable[[Listener], dict[str, object]]) -> str:
        with self._begin:
            for other in _EXCLUDED_BY[kind]:
                running = self._parts.jobs.latest(other)
                if running is not None and running.active:
                    raise JobConflictError(f"任务 {running.id} 正在重建索引", job_id=running.id)
            job_id = self._parts.jobs.begin(kind, started_by=started_by)
            # A daemon, so that a job that hangs in native code cannot keep the process alive; close() waits for it.
            thread = threading.Thread(target=self._run, args=(job_id, kind, work), name=f"yiju-{job_id}", daemon=True)
            self._threads[kind] = thread
            thread.start()
        return job_id

    def _reindex(self, options: ReindexOptions, listener: Listener) -> dict[str, object]:
        make_way(self._parts.jobs, while_waiting=lambda: listener(JobProgress(0, 0, "waiting")))
        return self._parts.reindex(options, listener)

    def _run(self, job_id: str, kind: str, work: Callable[[Listener], dict[str, object]]) -> None:
        log = self._log.bind(job_id=job_id, kind=kind)
        log.info("job_started")
        try:
            report = work(self._listener_of(job_id))
            self._parts.jobs.succeed(job_id, report)
            log.info("job_succeeded", snapshot=report.get("snapshot"), seconds=report.get("seconds"))
        except StoppedError as stopped:
            self._fail(job_id, self._why_stopped(kind, stopped.by))
        except RunFailedError as failed:
            log.warning("job_failed", reason=str(failed))
            self._fail(job_id, str(failed), failed.report)
        except Exception as error:
            # The end of a thread: whatever happened must reach the job.
            log.warning("job_failed", exc_info=error)
            self._fail(job_id, self._parts.words_for(error), report_of(error))

    def _why_stopped(self, kind: str, by: str | None) -> str:
        if by is None:
            return STOPPED_BY_EXIT
        if by == _FOR_REINDEX:
            return MADE_WAY
        if kind == EMBEDDING:
            self.held_back.set()
        return STOPPED_BY_PERSON.format(by=by)

    def _fail(self, job_id: str, reason: str, report: Mapping[str, object] | None = None) -> None:
        try:
            self._parts.jobs.fail(job_id, reason, report)
        except Exception as error:  # noqa: BLE001 - whatever it is, the log is what is left
            # A full disk can refuse this too; the log is what is left.
            self._log.error("job_not_saved", job_id=job_id, reason=reason, exc_info=error)

    def _listener_of(self, job_id: str) -> Listener:
        last = 0.0
        phase: str | None = None

        def listen(progress: JobProgress) -> None:
            nonlocal last, phase
            if self._exiting.is_set():
                raise StoppedError(None)
            now = time.monotonic()
            if now - last >= PROGRESS_INTERVAL_SECONDS or progress.phase != phase:
                last, phase = now, progress.phase
                asked_by = self._save_progress(job_id, progress)
                if asked_by is not None:
                    raise StoppedError(asked_by)

        return listen

    def _save_progress(self, job_id: str, progress: JobProgress) -> str | None:
        try:
            return self._parts.jobs.progress(job_id, progress)
        except StoreError as error:
            # Only for people to look at: not worth failing the run.
            self._log.warning("progress_not_saved", job_id=job_id, reason=str(error))
            return None

    def job(self, job_id: str) -> JobView:
        """A job as it stands. Raises: UnknownJobError."""
        found = self._parts.jobs.get(job_id)
        if found is None:
            raise UnknownJobError(f"没有任务 {job_id!r}。")
        return self._shown(found)

    def latest(self, kind: str) -> JobView | None:
        """The last job of that kind, in whichever process; None where there was none."""
        found = self._parts.jobs.latest(kind)
        return None if found is None else self._shown(found)

    def recent(self, limit: int) -> list[JobView]:
        """The last jobs of every kind, the latest first, without their reports."""
        return self._parts.jobs.recent(limit)

    def _shown(self, job: JobView) -> JobView:
        return replace(job, paused=job.active and pausing.paused(self._parts.index_dir) is not None)

    def pause(self, job_id: str, *, by: str) -> JobView:
        """Pause embedding, which this job does or will do; it lasts until it is ended, also over a restart.

        Raises: UnknownJobError, JobEndedError.
        """
        self._active(job_id)
        self.pause_embedding(by=by)
        return self.job(job_id)

    def resume(self, job_id: str, *, by: str) -> JobView:
        """End a pause. Raises: UnknownJobError, JobEndedError."""
        self._active(job_id)
        self.resume_embedding(by=by)
        return self.job(job_id)

    def stop(self, job_id: str, *, by: str) -> JobView:
        """Have a job stop at its next sign of progress, in any process. Raises: UnknownJobError, JobEndedError."""
        if not self._parts.jobs.ask_to_stop(self._active(job_id).id, by):
            raise _ended(job_id)
        self._log.info("job_stop_asked", job_id=job_id, by=by)
        return self.job(job_id)

    def pause_embedding(self, *, by: str) -> pausing.Paused:
        """Pause embedding, whoever does it now or later."""
        self._log.info("embedding_paused", by=by)
        return pausing.pause(self._parts.index_dir, by)

    def resume_embedding(self, *, by: str) -> bool:
        """End a pause, and take up again what a person stopped; False where it was not paused."""
        self._log.info("embedding_resumed", by=by)
        self.held_back.clear()
        return pausing.resume(self._parts.index_dir)

    def paused(self) -> pausing.Paused | None:
        """Who paused embedding; None where nobody did."""
        return pausing.paused(self._parts.index_dir)

    def _active(self, job_id: str) -> JobView:
        job = self.job(job_id)
        if not job.active:
            raise _ended(job_id)
        return job

    def close(self) -> None:
        """Stop what runs here at its next sign of progress; the serving snapshot is not touched."""
        self._exiting.set()
        for thread in list(self._threads.values()):
            thread.join(_SHUTDOWN_SECONDS)


def make_way(
    jobs: Jobs,
    *,
    while_waiting: Callable[[], None] = lambda: None,
    longest_seconds: float = MAKE_WAY_SECONDS,
    pause_seconds: float = 0.1,
) -> None:
    """Have embedding in the background stop, in whichever process, and return when it has; or after the longest wait.

    It begins again by itself. Raises: what ``while_waiting`` raises.
    """
    running = jobs.latest(EMBEDDING)
    if running is None or not running.active or not jobs.ask_to_stop(running.id, _FOR_REINDEX):
        return
    end = time.monotonic() + longest_seconds
    while time.monotonic() < end:
        job = jobs.get(running.id)
        if job is None or not job.active:
            return
        while_waiting()
        time.sleep(pause_seconds)


def report_of(error: Exception) -> dict[str, object] | None:
    """Of a run that was not switched to, what the comparison showed, as a person decides by it; None for others."""
    if not isinstance(error, SwitchBlockedError):
        return None
    return {"snapshot": None, "candidate": error.candidate, "gate": error.report}


def _ended(job_id: str) -> JobEndedError:
    return JobEndedError(f"任务 {job_id} 已经结束，不能再暂停、继续或停止。")
