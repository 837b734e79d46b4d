"""Writes a small file in the layout of the bundled weights, so that unpacking is tested without the real 72 MB."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

HIDDEN, LAYERS, HEADS, FEED_FORWARD, POSITIONS = 32, 2, 4, 64, 64
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", *"北京大学创办于年凉瓜产值亿元querypassage:。0123456789"]
PIECES = list(dict.fromkeys(PIECES))
VOCABULARY = len(PIECES) + 1  # and the mask


def quantise_q4_0(values: npt.NDArray[np.float32]) -> bytes:
    """Q4_0 blocks by the definition, one weight at a time: the oracle for the reader."""
    stored = bytearray()
    for start in range(0, values.size, 32):
        block = [float(value) for value in values.reshape(-1)[start : start + 32]]
        scale = float(np.float16(max(block, key=abs) / -8)) or 1.0
        nibbles = [min(15, max(0, round(value / scale) + 8)) for value in block]
        stored += struct.pack("<e", scale)
        stored += bytes(nibbles[j] | nibbles[j + 16] << 4 for j in range(16))
    return bytes(stored)


def write_tiny_weights(path: Path, *, seed: int = 0, positions: int = POSITIONS) -> Path:
    """Write random weights; returns the path."""
    draw = np.random.default_rng(seed)
    header = b"E5S1" + struct.pack("<I", 1)
    header += struct.pack("<7i", HIDDEN, LAYERS, HEADS, FEED_FORWARD, VOCABULARY, positions, 2)
    header += struct.pack("<fi", 1e-12, 32)
    encoded = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, encoded)]).astype("<u4")
    blob = b"".join(encoded)
    scores = np.linspace(-1, -9, len(PIECES)).astype("<f4")
    header += struct.pack("<5i", len(PIECES), 0, 2, 1, 3) + struct.pack("<Q", len(blob))
    header += offsets.tobytes() + scores.tobytes() + blob + struct.pack("<iI", 2, 5) + b"norms"
    tensors: list[tuple[str, int, int, bytes]] = []

    def matrix(name: str, rows: int, columns: int) -> None:
        values = draw.normal(0, 0.3, rows * columns).astype(np.float32)
        tensors.append((name, 1, rows * columns, quantise_q4_0(values)))

    def vector(name: str, values: npt.NDArray[np.float64]) -> None:
        tensors.append((name, 0, values.size, values.astype("<f4").tobytes()))

    matrix("emb.word", VOCABULARY, HIDDEN)
    vector("emb.pos", draw.normal(0, 0.3, positions * HIDDEN))
    vector("emb.type", draw.normal(0, 0.3, 2 * HIDDEN))
    vector("emb.ln.w", np.ones(HIDDEN))
    vector("emb.ln.b", np.zeros(HIDDEN))
    sizes = {"q": (32, 32), "k": (32, 32), "v": (32, 32), "ao": (32, 32), "fi": (64, 32), "fo": (32, 64)}
    for layer in range(LAYERS):
        for short, (rows, columns) in sizes.items():
            matrix(f"l{layer}.{short}.w", rows, columns)
            vector(f"l{layer}.{short}.b", draw.normal(0, 0.1, rows))
        for short in ("aln", "oln"):
            vector(f"l{layer}.{short}.w", np.ones(HIDDEN))
            vector(f"l{layer}.{short}.b", np.zeros(HIDDEN))
    directory_size = 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name, *_ in tensors)
    offset = len(header) + directory_size
    directory, content = struct.pack("<i", len(tensors)), b""
    for name, kind, elements, stored in tensors:
        directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<B", kind)
        directory += struct.pack("<IQQ", elements, offset + len(content), len(stored))
        content += stored
    path.write_bytes(header + directory + content)
    return path
