"""What counts as agreeing with torch."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.agreement import SENTENCES, compare


def test_equal_vectors_agree_fully() -> None:
    rows = np.eye(3, dtype=np.float32)
    agreement = compare(rows, rows)
    assert (agreement.mean, agreement.minimum, agreement.accepted) == (1.0, 1.0, True)


def test_mean_and_minimum_are_of_the_rows() -> None:
    turned = np.array([[1, 0], [0.6, 0.8]], dtype=np.float32)
    agreement = compare(np.array([[1, 0], [1, 0]], dtype=np.float32), turned)
    assert agreement.mean == pytest.approx(0.8)
    assert agreement.minimum == pytest.approx(0.6)
    assert not agreement.accepted


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_that_are_not_finite_do_not_agree(value: float) -> None:
    rows = np.eye(2, dtype=np.float32)
    broken = rows.copy()
    broken[0, 0] = value
    assert not compare(rows, broken).accepted


def test_the_sentences_cover_scripts_numerals_and_lengths() -> None:
    joined = "".join(SENTENCES)
    assert all(mark in joined for mark in ("县", "樓", "library", "１", "%", "1.3亿"))
    assert min(map(len, SENTENCES)) == 1
    assert max(map(len, SENTENCES)) > 512
    assert len(set(SENTENCES)) == len(SENTENCES) >= 20
