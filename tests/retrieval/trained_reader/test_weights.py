"""The shipped file: small, exact enough, the same every time, and never read when it is not what it should be."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.errors import EmbeddingError, ModelDamagedError, ModelNotAvailableError
from retrieval.trained_reader.weights import FORMAT, GROUP, MAGIC, Array, digest_of, pack, read_reader_weights

BASE_ID = "tiny@1"


def written(folder: Path, tensors: dict[str, Array], base: dict[str, Array]) -> Path:
    path = folder / "reader.bin"
    path.write_bytes(pack(tensors, base, base_id=BASE_ID))
    return path


def restored(folder: Path, tensors: dict[str, Array], base: dict[str, Array]) -> dict[str, Array]:
    return read_reader_weights(written(folder, tensors, base), base_id=BASE_ID).merged(base)


def noise(*shape: int, seed: int = 0, size: float = 1.0) -> Array:
    return np.random.default_rng(seed).normal(0, size, shape).astype(np.float32)


@given(
    rows=st.integers(1, 5),
    seed=st.integers(0, 1000),
    size=st.floats(1e-4, 100),
    base_size=st.sampled_from([0.0, 0.05, 3.0]),
)
def test_a_matrix_comes_back_within_half_a_step_of_its_group(
    tmp_path_factory: pytest.TempPathFactory, rows: int, seed: int, size: float, base_size: float
) -> None:
    base = noise(rows, 2 * GROUP, seed=seed + 1, size=base_size)
    change = noise(rows, 2 * GROUP, seed=seed, size=size)
    back = restored(tmp_path_factory.mktemp("file"), {"m": base + change}, {"m": base})["m"]
    off = np.abs(back - base - change).reshape(-1, GROUP).max(axis=1)
    step = np.abs(change).reshape(-1, GROUP).max(axis=1) / 7
    # The scale itself is rounded to float16, sums to float32.
    assert (off <= 0.505 * step + 1e-6 * (1 + base_size)).all()


@given(seed=st.integers(0, 1000), shape=st.sampled_from([(1,), (32,), (4, 32), (3, 5)]), size=st.floats(1e-3, 1e3))
def test_what_is_new_comes_back_in_half_precision(
    tmp_path_factory: pytest.TempPathFactory, seed: int, shape: tuple[int, ...], size: float
) -> None:
    head = noise(*shape, seed=seed, size=size)
    back = restored(tmp_path_factory.mktemp("file"), {"head": head}, {})["head"]
    assert back.shape == head.shape
    np.testing.assert_allclose(back, head, rtol=2**-10, atol=1e-7)


def test_a_changed_bias_keeps_half_precision_of_its_change(tmp_path: Path) -> None:
    base, change = {"b": 100 + noise(32)}, noise(32, seed=1, size=0.001)
    back = restored(tmp_path, {"b": base["b"] + change}, base)["b"]
    np.testing.assert_allclose(back, base["b"] + change, atol=1e-5)


def test_what_training_left_alone_is_not_in_the_file(tmp_path: Path) -> None:
    base = {"kept": noise(GROUP, GROUP), "changed": noise(GROUP, GROUP, seed=1)}
    both = {"kept": base["kept"], "changed": base["changed"] + 1}
    found = read_reader_weights(written(tmp_path, both, base), base_id=BASE_ID)
    assert [record.name for record in found.records] == ["changed"]
    np.testing.assert_array_equal(found.merged(base)["kept"], base["kept"])


def test_a_matrix_takes_little_more_than_four_bits_a_weight() -> None:
    assert (
        len(pack({"m": noise(512, 512)}, {"m": np.zeros((512, 512), np.float32)}, base_id=BASE_ID)) < 512 * 512 * 0.55
    )


def test_the_same_weights_give_the_same_file() -> None:
    tensors = {"b": noise(8), "a": noise(GROUP, 2)}
    assert pack(tensors, {}, base_id=BASE_ID) == pack(dict(reversed(tensors.items())), {}, base_id=BASE_ID)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e6])
@pytest.mark.parametrize("shape", [(4,), (2, GROUP)])
@pytest.mark.parametrize("names", [[], ["head"]])
def test_what_cannot_be_packed_is_named(value: float, shape: tuple[int, ...], names: list[str]) -> None:
    wrong = np.zeros(shape, np.float32)
    wrong.flat[1] = value
    with pytest.raises(ValueError, match=r"head cannot be packed: .*not finite, or beyond"):
        pack({"head": wrong}, {name: np.zeros(shape, np.float32) for name in names}, base_id=BASE_ID)


def test_a_tensor_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"m has shape \(2, 64\), tiny@1 has \(1, 64\)"):
        pack({"m": noise(2, 64)}, {"m": noise(1, 64)}, base_id=BASE_ID)


def sound(folder: Path) -> Path:
    return written(folder, {"m": noise(4, GROUP), "head": noise(4)}, {"m": noise(4, GROUP, seed=1)})


def with_header(content: bytes, **changes: object) -> bytes:
    (size,) = struct.unpack("<I", content[8:12])
    header = json.loads(content[12 : 12 + size]) | changes
    text = json.dumps({name: value for name, value in header.items() if value is not None}).encode()
    return MAGIC + struct.pack("<I", len(text)) + text + content[12 + size :]


def test_every_cut_is_damage_with_a_cure(tmp_path: Path) -> None:
    path = sound(tmp_path)
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(ModelDamagedError, match="reinstall yiju"):
            read_reader_weights(path, base_id=BASE_ID)


def test_a_changed_byte_never_goes_unnoticed(tmp_path: Path) -> None:
    path = sound(tmp_path)
    content = path.read_bytes()
    (size,) = struct.unpack("<I", content[8:12])
    for position in range(12 + size, len(content), 5):
        path.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
        with pytest.raises(ModelDamagedError, match=r"has SHA-256 .* expected"):
            read_reader_weights(path, base_id=BASE_ID)


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"base": "other@2"}, ModelNotAvailableError, "belongs to other@2, this version has tiny@1"),
        ({"format": 99}, ModelNotAvailableError, f"has format 99, this version reads {FORMAT}"),
        ({"sha256": None}, ModelDamagedError, "lacks sha256"),
        ({"tensors": [{"name": "m", "shape": [4, 64], "coding": "float7"}]}, ModelDamagedError, "unknown coding"),
        ({"tensors": [{"name": "m", "shape": [400, 64], "coding": "float16"}]}, ModelDamagedError, "ends at byte"),
        ({"tensors": []}, ModelDamagedError, "bytes too many"),
        ({"tensors": [{"name": "m"}]}, ModelDamagedError, "cannot be unpacked"),
        ({"tensors": 7}, ModelDamagedError, "cannot be unpacked"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(
    tmp_path: Path, changes: dict[str, object], error: type[EmbeddingError], said: str
) -> None:
    path = sound(tmp_path)
    path.write_bytes(with_header(path.read_bytes(), **changes))
    with pytest.raises(error, match=f"{said}.*reinstall yiju"):
        read_reader_weights(path, base_id=BASE_ID)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", MAGIC, MAGIC + b"\x02\x00\x00\x00[]", MAGIC + b"\xff" * 40])
def test_a_foreign_file_is_damage(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "reader.bin").write_bytes(content)
    with pytest.raises(ModelDamagedError, match="reinstall yiju"):
        digest_of(tmp_path / "reader.bin", base_id=BASE_ID)


def test_a_missing_file_says_where_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(ModelNotAvailableError, match=r"reader\.bin, the trained reader's file, is missing; reinstall"):
        digest_of(tmp_path / "reader.bin", base_id=BASE_ID)


def test_a_difference_to_nothing_is_damage(tmp_path: Path) -> None:
    found = read_reader_weights(sound(tmp_path), base_id=BASE_ID)
    with pytest.raises(ModelDamagedError, match=r"changes m \(4, 64\), which tiny@1 does not have"):
        found.merged({})
    with pytest.raises(ModelDamagedError, match=r"has as \(2, 64\)"):
        found.merged({"m": noise(2, GROUP)})
