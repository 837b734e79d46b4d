"""What `/metrics` tells Prometheus: age and size of the serving snapshot, what waits, what failed, how jobs go.

These figures are taken when they are asked for; what is counted in between (``bot.meters``) stands after them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from bot.errors import BotError
from bot.state.jobs import JobView
from corpus.errors import CorpusError
from retrieval.errors import RetrievalError

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Metric, figure of the status it is, what it says.
_FIGURES = (
    ("yiju_documents", "documents", "Documents of the serving snapshot"),
    ("yiju_documents_pending", "pending_documents", "Documents that are stored and not indexed yet"),
    ("yiju_documents_failed", "failed_documents", "Files and lines that could not be read"),
    ("yiju_documents_retired", "retired", "Documents that are retired"),
    ("yiju_passages", "passages", "Passages of the serving snapshot"),
    ("yiju_passages_embedded", "embedded", "Passages of the serving snapshot that have a vector"),
)
_JOBS = (("reindex", "last_job"), ("embedding", "embedding_job"))

Status = Callable[[], Mapping[str, Any]]


def metrics_text(
    status: Status,
    counted: CollectorRegistry | None = None,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> bytes:
    """The figures of ``status`` in Prometheus' text format, of which ``yiju_ready 0`` alone while there are none.

    ``counted``: what else there is to tell.
    """
    registry = CollectorRegistry()
    registry.register(_Figures(status, now))
    return generate_latest(registry) + (generate_latest(counted) if counted is not None else b"")


class _Figures:
    """A collector for one answer."""

    def __init__(self, status: Status, now: Callable[[], datetime]) -> None:
        self._status = status
        self._now = now

    def describe(self) -> list[Metric]:
        """Nothing: names need no check for a registry of one collector."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every metric there is a figure for."""
        try:
            figures = self._status()
        except (BotError, CorpusError, RetrievalError):
            yield _gauge("yiju_ready", "Whether questions can be answered (1) or not (0)", 0)
            return
        ready = figures["snapshot"] is not None
        yield _gauge("yiju_ready", "Whether questions can be answered (1) or not (0)", int(ready))
        for name, figure, meaning in _FIGURES:
            yield _gauge(name, meaning, figures[figure])
        waiting = figures["passages"] - figures["embedded"]
        yield _gauge("yiju_passages_pending", "Passages of the serving snapshot without a vector yet", waiting)
        yield _gauge("yiju_embedding_paused", "Whether embedding is paused (1)", int(figures["paused_by"] is not None))
        yield _gauge("yiju_snapshots_blocked", "Snapshots that wait to be accepted", len(figures["blocked"]))
        if ready:
            age = (self._now() - figures["created_at"]).total_seconds()
            yield _gauge("yiju_snapshot_age_seconds", "Seconds since the serving snapshot was made", max(0.0, age))
        yield from self._jobs(figures)

    def _jobs(self, figures: Mapping[str, Any]) -> Iterator[Metric]:
        families = {
            name: GaugeMetricFamily(name, meaning, labels=["kind"])
            for name, meaning in (
                ("yiju_job_running", "Whether a job of the kind runs (1)"),
                ("yiju_job_failed", "Whether the last job of the kind failed (1)"),
                ("yiju_job_updated_timestamp_seconds", "When the last job of the kind was last heard of, or ended"),
                ("yiju_job_done_ratio", "How much of its phase the running job has done, 0 to 1"),
                ("yiju_job_rate", "Steps a second of the running job"),
                ("yiju_job_eta_seconds", "Seconds left in the phase of the running job"),
            )
        }
        for kind, figure in _JOBS:
            for name, value in _job_figures(figures[figure]).items():
                families[name].add_metric([kind], value)
        yield from families.values()


def _job_figures(job: JobView | None) -> dict[str, float]:
    if job is None:
        return {}
    found = {
        "yiju_job_running": float(job.active),
        # Stopped by a person, or for another job, is no failure.
        "yiju_job_failed": float(job.state == "failed" and job.stop_asked_by is None),
        "yiju_job_updated_timestamp_seconds": job.updated_at.timestamp(),
    }
    if job.active:
        found["yiju_job_done_ratio"] = job.done / job.total if job.total else 0.0
        if job.rate is not None:
            found["yiju_job_rate"] = job.rate
        if job.eta_seconds is not None:
            found["yiju_job_eta_seconds"] = job.eta_seconds
    return found


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)
