"""What preparing a model needs, and the ONNX export of a sentence-transformers folder in a process of its own."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from embeddings.agreement import Agreement
from embeddings.apart import run_apart
from embeddings.errors import ModelNotAvailableError
from embeddings.threads import usable_cores

NEEDED = ("torch", "transformers", "sentence_transformers", "onnx")


@dataclass(frozen=True, slots=True)
class Conversion:
    """A graph on disk: how far it agrees with torch, how its texts are encoded, and the versions that made it."""

    agreement: Agreement
    dim: int
    max_tokens: int
    query_prompt: str
    document_prompt: str
    made_with: dict[str, str]


def require_converters(modules: Sequence[str] = NEEDED) -> None:
    """Check that the libraries which prepare models are installed, without loading them.

    Raises: ModelNotAvailableError: names those that are not, and the cure.
    """
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise ModelNotAvailableError(
            f"preparing a model needs {', '.join(missing)}, not installed here; run: pip install 'yiju[models]'"
        )


def convert(source: Path, graph: Path, *, precision: str, progress: Callable[[str], None]) -> Conversion:
    """Export the sentence-transformers folder ``source`` to ``graph`` (precision int8 or float32).

    Raises: ConversionFailedError: the process stopped or said something unexpected.
    """
    result = run_apart(
        "embeddings.onnx_export",
        [str(source), str(graph), precision, str(usable_cores())],
        log=graph.with_suffix(".log"),
        progress=progress,
    )
    return Conversion(agreement=Agreement(**result.pop("agreement")), **result)
