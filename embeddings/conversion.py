"""Runs the ONNX export in a process of its own and passes on its progress.

The process ends with torch's memory, and what torch or its exporters print does not reach the user.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import embeddings
from embeddings.agreement import Agreement
from embeddings.errors import EmbeddingError, ModelNotAvailableError
from embeddings.threads import usable_cores

NEEDED = ("torch", "transformers", "sentence_transformers", "onnx")
_LAST_WORDS_BYTES = 300
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from embeddings.onnx_export import main; main()"


class ConversionFailedError(EmbeddingError):
    """The export process stopped; the message holds the end of what it printed."""


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
    root = Path(embeddings.__file__).parent.parent
    command = [sys.executable, "-c", _START, str(root), str(source), str(graph), precision, str(usable_cores())]
    result: dict[str, Any] | None = None
    reason = ""
    errors = graph.with_suffix(".log")
    with errors.open("w+b") as log:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process:  # noqa: S603
            for line in process.stdout or ():
                message = _parse(line)
                if "progress" in message:
                    progress(str(message["progress"]))
                result = message.get("result", result)
                reason = message.get("failure", reason)
        log.seek(max(0, log.seek(0, os.SEEK_END) - _LAST_WORDS_BYTES))
        last_words = log.read().decode("utf-8", "replace").strip().splitlines()[-1:]
    errors.unlink()
    if process.returncode != 0 or result is None:
        raise ConversionFailedError(f"the export ended with code {process.returncode}: {reason or ''.join(last_words)}")
    return Conversion(agreement=Agreement(**result.pop("agreement")), **result)


def _parse(line: str) -> dict[str, Any]:
    """One line of the process as an object; libraries may print other lines, which say nothing to us."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
