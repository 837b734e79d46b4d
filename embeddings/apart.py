"""Runs a step that prepares a model in a process of its own, which reports by lines of JSON: progress, then a result.

The process ends with the memory of torch and onnx, and what these print does not reach the user.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import embeddings
from embeddings.errors import EmbeddingError

_LAST_WORDS_BYTES = 300
_START = "import sys, importlib; sys.path.insert(0, sys.argv.pop(1)); importlib.import_module(sys.argv.pop(1)).main()"


class ConversionFailedError(EmbeddingError):
    """The process stopped; the message holds the end of what it printed."""


def run_apart(module: str, arguments: Sequence[str], *, log: Path, progress: Callable[[str], None]) -> dict[str, Any]:
    """What ``module.main``, a call of ``answer``, gives in a process with these arguments; ``log`` is made and removed.

    Raises: ConversionFailedError: the process stopped or said something unexpected.
    """
    root = Path(embeddings.__file__).parent.parent
    command = [sys.executable, "-c", _START, str(root), module, *arguments]
    result: dict[str, Any] | None = None
    reason = ""
    with log.open("w+b") as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process:  # noqa: S603
            for line in process.stdout or ():
                message = _parse(line)
                if "progress" in message:
                    progress(str(message["progress"]))
                result = message.get("result", result)
                reason = message.get("failure", reason)
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - _LAST_WORDS_BYTES))
        last_words = errors.read().decode("utf-8", "replace").strip().splitlines()[-1:]
    log.unlink()
    if process.returncode != 0 or result is None:
        raise ConversionFailedError(f"the export ended with code {process.returncode}: {reason or ''.join(last_words)}")
    return result


def answer(work: Callable[[Sequence[str]], dict[str, Any]]) -> None:
    """The other side: do the work on this process's arguments and report its result or its failure."""
    warnings.simplefilter("ignore")
    logging.basicConfig(level=logging.ERROR)
    try:
        result = work(sys.argv[1:])
    except Exception as error:
        # The first line: an exporter's message may go on with whole tensors.
        reason = (str(error).splitlines() or [""])[0][:300]
        _write({"failure": f"{type(error).__name__}: {reason}"})
        raise
    _write({"result": result})


def say(message: str) -> None:
    """Report progress from inside the work."""
    _write({"progress": message})


def _write(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _parse(line: str) -> dict[str, Any]:
    """One line of the process as an object; libraries may print other lines, which say nothing to us."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
