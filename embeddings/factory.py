"""Opens the embedder that the settings ask for. Heavy libraries are loaded here, and only those that are needed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from embeddings.bundled import prepare_bundled
from embeddings.conversion import require_converters
from embeddings.embedder import Embedder
from embeddings.errors import ModelNotAvailableError
from embeddings.exported import prepare_onnx
from embeddings.hub import LocatedModel, locate_model
from embeddings.prepared import MANIFEST, read_manifest

BUNDLED = "bundled"
BACKENDS = ("auto", "onnx-int8", "onnx", "torch")

_log = logging.getLogger(__name__)


def open_embedder(
    model: str,
    backend: str,
    models_dir: Path,
    *,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Embedder:
    """Open ``bundled``, a local folder or a sentence-transformers name, preparing or fetching it first where needed.

    ``auto`` is the int8 graph where the folder has one (the bundled model), torch otherwise.

    Raises:
        ModelNotAvailableError: not on disk and not to be had, a library is missing, or model and backend do not fit.
        ModelDamagedError: files are missing or changed.

    """
    say = progress or _log.info
    if backend not in BACKENDS:
        raise ModelNotAvailableError(f"no embedding backend {backend!r}; choose one of {', '.join(BACKENDS)}")
    if model == BUNDLED:
        folder = prepare_bundled(models_dir, progress=say).folder
        located = LocatedModel(folder, read_manifest(folder).model_id)
    else:
        located = locate_model(model, models_dir, progress=say)
    if backend in ("auto", "onnx-int8") and _has_int8_graph(located.folder):
        return _open_onnx(located.folder, threads)
    if backend in ("auto", "torch"):
        return _open_torch(located, threads)
    return _open_onnx(prepare_onnx(located, models_dir, int8=backend == "onnx-int8", progress=say), threads)


def _has_int8_graph(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() and read_manifest(folder).onnx is not None


def _open_onnx(folder: Path, threads: int | None) -> Embedder:
    from embeddings.onnx_runtime import OnnxEmbedder  # noqa: PLC0415 - loads onnxruntime

    return OnnxEmbedder(folder, threads=threads)


def _open_torch(located: LocatedModel, threads: int | None) -> Embedder:
    require_converters(("torch", "transformers", "sentence_transformers"))
    from embeddings.sentence_transformer import SentenceTransformerEmbedder  # noqa: PLC0415 - loads torch

    return SentenceTransformerEmbedder(located.folder, model_id=located.model_id, threads=threads)
