"""How the program fares: how fast and how often it answers, errors, disk, version. Figures for people, not alarms."""

from __future__ import annotations

import logging
import math
import shutil
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.answers import Outcome
from bot.audit import FAILED
from bot.state.answer_figures import GivenAnswer

_MAX_ERRORS = 1000


@dataclass(frozen=True, slots=True)
class Answered:
    """The questions of some time: how many, how many found no answer or failed, and how long they took (None: none)."""

    questions: int
    not_found: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Health:
    """As of now. ``errors``: in the log in the last day; ``last_error``: its event and when. Sizes in bytes."""

    hour: Answered
    day: Answered
    errors: int
    last_error: tuple[str, datetime] | None
    disk_free: int
    disk_total: int
    version: str
    started_at: datetime


class ErrorTally(logging.Handler):
    """Counts what is logged as an error; keeps names of events, nothing of what they say."""

    def __init__(self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(logging.ERROR)
        self._clock = clock
        self._errors: deque[tuple[str, datetime]] = deque(maxlen=_MAX_ERRORS)
        self._guard = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Count one."""
        # Events of ours come as a mapping; the words of others may hold anything.
        event = record.msg.get("event") if isinstance(record.msg, dict) else None
        with self._guard:
            self._errors.append((str(event or record.name), self._clock()))

    def since(self, start: datetime) -> list[tuple[str, datetime]]:
        """Events and times, oldest first; of very many only the last."""
        with self._guard:
            return [each for each in self._errors if each[1] >= start]


@dataclass(frozen=True, slots=True)
class HealthParts:
    """What is looked at. ``given``: the answers of so many last hours, latest first."""

    given: Callable[[float], Sequence[GivenAnswer]]
    errors: ErrorTally
    data_dir: Path
    version: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


class HealthCheck:
    """Looks when it is asked. Thread-safe."""

    def __init__(self, parts: HealthParts) -> None:
        self._parts = parts
        self._started_at = parts.clock()

    def health(self) -> Health:
        """How things are. Raises: StoreError."""
        now = self._parts.clock()
        given = self._parts.given(24)
        errors = self._parts.errors.since(now - timedelta(days=1))
        disk = shutil.disk_usage(self._parts.data_dir)
        return Health(
            hour=answered([each for each in given if each.asked_at >= now - timedelta(hours=1)]),
            day=answered(given),
            errors=len(errors),
            last_error=errors[-1] if errors else None,
            disk_free=disk.free,
            disk_total=disk.total,
            version=self._parts.version,
            started_at=self._started_at,
        )


def answered(given: Sequence[GivenAnswer]) -> Answered:
    """The figures of some answers; percentiles are of those that were given (nearest rank)."""
    times = sorted(each.latency_ms for each in given)
    not_found = sum(each.outcome == Outcome.NOT_FOUND for each in given)
    failed = sum(each.outcome.startswith(FAILED) for each in given)
    return Answered(len(given), not_found, failed, _percentile(times, 0.5), _percentile(times, 0.95))


def _percentile(ordered: Sequence[float], share: float) -> float | None:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
