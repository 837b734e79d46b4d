"""Graphs of models other than the bundled one, made when the settings ask for an ONNX backend and kept by model id."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from embeddings.conversion import require_converters
from embeddings.errors import ModelNotAvailableError
from embeddings.hub import LocatedModel
from embeddings.prepared import Manifest
from embeddings.preparing import add_graph, build, locked, ready_manifest

_GRAPH = "model.onnx"


def prepare_onnx(model: LocatedModel, models_dir: Path, *, int8: bool, progress: Callable[[str], None]) -> Path:
    """The folder of the model's graph, exported first where it is not there yet.

    Raises: ModelNotAvailableError: the model cannot be exported, or its graph does not agree with torch.
    """
    precision = "int8" if int8 else "float32"
    folder = models_dir / "onnx" / f"{re.sub(r'[^A-Za-z0-9.@_-]+', '--', model.model_id)}-{precision}"
    manifest = ready_manifest(folder, model_id=model.model_id)
    if manifest is None:
        if not (model.folder / "tokenizer.json").is_file():
            raise ModelNotAvailableError(f"{model.folder} has no tokenizer.json, which ONNX needs; use backend torch")
        require_converters()
        room = 4 * sum(path.stat().st_size for path in model.folder.glob("*.safetensors")) + 50_000_000
        with locked(folder, progress):
            manifest = ready_manifest(folder, model_id=model.model_id)
            if manifest is None:
                build(folder, lambda staging: _fill(model, staging, precision, progress), room_bytes=room)
                manifest = ready_manifest(folder, model_id=model.model_id)
    if manifest is None or manifest.onnx is None:
        reason = manifest.onnx_refused if manifest else "it does not read back from the disk"
        raise ModelNotAvailableError(
            f"the {precision} graph of {model.model_id} is not usable ({reason}); use backend torch "
            f"(to try again, delete {folder})"
        )
    return folder


def _fill(model: LocatedModel, staging: Path, precision: str, progress: Callable[[str], None]) -> Manifest:
    shutil.copyfile(model.folder / "tokenizer.json", staging / "tokenizer.json")
    manifest = Manifest(
        model_id=model.model_id,
        dim=0,
        max_tokens=0,
        query_prompt="",
        document_prompt="",
        source=str(model.model_id),
        onnx=_GRAPH,
        onnx_refused=None,
        agreement_mean=None,
        agreement_min=None,
        made_with={},
        files={},
    )
    return add_graph(manifest, model.folder, staging / _GRAPH, precision=precision, progress=progress)
