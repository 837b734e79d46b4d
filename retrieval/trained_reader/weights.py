"""The shipped file of the trained reader: what training changed of the bundled encoder, and the heads it added.

Packs and unpacks arrays under the network's names; where the encoder comes from and what becomes of both is for
``base`` and ``preparing``.

File layout, little endian: magic ``YIJUREAD``, u32 header bytes, header (JSON, UTF-8), body. The header holds the
format, the id of the encoder it belongs to, the body's SHA-256 and, in the order of the body, each tensor's name, shape
and coding. The body is an LZMA stream of the tensors one after the other:

- ``difference4``: the difference to the encoder's tensor in groups of 64 weights, in C order: a float16 scale for each
  group, then two weights a byte, the earlier one in the low nibble, each plus 8; a weight is (nibble - 8) * scale;
- ``difference16``: the difference to the encoder's tensor in float16; ``float16``: the tensor itself.

A tensor of the encoder that training left alone is not in the file.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.errors import ModelDamagedError, ModelNotAvailableError

SHIPPED = Path(__file__).parent / "weights" / "reader.bin"
MAGIC = b"YIJUREAD"
FORMAT = 1
GROUP = 64
_MOST_STEPS = 7  # to either side of zero
_CURE = "reinstall yiju, or take retrieval/trained_reader/weights from the repository again"

Array = npt.NDArray[np.float32]
Tensors = Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Record:
    """One tensor in the header."""

    name: str
    shape: tuple[int, ...]
    coding: str


@dataclass(frozen=True, slots=True)
class ReaderWeights:
    """What a file holds; ``digest`` is the SHA-256 of its body and names the trained reader."""

    base_id: str
    digest: str
    records: tuple[Record, ...]
    stored: Mapping[str, Array]

    def merged(self, base: Tensors) -> dict[str, Array]:
        """All tensors of the trained network: the encoder's with their differences, and those that are new.

        Raises: ModelDamagedError: a difference is to a tensor that the encoder does not have, or of another shape.
        """
        merged = dict(base)
        for record in self.records:
            stored = self.stored[record.name]
            if record.coding == "float16":
                merged[record.name] = stored
                continue
            theirs = base.get(record.name)
            if theirs is None or theirs.shape != record.shape:
                found = "does not have" if theirs is None else f"has as {theirs.shape}"
                raise ModelDamagedError(
                    f"the trained reader changes {record.name} {record.shape}, which {self.base_id} {found}; {_CURE}"
                )
            merged[record.name] = theirs + stored
        return merged


def pack(tensors: Tensors, base: Tensors, *, base_id: str) -> bytes:
    """The file for a trained network. Tensors of ``base`` that are not in ``tensors`` count as unchanged.

    Raises: ValueError: a value is not finite or too large for the file, or a tensor has another shape than the base's.
    """
    records, parts = [], []
    for name in sorted(tensors):
        theirs = base.get(name)
        if theirs is not None and theirs.shape != tensors[name].shape:
            raise ValueError(f"{name} has shape {tensors[name].shape}, {base_id} has {theirs.shape}")
        if theirs is not None and np.array_equal(tensors[name], theirs):
            continue
        coding = _coding(tensors[name], theirs)
        values = np.asarray(tensors[name], np.float32) - (0 if theirs is None else theirs)
        try:
            parts.append(_narrowed(values) if coding == "difference4" else _half(values).tobytes())
        except ValueError as error:
            raise ValueError(f"{name} cannot be packed: {error}") from error
        records.append(Record(name, values.shape, coding))
    body = lzma.compress(b"".join(parts), preset=9)
    header = {
        "format": FORMAT,
        "base": base_id,
        "sha256": hashlib.sha256(body).hexdigest(),
        "tensors": [asdict(record) for record in records],
    }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    return MAGIC + struct.pack("<I", len(text)) + text + body


def digest_of(path: Path, *, base_id: str) -> str:
    """The SHA-256 of the shipped file's body, checked; names the trained reader. Raises: as ``read_reader_weights``."""
    return str(_checked(path, base_id)[0]["sha256"])


def read_reader_weights(path: Path, *, base_id: str) -> ReaderWeights:
    """The shipped file, checked, for the encoder of that id.

    Raises:
        ModelNotAvailableError: there is no such file, or it belongs to another encoder or version of this program.
        ModelDamagedError: it is not in this layout, cut short or changed.

    """
    header, body = _checked(path, base_id)
    try:
        records = tuple(Record(each["name"], tuple(each["shape"]), each["coding"]) for each in header["tensors"])
        stored = dict(_tensors(records, lzma.decompress(body)))
    except (KeyError, TypeError, ValueError, lzma.LZMAError) as error:
        raise ModelDamagedError(f"{path} cannot be unpacked ({error}); {_CURE}") from error
    return ReaderWeights(base_id, header["sha256"], records, stored)


def _checked(path: Path, base_id: str) -> tuple[dict[str, Any], bytes]:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise ModelNotAvailableError(f"{path}, the trained reader's file, is missing; {_CURE}") from error
    except OSError as error:
        raise ModelNotAvailableError(f"{path} cannot be read ({error.strerror}); make it readable") from error
    header, body = _split(path, content)
    if header["format"] != FORMAT:
        raise ModelNotAvailableError(f"{path} has format {header['format']}, this version reads {FORMAT}; {_CURE}")
    if header["base"] != base_id:
        raise ModelNotAvailableError(f"{path} belongs to {header['base']}, this version has {base_id}; {_CURE}")
    digest = hashlib.sha256(body).hexdigest()
    if digest != header["sha256"]:
        raise ModelDamagedError(f"{path} has SHA-256 {digest} after its header, expected {header['sha256']}; {_CURE}")
    return header, body


def _split(path: Path, content: bytes) -> tuple[dict[str, Any], bytes]:
    start = len(MAGIC) + 4
    if content[: len(MAGIC)] != MAGIC:
        raise ModelDamagedError(f"{path} starts with {content[: len(MAGIC)]!r}, expected {MAGIC!r}; {_CURE}")
    try:
        (size,) = struct.unpack("<I", content[len(MAGIC) : start])
        header = json.loads(content[start : start + size])
        missing = {"format", "base", "sha256", "tensors"} - set(header)
    except (ValueError, TypeError, struct.error) as error:
        raise ModelDamagedError(f"{path} has no readable header ({error}); {_CURE}") from error
    if missing:
        raise ModelDamagedError(f"the header of {path} lacks {', '.join(sorted(missing))}; {_CURE}")
    return header, content[start + size :]


def _coding(tensor: Array, theirs: Array | None) -> str:
    if theirs is None:
        return "float16"
    # Biases and norms are few and sensitive.
    return "difference4" if tensor.ndim == 2 and tensor.size % GROUP == 0 else "difference16"


def _half(values: Array) -> npt.NDArray[np.float16]:
    with np.errstate(over="ignore"):
        half = values.astype("<f2")
    if not np.isfinite(half).all():
        raise ValueError("a value is not finite, or beyond 65504")
    return half


def _narrowed(values: Array) -> bytes:
    groups = values.reshape(-1, GROUP)
    scales = _half(np.abs(groups).max(axis=1) / _MOST_STEPS)
    divisors = scales.astype(np.float32)
    divisors[divisors == 0] = np.inf
    steps = np.rint(groups / divisors[:, None]).clip(-_MOST_STEPS, _MOST_STEPS).astype(np.int8)
    nibbles = (steps + 8).astype(np.uint8).reshape(-1, 2)
    packed: npt.NDArray[np.uint8] = nibbles[:, 0] | nibbles[:, 1] << 4
    return scales.tobytes() + packed.tobytes()


def _widened(stored: bytes, size: int) -> Array:
    count = size // GROUP
    scales = np.frombuffer(stored, "<f2", count).astype(np.float32)
    packed = np.frombuffer(stored, np.uint8, size // 2, offset=2 * count)
    nibbles = np.stack([packed & 15, packed >> 4], axis=1).reshape(-1, GROUP)
    return ((nibbles.astype(np.float32) - 8) * scales[:, None]).reshape(-1)


def _tensors(records: tuple[Record, ...], body: bytes) -> Iterator[tuple[str, Array]]:
    position = 0
    for record in records:
        size = math.prod(record.shape)
        if record.coding == "difference4":
            length = 2 * (size // GROUP) + size // 2
        elif record.coding in ("difference16", "float16"):
            length = 2 * size
        else:
            raise ValueError(f"{record.name} is of unknown coding {record.coding}")
        part = body[position : position + length]
        position += length
        if len(part) != length:
            raise ValueError(f"{record.name} ends at byte {position} of {len(body)}")
        narrow = record.coding == "difference4"
        values = _widened(part, size) if narrow else np.frombuffer(part, "<f2").astype(np.float32)
        yield record.name, values.reshape(record.shape)
    if position != len(body):
        raise ValueError(f"{len(body) - position} bytes too many")
