"""Jobs: what runs in the background, how far it is and how it ended; kept so that it outlives the process.

A job whose process is gone is told as failed by whoever looks next.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, insert, literal, select, update

from bot.errors import JobConflictError
from bot.state.conversations import now_utc
from bot.state.processes import ProcessMark, is_alive, this_process
from bot.state.pruning import delete_before
from bot.state.tables import jobs
from corpus.database import reading, write

QUEUED, RUNNING, SUCCEEDED, FAILED = "queued", "running", "succeeded", "failed"
ACTIVE = (QUEUED, RUNNING)
# A process on another machine cannot be looked at; one that has said nothing for so long is taken for gone.
SILENCE = timedelta(minutes=10)
GONE = "执行该任务的进程已不在（被终止、崩溃或机器重启）；此前的索引仍在使用，请重新运行。"


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as it stands. ``state``: queued, running, succeeded or failed; ``report`` as ``yiju index --json``.

    ``rate`` is steps a second in this phase, ``eta_seconds`` the time left in it; None where they are not known (yet).
    ``paused``: somebody asked that embedding rests, which the table of jobs does not know.
    """

    id: str
    kind: str
    state: str
    done: int
    total: int
    report: dict[str, object] | None
    error: str | None
    started_by: str
    created_at: datetime
    updated_at: datetime
    phase: str | None = None
    rate: float | None = None
    eta_seconds: float | None = None
    stop_asked_by: str | None = None
    paused: bool = False

    @property
    def active(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in ACTIVE


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is: steps of a phase, steps a second, seconds left in the phase."""

    done: int
    total: int
    phase: str | None = None
    rate: float | None = None
    eta_seconds: float | None = None


class Jobs:
    """The jobs in the database. Safe to use from several threads and processes. Every method may raise StoreError."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], datetime] = now_utc,
        process: ProcessMark | None = None,
        alive: Callable[[ProcessMark], bool | None] = is_alive,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._process = process or this_process()
        self._alive = alive

    def begin(self, kind: str, *, started_by: str) -> str:
        """The id of a new, running job. Raises: JobConflictError: one of that kind is running; names it."""
        return write(self._engine, lambda connection: self._begin(connection, kind, started_by))

    def _begin(self, connection: Connection, kind: str, started_by: str) -> str:
        now = self._clock()
        active = select(jobs).where(jobs.c.kind == kind, jobs.c.state.in_(ACTIVE))
        for row in connection.execute(active).all():
            if not self._is_gone(row):
                raise JobConflictError(f"任务 {row.job_id} 正在运行，等它结束后再试。", job_id=row.job_id)
            self._end(connection, row.job_id, FAILED, error=GONE)
        row_values: dict[str, Any] = {
            "job_id": f"job_{secrets.token_urlsafe(9)}",
            "kind": kind,
            "state": RUNNING,
            "done": 0,
            "total": 0,
            "started_by": started_by,
            "process": self._process.text(),
            "created_at": now,
            "updated_at": now,
        }
        connection.execute(insert(jobs).values(row_values))
        return str(row_values["job_id"])

    def progress(self, job_id: str, progress: JobProgress) -> str | None:
        """Keep how far a running job is; one that has ended stays as it is. Returns: who asked it to stop, if any."""
        statement = (
            update(jobs)
            .where(jobs.c.job_id == job_id, jobs.c.state.in_(ACTIVE))
            .values(**asdict(progress), updated_at=self._clock())
        )
        asked = select(jobs.c.stop_asked_by).where(jobs.c.job_id == job_id)

        def keep(connection: Connection) -> str | None:
            connection.execute(statement)
            return connection.execute(asked).scalar()

        return write(self._engine, keep)

    def ask_to_stop(self, job_id: str, by: str) -> bool:
        """Ask a running job, in whichever process, to stop at its next sign of progress; False where it has ended."""
        statement = update(jobs).where(jobs.c.job_id == job_id, jobs.c.state.in_(ACTIVE)).values(stop_asked_by=by)
        return write(self._engine, lambda connection: connection.execute(statement).rowcount > 0)

    def succeed(self, job_id: str, report: Mapping[str, object]) -> None:
        """Keep a job's result."""
        text = json.dumps(report, ensure_ascii=False, default=str)
        # The last sign of progress is seldom that of the last step.
        ended = {"report": text, "error": None, "done": jobs.c.total, "eta_seconds": None}
        write(self._engine, lambda connection: self._end(connection, job_id, SUCCEEDED, **ended))

    def fail(self, job_id: str, error: str, report: Mapping[str, object] | None = None) -> None:
        """Keep why a job failed, and what can be told of it."""
        ended: dict[str, Any] = {"error": error, "eta_seconds": None}
        if report is not None:
            ended["report"] = json.dumps(report, ensure_ascii=False, default=str)
        write(self._engine, lambda connection: self._end(connection, job_id, FAILED, **ended))

    def get(self, job_id: str) -> JobView | None:
        """The job as it stands, None where there is none."""
        return self._look(select(jobs).where(jobs.c.job_id == job_id))

    def latest(self, kind: str) -> JobView | None:
        """The last job of that kind that was begun."""
        return self._look(select(jobs).where(jobs.c.kind == kind).order_by(jobs.c.id.desc()).limit(1))

    def recent(self, limit: int) -> list[JobView]:
        """The last jobs of every kind, the latest first, without their reports."""
        columns: list[Any] = [column for column in jobs.c if column.name != "report"]
        query: Select[Any] = select(*columns, literal(None).label("report")).order_by(jobs.c.id.desc()).limit(limit)
        with reading(self._engine) as connection:
            return [_view(row) for row in connection.execute(query)]

    def fail_abandoned(self) -> int:
        """At start: mark the jobs of processes that are gone as failed; returns how many."""
        with reading(self._engine) as connection:
            active = connection.execute(select(jobs).where(jobs.c.state.in_(ACTIVE))).all()
        gone = [row.job_id for row in active if self._is_gone(row)]
        for job_id in gone:
            self.fail(job_id, GONE)
        return len(gone)

    def prune(self, before: datetime) -> int:
        """Delete jobs that ended before that moment, but not the latest of a kind; how many."""
        latest = select(func.max(jobs.c.id)).group_by(jobs.c.kind)
        over = (jobs.c.state.not_in(ACTIVE), jobs.c.id.not_in(latest))
        return delete_before(self._engine, jobs, jobs.c.updated_at, before, *over)

    def _look(self, query: Select[Any]) -> JobView | None:
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        if row is not None and row.state in ACTIVE and self._is_gone(row):
            self.fail(row.job_id, GONE)
            with reading(self._engine) as connection:
                row = connection.execute(query).first()
        return None if row is None else _view(row)

    def _is_gone(self, row: Row[Any]) -> bool:
        alive = self._alive(ProcessMark.parse(row.process))
        return not alive if alive is not None else self._clock() - row.updated_at > SILENCE

    def _end(self, connection: Connection, job_id: str, state: str, **values: Any) -> None:
        ended = {"state": state, "updated_at": self._clock(), **values}
        connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(ended))


def _view(row: Row[Any]) -> JobView:
    return JobView(
        id=row.job_id,
        kind=row.kind,
        state=row.state,
        done=row.done,
        total=row.total,
        report=json.loads(row.report) if row.report else None,
        error=row.error,
        started_by=row.started_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        phase=row.phase,
        rate=row.rate,
        eta_seconds=row.eta_seconds,
        stop_asked_by=row.stop_asked_by,
    )
