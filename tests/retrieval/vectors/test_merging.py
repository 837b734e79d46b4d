"""Folding parts: nothing is lost, nothing dead is kept, and there are never many parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.vectors import PartedVectorIndex, VectorPart, dead_counts, merge_parts, plan_merges
from retrieval.vectors.merging import MOST_PARTS
from tests.retrieval.vectors.made import DIM, made, part


def test_merged_parts_hold_the_live_rows_of_all(tmp_path: Path) -> None:
    vectors = made(90)
    rows = np.random.default_rng(5).permutation(90)
    parts = [
        part(tmp_path / str(place), rows[place : place + 30].tolist(), vectors[rows[place : place + 30]])
        for place in (0, 30, 60)
    ]
    dead = [3, 50, 4000]
    assert sum(dead_counts(parts, dead)) == 2
    merge_parts(tmp_path / "merged", parts, dead)
    merged = VectorPart.open(tmp_path / "merged")
    assert merged.rows.tolist() == [row for row in range(90) if row not in dead]
    np.testing.assert_array_equal(merged.raw.at(merged.places(merged.rows)), vectors[merged.rows])
    before, after = PartedVectorIndex(parts, dead, DIM), PartedVectorIndex([merged], [], DIM)
    for query in vectors[:10]:
        assert before.search(query, 20) == pytest.approx(after.search(query, 20), abs=1e-6)


def test_parts_without_live_rows_merge_to_an_empty_one(tmp_path: Path) -> None:
    parts = [part(tmp_path / "part", range(5), made(5))]
    merge_parts(tmp_path / "merged", parts, range(5))
    assert VectorPart.open(tmp_path / "merged").count == 0


def test_a_row_in_two_parts_is_refused(tmp_path: Path) -> None:
    parts = [part(tmp_path / name, range(5), made(5)) for name in ("one", "two")]
    with pytest.raises(ValueError, match="twice"):
        merge_parts(tmp_path / "merged", parts, [])


def test_a_part_with_many_dead_rows_is_rewritten_alone() -> None:
    assert plan_merges([100_000, 8000], [30_000, 10]) == [[0]]
    assert plan_merges([100_000, 8000], [20_000, 10]) == []


def test_small_additions_are_folded_and_a_large_part_stays() -> None:
    assert plan_merges([1_000_000, 100, 1], [0, 0, 0]) == [[1, 2]]
    assert plan_merges([1_000_000, 100], [0, 0]) == []
    assert plan_merges([60_000, 50_000], [0, 0]) == [[0, 1]]
    assert plan_merges([], []) == []


@given(st.lists(st.tuples(st.integers(0, 10**6), st.floats(0, 1)), max_size=40))
def test_a_plan_leaves_few_parts_with_few_dead_rows(sizes: list[tuple[int, float]]) -> None:
    counts = [count for count, _ in sizes]
    dead = [int(count * share) for count, share in sizes]
    groups = plan_merges(counts, dead)
    touched = [number for group in groups for number in group]
    assert len(touched) == len(set(touched))
    untouched = set(range(len(counts))) - set(touched)
    assert len(untouched) + len(groups) <= MOST_PARTS
    assert all(dead[number] <= 0.25 * counts[number] for number in untouched)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 3000), min_size=50, max_size=300))
def test_over_many_additions_a_vector_is_rewritten_a_few_times_only(additions: list[int]) -> None:
    counts: list[int] = []
    rewritten = 0
    for added in additions:
        counts.append(added)
        for group in plan_merges(counts, [0] * len(counts)):
            merged = sum(counts[number] for number in group)
            rewritten += merged
            counts = [count for number, count in enumerate(counts) if number not in group] + [merged]
        assert len(counts) <= MOST_PARTS
    # Small parts are folded at every addition, larger ones each time they have grown by half.
    assert rewritten <= 1024 * len(additions) + 12 * sum(additions)
