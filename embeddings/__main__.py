"""``python -m embeddings FOLDER`` prepares the bundled model ahead of time, for instance when an image is built."""

from __future__ import annotations

import sys
from pathlib import Path

from embeddings.bundled import prepare_bundled
from embeddings.errors import EmbeddingError

_USAGE = "usage: python -m embeddings MODELS_FOLDER\n"


def main(arguments: list[str]) -> int:
    """Prepare and report on standard error. Returns the exit code: 0 done, 1 failed, 2 wrong use."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write(_USAGE)
        return 2
    try:
        model = prepare_bundled(Path(arguments[0]), progress=_say)
    except EmbeddingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    runtime = "onnx-int8" if model.onnx_path else "torch"
    sys.stderr.write(f"{model.folder}: {runtime}, mean cosine to torch {model.agreement:.4f}\n")
    return 0


def _say(message: str) -> None:
    sys.stderr.write(message + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
