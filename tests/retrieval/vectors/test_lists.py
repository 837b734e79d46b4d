"""Large parts, made small for tests: what the lists leave out must not be missed, and merging keeps their clusters."""

from __future__ import annotations

import os
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from retrieval.vectors import PartedVectorIndex, Vector, VectorPart, merge_parts, part_writer
from retrieval.vectors.lists import InvertedLists, lists_for, scanned_vectors
from retrieval.vectors.part import LISTS
from retrieval.vectors.selection import Selection
from tests.retrieval.vectors.made import part

COUNT, WIDTH = 6000, 32


def clustered(count: int, seed: int) -> Vector:
    """Vectors in narrow clusters around centres that are much alike, as those of texts are."""
    draw = np.random.default_rng(seed)
    centres = np.random.default_rng(7).normal(size=(60, WIDTH)) + 3
    matrix = centres[draw.integers(0, 60, count)] + 0.4 * draw.normal(size=(count, WIDTH))
    unit: Vector = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)
    return unit


VECTORS = clustered(COUNT, 1923)
QUERIES = clustered(40, 5)


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_writer, "MOST_FLAT", 2000)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> VectorPart:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(part_writer, "MOST_FLAT", 2000)
        return part(tmp_path_factory.mktemp("large") / "part", range(0, 3 * COUNT, 3), VECTORS)


def recall(index: PartedVectorIndex, rows: Collection[int], left_out: Collection[int] = (), limit: int = 10) -> float:
    """The mean share of the truly best live rows that searches find."""
    live = np.array(sorted(set(rows) - set(left_out)))
    shares = []
    for query in QUERIES:
        expected = live[np.argsort(-(VECTORS[live // 3] @ query))[:limit]].tolist()
        found = index.search(query, limit, excluded=left_out)
        assert len(found) == limit
        shares.append(len(set(expected) & found.keys()) / limit)
    return float(np.mean(shares))


def test_a_large_part_finds_nearly_all_and_scores_exactly(large: VectorPart) -> None:
    assert large.kind == LISTS
    index = PartedVectorIndex([large], [], WIDTH)
    assert recall(index, large.rows.tolist()) >= 0.97
    found = index.search(QUERIES[0], 10)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert found == index.scores(QUERIES[0], list(found))
    assert list(found.values()) == pytest.approx([float(VECTORS[row // 3] @ QUERIES[0]) for row in found], abs=1e-6)


def test_a_search_looks_at_part_of_a_large_part_only(large: VectorPart, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []
    search = InvertedLists.search

    def noted(lists: InvertedLists, query: Vector, limit: int, allowed: Selection, most: int) -> object:
        looked_at.append(most)
        return search(lists, query, limit, allowed, most)

    monkeypatch.setattr(InvertedLists, "search", noted)
    PartedVectorIndex([large], [], WIDTH).search(QUERIES[0], 10)
    assert looked_at == [scanned_vectors(COUNT)]
    assert looked_at[0] < COUNT / 2


@pytest.mark.parametrize("share", [0.1, 0.6, 0.99])
def test_dead_and_excluded_rows_do_not_hide_live_ones(large: VectorPart, share: float) -> None:
    rows = large.rows.tolist()
    gone = np.random.default_rng(3).permutation(rows)[: int(share * COUNT)].tolist()
    live = sorted(set(rows) - set(gone))
    assert recall(PartedVectorIndex([large], gone, WIDTH), live) >= 0.97
    assert recall(PartedVectorIndex([large], gone[::2], WIDTH), rows, set(gone)) >= 0.97


def test_the_best_of_a_query_may_all_be_excluded(large: VectorPart) -> None:
    index = PartedVectorIndex([large], [], WIDTH)
    best = set(index.search(QUERIES[0], 300))
    found = index.search(QUERIES[0], 10, excluded=best)
    assert len(found) == 10
    assert not best & found.keys()


def test_where_all_that_is_near_is_excluded_the_rest_is_found(large: VectorPart) -> None:
    assert large.lists is not None
    everything = Selection(COUNT)
    near = large.rows[large.lists.search(QUERIES[0], COUNT, everything, scanned_vectors(COUNT))].tolist()
    live = set(large.rows.tolist()) - set(near)
    found = PartedVectorIndex([large], [], WIDTH).search(QUERIES[0], 10, excluded=near)
    best = sorted(live, key=lambda row: -float(VECTORS[row // 3] @ QUERIES[0]))[:10]
    assert len(near) > COUNT / 10
    assert len(set(best) & found.keys()) >= 9


def without(index: PartedVectorIndex, rows: Collection[int]) -> PartedVectorIndex:
    return index.without(np.array(sorted(rows), dtype=np.int64))


@pytest.mark.parametrize("share", [0.1, 0.6, 0.99])
def test_what_is_left_of_a_large_part_is_found_as_well_as_all_of_it(
    large: VectorPart, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.vectors.part.MOST_FLAT", 2000)
    gone = np.random.default_rng(3).permutation(large.rows)[: int(share * COUNT)].tolist()
    left = without(PartedVectorIndex([large], [], WIDTH), gone)
    assert left.count == COUNT - len(gone)
    assert recall(left, set(large.rows.tolist()) - set(gone)) >= 0.97


def test_where_whole_clusters_are_hidden_the_best_of_the_rest_are_found(
    large: VectorPart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.vectors.part.MOST_FLAT", 2000)
    assert large.lists is not None
    # What is hidden is what questions are near to, as where one office's papers have a label.
    near = [large.lists.search(query, COUNT, Selection(COUNT), scanned_vectors(COUNT)) for query in QUERIES[:1]]
    gone = large.rows[np.unique(np.concatenate(near))].tolist()
    left = without(PartedVectorIndex([large], [], WIDTH), gone)
    assert COUNT / 3 < left.count < 3 * COUNT / 4
    assert recall(left, set(large.rows.tolist()) - set(gone)) >= 0.95


def test_what_was_left_out_twice_or_was_dead_before_is_left_out_once(large: VectorPart) -> None:
    index = without(PartedVectorIndex([large], [0, 3], WIDTH), [3, 6, 999_999])
    assert index.count == COUNT - 3
    assert without(index, [6, 9]).count == COUNT - 4
    assert without(index, large.rows.tolist()).search(QUERIES[0], 10) == {}
    assert index.search(QUERIES[0], 5, excluded=[]) == index.search(QUERIES[0], 5)


def test_a_limit_of_all_gives_all(large: VectorPart) -> None:
    assert len(PartedVectorIndex([large], [], WIDTH).search(QUERIES[0], 2 * COUNT)) == COUNT


def test_a_large_part_without_live_rows_gives_nothing(large: VectorPart) -> None:
    assert PartedVectorIndex([large], large.rows, WIDTH).search(QUERIES[0], 10) == {}


def test_vectors_that_are_all_the_same_make_a_large_part(tmp_path: Path) -> None:
    same = part(tmp_path / "same", range(2500), np.repeat(VECTORS[:1], 2500, axis=0))
    assert same.kind == LISTS
    assert len(PartedVectorIndex([same], [], WIDTH).search(VECTORS[0], 10)) == 10


def test_eight_threads_find_the_same_as_one(large: VectorPart) -> None:
    index = PartedVectorIndex([large], [0, 3], WIDTH)
    expected = [index.search(query, 10, excluded={9}) for query in QUERIES]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda query: index.search(query, 10, excluded={9}), list(QUERIES) * 3)) == expected * 3


def test_a_merged_part_keeps_the_clusters_of_the_largest(
    large: VectorPart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = clustered(1000, 11)
    small = part(tmp_path / "small", range(1, 3001, 3), added)
    dead = [0, 1, 3000]
    monkeypatch.delattr(InvertedLists, "of")
    merge_parts(tmp_path / "merged", [small, large], dead)
    merged = VectorPart.open(tmp_path / "merged")
    assert (merged.kind, merged.count) == (LISTS, COUNT + 1000 - 3)
    before, after = PartedVectorIndex([small, large], dead, WIDTH), PartedVectorIndex([merged], [], WIDTH)
    same = [len(before.search(query, 10).keys() & after.search(query, 10).keys()) for query in QUERIES]
    assert np.mean(same) >= 9.7
    assert after.search(added[5], 1).keys() == {16}


def test_lists_are_made_anew_where_their_number_does_not_fit(large: VectorPart, tmp_path: Path) -> None:
    dead = large.rows[: int(0.62 * COUNT)]
    merge_parts(tmp_path / "merged", [large], dead)
    merged = VectorPart.open(tmp_path / "merged")
    assert merged.kind == LISTS
    assert merged.lists is not None
    assert merged.lists.fit(merged.count)
    assert large.lists is not None
    assert not large.lists.fit(merged.count)
    assert recall(PartedVectorIndex([merged], [], WIDTH), merged.rows.tolist()) >= 0.97


def test_a_merged_part_that_became_small_is_flat(large: VectorPart, tmp_path: Path) -> None:
    merge_parts(tmp_path / "merged", [large], large.rows[1500:])
    assert VectorPart.open(tmp_path / "merged").kind == "flat"
    assert not (tmp_path / "merged" / "lists.faiss").exists()


@pytest.mark.parametrize("damage", ["short", "other", "fewer", "gone"])
def test_damaged_lists_are_refused(large: VectorPart, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "part"
    part(folder, range(2500), VECTORS[:2500])
    path = folder / "lists.faiss"
    if damage == "short":
        path.write_bytes(path.read_bytes()[:5000])
    elif damage == "other":
        path.write_bytes(b"not an index")
    elif damage == "gone":
        path.unlink()
    else:
        part(tmp_path / "fewer", range(2400), VECTORS[:2400])
        (tmp_path / "fewer" / "lists.faiss").replace(path)
    with pytest.raises(ValueError, match="vectors part cannot be read"):
        VectorPart.open(folder)


def test_lists_that_cannot_be_written_are_told(large: VectorPart, tmp_path: Path) -> None:
    assert large.lists is not None
    with pytest.raises(OSError, match="none"):
        large.lists.write(tmp_path / "none" / "lists.faiss")


def test_what_is_looked_at_grows_less_than_the_part() -> None:
    for count in (50_001, 300_000, 3_000_000):
        assert scanned_vectors(10 * count) < 5 * scanned_vectors(count)
        assert lists_for(count) < count / 20


def test_opening_asks_the_system_to_have_the_whole_file_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int, int]] = []
    monkeypatch.setattr(os, "posix_fadvise", lambda _, start, length, advice: asked.append((start, length, advice)))
    part(tmp_path / "part", range(COUNT), VECTORS)
    assert asked == [(0, 0, os.POSIX_FADV_WILLNEED)]
    asked.clear()
    part(tmp_path / "small", range(100), VECTORS[:100])
    assert asked == []
