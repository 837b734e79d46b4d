"""Parts on disk: what is written comes back, and what is damaged is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from retrieval.vectors import VectorPart, write_part
from tests.retrieval.vectors.made import DIM, made, part

VECTORS = made(50)


def test_rows_in_any_order_are_sorted_with_their_vectors(tmp_path: Path) -> None:
    rows = np.random.default_rng(3).permutation(50) * 7
    for name, vectors in (("whole", VECTORS), ("blocks", iter([VECTORS[:20], VECTORS[20:20], VECTORS[20:]]))):
        write_part(tmp_path / name, rows, vectors, dim=DIM)
        opened = VectorPart.open(tmp_path / name)
        assert opened.rows.tolist() == sorted(rows.tolist())
        np.testing.assert_array_equal(opened.raw.at(opened.places(rows)), VECTORS)
        assert sorted(path.name for path in (tmp_path / name).iterdir()) == ["part.json", "raw.f16", "rows.npy"]


def test_an_empty_part_opens(tmp_path: Path) -> None:
    empty = part(tmp_path / "empty", [], VECTORS[:0])
    assert (empty.count, empty.dim) == (0, DIM)
    assert empty.places(np.array([1])).tolist() == [-1]


def test_a_part_outlives_its_files(tmp_path: Path) -> None:
    opened = part(tmp_path / "part", range(50), VECTORS)
    for path in (tmp_path / "part").iterdir():
        path.unlink()
    np.testing.assert_array_equal(opened.raw.at(np.arange(50)), VECTORS)


@pytest.mark.parametrize(
    ("rows", "vectors", "said"),
    [
        ([1, 2, 1], VECTORS[:3], "comes twice"),
        ([1, 2], VECTORS[:3], "3 vectors for 2 rows"),
        ([2, 1, 3], [VECTORS[:2]], "2 vectors for 3 rows"),
        ([1], VECTORS[:1, :8], "expected"),
        ([1], [VECTORS[0]], "expected"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, rows: list[int], vectors: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        write_part(tmp_path / "part", rows, vectors, dim=DIM)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["part.json", "raw.f16", "rows.npy"])
@pytest.mark.parametrize("kept", [0, 10, -1])
def test_a_file_cut_short_is_refused(tmp_path: Path, name: str, kept: int) -> None:
    part(tmp_path / "part", range(50), VECTORS)
    path = tmp_path / "part" / name
    # The last byte of the description is a line feed that it can do without.
    path.write_bytes(path.read_bytes().rstrip()[: kept or None] if kept < 0 else path.read_bytes()[:kept])
    with pytest.raises(ValueError, match="vectors part cannot be read"):
        VectorPart.open(tmp_path / "part")


@pytest.mark.parametrize("name", ["part.json", "raw.f16", "rows.npy"])
def test_a_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    part(tmp_path / "part", range(50), VECTORS)
    (tmp_path / "part" / name).unlink()
    with pytest.raises(ValueError, match="vectors part cannot be read"):
        VectorPart.open(tmp_path / "part")


@pytest.mark.parametrize(("key", "value"), [("format", 2), ("kind", "tree"), ("count", 49), ("dim", 15)])
def test_a_description_of_something_else_is_refused(tmp_path: Path, key: str, value: object) -> None:
    part(tmp_path / "part", range(50), VECTORS)
    path = tmp_path / "part" / "part.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), key: value}), encoding="utf-8")
    with pytest.raises(ValueError, match="vectors part"):
        VectorPart.open(tmp_path / "part")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OSError, match="file"):
        write_part(tmp_path / "file" / "part", [1], VECTORS[:1], dim=DIM)
