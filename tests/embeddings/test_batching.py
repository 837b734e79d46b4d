"""Every text once, within the budget, in batches of one or of like length."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.batching import batches_of_equal_length, batches_of_like_length

LENGTHS = st.lists(st.integers(0, 600), max_size=60)


@given(LENGTHS, st.integers(1, 2000))
def test_equal_batches_hold_each_text_once_and_one_length(lengths: list[int], max_tokens: int) -> None:
    batches = list(batches_of_equal_length(lengths, max_tokens=max_tokens))
    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len({lengths[position] for position in batch}) == 1
        assert len(batch) == 1 or sum(lengths[position] for position in batch) <= max_tokens


@given(LENGTHS, st.integers(1, 2000))
def test_like_batches_hold_each_text_once_within_the_padded_budget(lengths: list[int], max_tokens: int) -> None:
    batches = list(batches_of_like_length(lengths, max_tokens=max_tokens))
    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[position] for position in batch) <= max_tokens


@pytest.mark.parametrize("cut", [batches_of_equal_length, batches_of_like_length])
def test_longest_come_first(cut: Callable[..., object]) -> None:
    batches = cut([3, 9, 3, 12], max_tokens=8)
    assert [list(batch) for batch in batches] == [[3], [1], [0, 2]]  # type: ignore[attr-defined]


def test_no_texts_no_batches() -> None:
    assert list(batches_of_equal_length([], max_tokens=8)) == []
    assert list(batches_of_like_length([], max_tokens=8)) == []


def test_positions_are_indexes_of_an_array() -> None:
    (batch,) = batches_of_equal_length([2, 2], max_tokens=8)
    assert np.arange(2.0)[batch].tolist() == [0.0, 1.0]
