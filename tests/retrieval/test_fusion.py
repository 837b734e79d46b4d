"""The fused ranking keeps what both sides agree on, whatever their scales."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.fusion import FusionRule, fuse, standardised

scores = st.dictionaries(
    st.integers(min_value=1, max_value=50),
    st.tuples(st.integers(0, 1000), st.integers(0, 1000)),
    min_size=1,
    max_size=20,
)
coverages = st.floats(min_value=0, max_value=1)


def sides(pairs: dict[int, tuple[int, int]]) -> tuple[dict[int, float], dict[int, float]]:
    return ({row: pair[0] / 1000 for row, pair in pairs.items()}, {row: pair[1] / 10 for row, pair in pairs.items()})


@given(scores, coverages)
def test_a_passage_better_on_both_sides_ranks_higher(pairs: dict[int, tuple[int, int]], coverage: float) -> None:
    ranked = fuse(*sides(pairs), coverage=coverage, rule=FusionRule())
    place = {hit.row: index for index, hit in enumerate(ranked)}
    for one, (dense, lexical) in pairs.items():
        for other, (other_dense, other_lexical) in pairs.items():
            if dense > other_dense and lexical > other_lexical:
                assert place[one] < place[other]


@given(scores, coverages, st.integers(1, 9), st.integers(-5, 5))
def test_the_scale_of_a_side_changes_nothing(
    pairs: dict[int, tuple[int, int]], coverage: float, factor: int, shift: int
) -> None:
    dense, lexical = sides(pairs)
    moved = {row: score * factor + shift for row, score in lexical.items()}
    before = {hit.row: hit.score for hit in fuse(dense, lexical, coverage=coverage, rule=FusionRule())}
    after = {hit.row: hit.score for hit in fuse(dense, moved, coverage=coverage, rule=FusionRule())}
    assert after == pytest.approx(before, abs=1e-5)


@given(scores)
def test_standardised_scores_have_mean_0_and_deviation_1(pairs: dict[int, tuple[int, int]]) -> None:
    values = list(standardised(sides(pairs)[0]).values())
    assert sum(values) == pytest.approx(0, abs=1e-6)
    assert math.fsum(value * value for value in values) / len(values) == pytest.approx(1) or not any(values)


@given(coverages, coverages)
def test_the_lexical_side_weighs_no_less_with_more_coverage(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= FusionRule().lexical_weight(low) <= FusionRule().lexical_weight(high) <= 1


def test_a_question_whose_words_do_not_occur_goes_by_meaning() -> None:
    dense, lexical = {1: 0.9, 2: 0.8, 3: 0.1}, {1: 0.0, 2: 2.0, 3: 0.0}
    assert fuse(dense, lexical, coverage=0.05, rule=FusionRule())[0].row == 1


def test_a_question_whose_words_occur_goes_by_words() -> None:
    dense, lexical = {1: 0.82, 2: 0.80, 3: 0.81}, {1: 3.0, 2: 21.0, 3: 2.0}
    assert fuse(dense, lexical, coverage=1.0, rule=FusionRule())[0].row == 2


def test_equal_scores_rank_by_row() -> None:
    assert [hit.row for hit in fuse({5: 0.5, 2: 0.5}, {5: 1.0, 2: 1.0}, coverage=1.0, rule=FusionRule())] == [2, 5]


@given(scores, coverages)
def test_with_no_vectors_the_lexical_side_ranks_alone(pairs: dict[int, tuple[int, int]], coverage: float) -> None:
    _, lexical = sides(pairs)
    ranked = fuse({}, lexical, coverage=coverage, rule=FusionRule())
    assert [hit.row for hit in ranked] == sorted(lexical, key=lambda row: (-lexical[row], row))
    assert all(hit.dense is None for hit in ranked)


@given(scores, coverages)
def test_a_whole_snapshot_is_ranked_by_the_plain_sum(pairs: dict[int, tuple[int, int]], coverage: float) -> None:
    dense, lexical = sides(pairs)
    weight = FusionRule().lexical_weight(coverage)
    dense_z, lexical_z = standardised(dense), standardised(lexical)
    plain = {row: (1 - weight) * dense_z[row] + weight * lexical_z[row] for row in pairs}
    assert {hit.row: hit.score for hit in fuse(dense, lexical, coverage=coverage, rule=FusionRule())} == plain


@given(scores, coverages, st.sets(st.integers(min_value=1, max_value=50)))
def test_among_passages_without_a_vector_the_better_words_win(
    pairs: dict[int, tuple[int, int]], coverage: float, hidden: set[int]
) -> None:
    dense, lexical = sides(pairs)
    known = {row: score for row, score in dense.items() if row not in hidden}
    ranked = fuse(known, lexical, coverage=coverage, rule=FusionRule())
    assert {hit.row: hit.dense for hit in ranked} == {row: known.get(row) for row in pairs}
    unembedded = [hit.row for hit in ranked if hit.dense is None]
    assert unembedded == sorted(unembedded, key=lambda row: (-lexical[row], row))


def test_a_passage_without_a_vector_competes_by_its_words() -> None:
    dense, lexical = {1: 0.82, 2: 0.80}, {1: 3.0, 2: 2.0, 3: 21.0}
    assert fuse(dense, lexical, coverage=1.0, rule=FusionRule())[0].row == 3


def test_no_candidates_no_hits() -> None:
    assert fuse({}, {}, coverage=0.0, rule=FusionRule()) == []
