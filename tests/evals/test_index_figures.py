"""The small figures of the index benchmark."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from evals.index_corpora import STRIDE_CHARS, WINDOW_CHARS, windows
from evals.index_figures import growth_exponent, percentiles, recall, resident_mib
from evals.index_scale_plot import scale_svg


@pytest.mark.parametrize("power", [0.0, 0.25, 1.0, 2.0])
def test_growth_by_a_power_has_that_exponent(power: float) -> None:
    sizes = [10_000, 100_000, 300_000, 1_000_000]

    assert growth_exponent(sizes, [0.7 * size**power for size in sizes]) == pytest.approx(power, abs=1e-3)


def test_percentiles_are_those_between_ranks() -> None:
    assert percentiles([float(value) for value in range(1, 101)]) == {"p50": 50.5, "p95": 95.95}


def test_recall_counts_what_is_as_near_as_the_last_exact_one() -> None:
    exact = np.array([[0.9, 0.8], [0.7, 0.6]], dtype=np.float32)
    found = [np.array([0.9, 0.5], dtype=np.float32), np.array([0.7, 0.6], dtype=np.float32)]

    assert recall(found, exact) == 0.75


def test_of_passages_that_tie_any_is_right_but_none_counts_beyond_the_best() -> None:
    exact = np.array([[0.9, 0.8]], dtype=np.float32)

    assert recall([np.array([0.8, 0.8, 0.8], dtype=np.float32)], exact) == 1.0


def test_nothing_found_is_a_recall_of_nothing() -> None:
    assert recall([np.zeros(0, dtype=np.float32)], np.array([[0.9]], dtype=np.float32)) == 0.0


def test_memory_is_read_in_mib(tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tpython\nVmRSS:\t  10240 kB\nRssAnon:\t 2048 kB\nRssFile:\t 8192 kB\n", encoding="utf-8")

    assert resident_mib(status) == {"all": 10, "own": 2, "files": 8}


@pytest.mark.parametrize("length", [1, 59, 150, 151, 209, 210, 224, 225, 1000, 100_000])
def test_windows_cover_a_text_without_gaps_and_overlap_by_half(length: int) -> None:
    cut = list(windows(length))

    assert cut[0][0] == 0
    assert all(end - start <= WINDOW_CHARS for start, end in cut)
    assert all(later - start == STRIDE_CHARS for (start, _), (later, _) in pairwise(cut))
    # What is left out at the end is too short for a window.
    assert length - cut[-1][1] < 60


def test_the_plot_draws_every_size_and_says_the_figures() -> None:
    sizes = [
        {
            "passages": passages,
            "product": {"retrieval_ms": {"p50": 3.0, "p95": 6.0}},
            "plain": {"retrieval_ms": {"p50": passages / 5000, "p95": passages / 4000}},
            "resident_mib": {"product": {"all": 300}, "plain": {"all": 2000}},
            "recall@10": {"all": 0.99},
        }
        for passages in (10_000, 1_000_000)
    ]

    drawn = scale_svg(sizes)

    assert drawn.count("<circle") == 2 * 6
    assert "p95 250.0 ms at 1,000,000 passages" in drawn
    assert "nan" not in drawn
