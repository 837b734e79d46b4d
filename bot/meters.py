"""What is counted and timed while the program serves, for Prometheus: questions, stages, requests, queues, errors.

One object a process, made by the composition root and handed to whoever counts. Thread-safe; counting takes
microseconds. Names of people, questions and documents never get in: every label has a small, fixed set of values.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily, Metric

from bot.answers import Outcome
from bot.audit import FAILED
from bot.state.audit import Deed
from retrieval.stages import STAGES

# Of parts of a question, and of whole ones and requests: from what nobody notices to what nobody waits for.
_STAGE_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_WHOLE_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30)
OUTCOMES = (*(str(outcome) for outcome in Outcome), FAILED)
# Events of the log that are an error of a channel: which channel, and what for an error.
CHANNEL_ERRORS = {
    "telegram_not_delivered": ("telegram", "send"),
    "telegram_unreachable": ("telegram", "poll"),
    "telegram_conflict": ("telegram", "conflict"),
    "telegram_failed": ("telegram", "handler"),
    "telegram_background_failed": ("telegram", "background"),
    "telegram_off": ("telegram", "off"),
    "http_failed": ("http", "handler"),
    "audit_not_kept": ("audit", "keep"),
}
_LEVELS = {logging.WARNING: "warning", logging.ERROR: "error", logging.CRITICAL: "error"}


class Line(Protocol):
    """A pool of workers with a line before it."""

    @property
    def name(self) -> str:
        """Of a fixed set."""
        ...

    @property
    def running(self) -> int:
        """Work that is being done."""
        ...

    @property
    def waiting(self) -> int:
        """Work in line."""
        ...

    @property
    def capacity(self) -> int:
        """The most of both together."""
        ...


class Meters:
    """Every metric that is counted as things happen; those that are looked up when asked for are in `http_metrics`."""

    def __init__(self, connections: object = None) -> None:
        """``connections``: SQLAlchemy's pool of those to the database, whose use is told too."""
        # Of the whole library: else it tells of every series when it was begun, which doubles them for nobody.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        self._stages = Histogram(
            "yiju_stage_duration_seconds",
            "Seconds of a stage of answering",
            ["stage"],
            buckets=_STAGE_SECONDS,
            registry=registry,
        )
        self._asked = Histogram(
            "yiju_question_duration_seconds",
            "Seconds from a question that is begun to its answer; what waits in line is not in it",
            ["channel"],
            buckets=_WHOLE_SECONDS,
            registry=registry,
        )
        self._outcomes = Counter(
            "yiju_questions", "Questions by what became of them", ["channel", "outcome"], registry=registry
        )
        self._requests = Counter(
            "yiju_http_requests", "Requests that were answered", ["method", "route", "status"], registry=registry
        )
        self._answered = Histogram(
            "yiju_http_request_duration_seconds",
            "Seconds of a request, from its head to the end of its response",
            ["route"],
            buckets=_WHOLE_SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge("yiju_http_requests_in_flight", "Requests that are being answered", registry=registry)
        self._refused = Counter(
            "yiju_work_refused", "Work that was not done, by why", ["pool", "reason"], registry=registry
        )
        self._waited = Histogram(
            "yiju_work_wait_seconds", "Seconds in line", ["pool"], buckets=_WHOLE_SECONDS, registry=registry
        )
        self._llm = Counter("yiju_llm_answers", "Answers asked of the language model", ["outcome"], registry=registry)
        self._llm_seconds = Histogram(
            "yiju_llm_duration_seconds", "Seconds that it took", buckets=_WHOLE_SECONDS, registry=registry
        )
        self.log = LogMeter(registry)
        self.lines = _Lines()
        registry.register(self.lines)
        self._count_connections(connections)
        ProcessCollector(registry=registry)
        for name in STAGES:
            self._stages.labels(name)

    def _count_connections(self, connections: object) -> None:
        gauge = Gauge("yiju_database_connections", "Connections to the database", ["state"], registry=self.registry)
        for state, count in (("in_use", "checkedout"), ("idle", "checkedin")):
            # A pool that keeps none open cannot count them.
            gauge.labels(state).set_function(getattr(connections, count, lambda: 0))

    def stage(self, name: str, seconds: float) -> None:
        """A stage of a question ended."""
        self._stages.labels(name).observe(seconds)

    def asked(self, deed: Deed) -> None:
        """A question had its outcome. Those that failed are counted as one, whatever the error."""
        outcome = FAILED if (deed.outcome or FAILED).startswith(FAILED) else deed.outcome
        self._outcomes.labels(deed.channel, outcome).inc()
        if deed.latency_ms is not None:
            self._asked.labels(deed.channel).observe(deed.latency_ms / 1000)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered. ``route``: its pattern, never its path."""
        self._requests.labels(method, route, str(status)).inc()
        self._answered.labels(route).observe(seconds)

    def waited(self, pool: str, seconds: float) -> None:
        """Work left its line to be done."""
        self._waited.labels(pool).observe(seconds)

    def refused(self, pool: str, reason: str) -> None:
        """Work was not done: no place in line, pushed out of it, given up."""
        self._refused.labels(pool, reason).inc()

    def llm(self, outcome: str, seconds: float | None) -> None:
        """An open question; ``outcome`` of a fixed set: what the language model made of it. None: it was not asked."""
        self._llm.labels(outcome).inc()
        if seconds is not None:
            self._llm_seconds.observe(seconds)


class LogMeter(logging.Handler):
    """Counts warnings and errors of the log, and among them the errors of channels by their events."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__(logging.WARNING)
        self._records = Counter("yiju_log_records", "Warnings and errors in the log", ["level"], registry=registry)
        self._errors = Counter(
            "yiju_channel_errors", "What went wrong in a channel", ["channel", "kind"], registry=registry
        )
        # From the start, so that the first error is a rise and not a new series.
        for level in sorted(set(_LEVELS.values())):
            self._records.labels(level)
        for labels in CHANNEL_ERRORS.values():
            self._errors.labels(*labels)

    def emit(self, record: logging.LogRecord) -> None:
        """Count one."""
        self._records.labels(_LEVELS.get(record.levelno, "error")).inc()
        # Events of ours come as a mapping; the words of others may hold anything.
        event = record.msg.get("event") if isinstance(record.msg, dict) else None
        if isinstance(event, str) and event in CHANNEL_ERRORS:
            self._errors.labels(*CHANNEL_ERRORS[event]).inc()


class _Lines:
    """The lines as they are when somebody asks."""

    def __init__(self) -> None:
        self._known: dict[str, Line] = {}

    def add(self, line: Line) -> None:
        """From now on told; one of the same name is told no more."""
        self._known[line.name] = line

    def describe(self) -> Sequence[Metric]:
        """Names, so that no other metric takes one."""
        return [GaugeMetricFamily(name, meaning) for name, (meaning, _) in _LINE_FIGURES.items()]

    def collect(self) -> Iterator[Metric]:
        """One value a line and figure."""
        for name, (meaning, figure) in _LINE_FIGURES.items():
            family = GaugeMetricFamily(name, meaning, labels=["pool"])
            for line in list(self._known.values()):
                family.add_metric([line.name], figure(line))
            yield family


_LINE_FIGURES: dict[str, tuple[str, Callable[[Line], float]]] = {
    "yiju_work_running": ("Work that is being done", lambda line: line.running),
    "yiju_work_waiting": ("Work that waits in line", lambda line: line.waiting),
    "yiju_work_capacity": ("The most that may be done and wait together", lambda line: line.capacity),
}


class Spans(Protocol):
    """Makes a span of a trace of what is done in a block."""

    def span(self, name: str) -> AbstractContextManager[object]:
        """Entered when it begins."""
        ...


class Watch:
    """Times each stage of a question, and makes a span of it where traces are on."""

    def __init__(self, observe: Callable[[str, float], None], spans: Spans | None = None) -> None:
        self._observe = observe
        self._spans = spans

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Timed from entering to leaving."""
        return _Timed(self._observe, name, self._spans.span(name) if self._spans is not None else None)


class _Timed:
    __slots__ = ("_name", "_observe", "_span", "_started")

    def __init__(
        self, observe: Callable[[str, float], None], name: str, span: AbstractContextManager[object] | None
    ) -> None:
        self._observe, self._name, self._span = observe, name, span

    def __enter__(self) -> None:
        if self._span is not None:
            self._span.__enter__()
        self._started = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        self._observe(self._name, time.perf_counter() - self._started)
        if self._span is not None:
            self._span.__exit__(*error)  # type: ignore[arg-type]
