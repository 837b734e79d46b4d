"""What is said of the replies to many requests."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from evals.http_load.asking import LOST, Reply


def percentile_ms(seconds: Sequence[float], share: float) -> float | None:
    """The nearest rank, in milliseconds; None of nothing."""
    ordered = sorted(seconds)
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)] * 1000, 1) if ordered else None


def summed_up(
    replies: Sequence[Reply], *, seconds: float, right: Callable[[Reply], bool] = lambda _: True
) -> dict[str, Any]:
    """Answers a second, latencies of those answered and of those refused, and whatever was neither.

    A second's answers are those that came within ``seconds`` of the first request: clients who wait for their answers
    go on for a while after. A refusal counts as one only with a status that says so and ``Retry-After``. ``right``
    judges an answer.
    """
    end = min((each.began for each in replies), default=0.0) + seconds
    answered = [each for each in replies if each.status == 200]
    refused = [each for each in replies if each.status in (429, 503) and each.retry_after is not None]
    statuses = Counter(each.status for each in replies if each not in refused and each.status not in (200, LOST))
    times = [each.seconds for each in answered]
    figures: dict[str, Any] = {
        "requests": len(replies),
        "answered": len(answered),
        "right": sum(map(right, answered)),
        "refused": len(refused),
        "lost": sum(each.status == LOST for each in replies),
        "per_second": round(sum(each.began + each.seconds <= end for each in answered) / seconds, 2),
        "p50_ms": percentile_ms(times, 0.5),
        "p95_ms": percentile_ms(times, 0.95),
        "p99_ms": percentile_ms(times, 0.99),
    }
    if refused:
        figures["refused_p95_ms"] = percentile_ms([each.seconds for each in refused], 0.95)
    if statuses:
        figures["other_statuses"] = {str(status): count for status, count in sorted(statuses.items())}
    return figures


def recovery_seconds(replies: Sequence[Reply], since: float, bound_ms: float) -> float | None:
    """How long after ``since`` the last reply came that was refused or slower than the bound; None where all were."""
    late = [each for each in replies if each.status != 200 or each.seconds * 1000 > bound_ms]
    if replies and len(late) == len(replies):
        return None
    return round(max((each.began + each.seconds - since for each in late), default=0.0), 2)
