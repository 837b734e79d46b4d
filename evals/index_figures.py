"""Small figures of the index benchmark: percentiles, growth, recall, memory of a process."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

# Products that differ by less than this are ties: the same text, or rounding.
TIE = 1e-6


def percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    """p50 and p95, in the unit given; at least two values."""
    return {
        "p50": round(statistics.median(milliseconds), 2),
        "p95": round(statistics.quantiles(milliseconds, n=20)[-1], 2),
    }


def growth_exponent(sizes: Sequence[int], values: Sequence[float]) -> float:
    """The power of the size by which values grow: the slope of their logarithms by least squares; 1 is linear.

    At least two sizes that differ; all above 0.
    """
    x = [math.log(size) for size in sizes]
    y = [math.log(value) for value in values]
    return round(statistics.linear_regression(x, y).slope, 3)


def recall(found: Sequence[npt.NDArray[np.float32]], exact: npt.NDArray[np.float32]) -> float:
    """The mean share of the exact best that was found, by products: ``found`` of each question, exact (questions, k).

    A found passage counts where it is as near as the last of the exact ones: of passages that tie any will do.
    """
    best = exact.shape[1]
    shares = [
        min(best, int((products >= limits[-1] - TIE).sum())) / best
        for products, limits in zip(found, exact, strict=True)
    ]
    return round(statistics.fmean(shares), 4)


def resident_mib(status: Path = Path("/proc/self/status")) -> dict[str, int]:
    """Memory that the process holds now: all of it, its own (anonymous), and of files mapped into it (Linux)."""
    said: Mapping[str, str] = dict(
        line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines() if ":" in line
    )
    names = {"all": "VmRSS", "own": "RssAnon", "files": "RssFile"}
    return {name: round(int(said[key].split()[0]) / 1024) for name, key in names.items()}


def ratio(slower: float, faster: float) -> float:
    """How many times as large the first is."""
    return round(slower / faster, 2)
