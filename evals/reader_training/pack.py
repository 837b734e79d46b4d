"""Writes the file that the project ships out of a trained one: ``python -m evals.reader_training.pack CHECKPOINT``.

Says how large it is and how far the packed weights are from the trained ones; ``evals`` measures what that costs.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from embeddings.bundled import MODEL_ID, locate_weights, read_bundled_weights
from retrieval.trained_reader.base import base_tensors
from retrieval.trained_reader.weights import SHIPPED, Array, Tensors, pack, read_reader_weights

MOST_BYTES = 25_000_000
# Never trained, so never shipped.
FROZEN = ("words.", "positions.", "types.", "norm.")


def write_shipped(trained: Tensors, base: Tensors, path: Path) -> dict[str, float]:
    """Pack the trained tensors to ``path``; how far each kind of tensor is off, as a share of what training changed.

    Raises: ValueError: a tensor cannot be packed, a frozen one was trained, or the file is too large to ship.
    """
    for name in trained:
        if name.startswith(FROZEN) and not np.array_equal(trained[name], base[name]):
            raise ValueError(f"{name} differs from the bundled encoder's; it must stay frozen")
    content = pack(trained, base, base_id=MODEL_ID)
    if len(content) > MOST_BYTES:
        raise ValueError(f"the file would have {len(content)} bytes, at most {MOST_BYTES} may be shipped")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return errors(trained, base, read_reader_weights(path, base_id=MODEL_ID).merged(base))


def errors(trained: Tensors, base: Tensors, restored: Mapping[str, Array]) -> dict[str, float]:
    """By the last two parts of the name: the norm of the packing error over the norm of the change, over all layers."""
    error: dict[str, float] = {}
    change: dict[str, float] = {}
    for name, values in trained.items():
        kind = ".".join(name.split(".")[-2:])
        error[kind] = error.get(kind, 0.0) + float(np.square(restored[name] - values).sum())
        change[kind] = change.get(kind, 0.0) + float(np.square(values - base.get(name, np.float32(0))).sum())
    return {kind: float(np.sqrt(error[kind] / change[kind])) if change[kind] else 0.0 for kind in sorted(error)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="reader.safetensors of a run")
    parser.add_argument("--output", type=Path, default=SHIPPED)
    arguments = parser.parse_args()
    base = base_tensors(read_bundled_weights(locate_weights(), progress=print))
    off = write_shipped(load_file(arguments.checkpoint), base, arguments.output)
    print(f"{arguments.output}: {arguments.output.stat().st_size / 1e6:.2f} MB")
    for kind, share in off.items():
        print(f"  {kind:16} off by {share:.2%} of what training changed")


if __name__ == "__main__":
    main()
