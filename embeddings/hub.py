"""Finds a sentence-transformers model by name or folder on this disk, or fetches it once from the model hub.

Fetched models stay in the hub library's own cache and are used from there, unasked, ever after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from embeddings.errors import ModelNotAvailableError
from embeddings.prepared import MANIFEST, read_manifest, sha256_of_file

_HUB_TIMEOUT_SECONDS = 10.0
# Other runtimes' copies of the same weights, and pictures.
_NOT_NEEDED = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.msgpack", "*.ot", "*.png", "*.jpg", "*.gguf", "coreml/*"]
_NOT_PART_OF_MODEL = (".md", ".gitattributes", ".lock", ".png", ".jpg")


@dataclass(frozen=True, slots=True)
class LocatedModel:
    """A sentence-transformers folder on disk and the id of its vectors."""

    folder: Path
    model_id: str


def locate_model(model: str, models_dir: Path, *, progress: Callable[[str], None]) -> LocatedModel:
    """The folder of a model: the folder named, ``models_dir/NAME``, the hub's cache, or the hub itself, in this order.

    Raises: ModelNotAvailableError: it is in none of them; says where to put it.
    """
    if not model.strip():
        raise ModelNotAvailableError("no embedding model is named; give `bundled`, a folder or a model name")
    for folder in (Path(model).expanduser(), models_dir / model):
        if folder.is_dir():
            return LocatedModel(folder.resolve(), identify_folder(folder.resolve()))
    if model.startswith((".", "/", "~")) or "\\" in model:
        raise ModelNotAvailableError(
            f"the model folder {model} does not exist; give a sentence-transformers folder, a model name, or `bundled`"
        )
    # The library's own rule: names without an owner are of the sentence-transformers organisation.
    name = model if "/" in model else f"sentence-transformers/{model}"
    folder = _cached(name) or _fetch(name, models_dir, progress)
    return LocatedModel(folder, f"{name}@{folder.name[:12]}")  # cache folders are named by commit


def identify_folder(folder: Path) -> str:
    """Name a folder's weights, prompts and pooling: its manifest's id where it was prepared here, else by contents."""
    if (folder / MANIFEST).is_file():
        return read_manifest(folder).model_id
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        other_runtime = name.startswith(("onnx/", "openvino/"))
        if not path.is_file() or hidden or other_runtime or name.endswith(_NOT_PART_OF_MODEL):
            continue
        digest.update(f"{name}\0{sha256_of_file(path)}\n".encode())
    return f"{folder.name}@{digest.hexdigest()[:12]}"


def _cached(name: str) -> Path | None:
    from huggingface_hub import snapshot_download  # noqa: PLC0415

    try:
        folder = Path(snapshot_download(name, local_files_only=True))
    except (OSError, ValueError):
        return None
    # A fetch that was cut off leaves a folder without weights.
    whole = (folder / "config.json").is_file() and any(folder.glob("*.safetensors")) | any(folder.glob("*.bin"))
    return folder if whole else None


def _fetch(name: str, models_dir: Path, progress: Callable[[str], None]) -> Path:
    from huggingface_hub import HfApi, snapshot_download  # noqa: PLC0415
    from huggingface_hub.errors import OfflineModeIsEnabled, RepositoryNotFoundError  # noqa: PLC0415

    cure = (
        f"On a machine with access run `hf download {name} --local-dir FOLDER`, copy the folder to {models_dir / name} "
        "(or anywhere, and set YIJU_EMBEDDING__MODEL to its path), or use the model `bundled`, which needs no hub"
    )
    try:
        # One question with a time limit first: the download itself would retry for minutes.
        revision = HfApi().model_info(name, timeout=_HUB_TIMEOUT_SECONDS).sha
        progress(f"fetching {name} from the model hub")
        return Path(snapshot_download(name, revision=revision, ignore_patterns=_NOT_NEEDED))
    except RepositoryNotFoundError as error:
        raise ModelNotAvailableError(f"the model hub has no public model {name}; check the name. {cure}") from error
    except OfflineModeIsEnabled as error:
        raise ModelNotAvailableError(
            f"the model {name} is not on this machine and HF_HUB_OFFLINE forbids fetching it. {cure}"
        ) from error
    except Exception as error:  # the hub library raises those of its HTTP library, which changes
        raise ModelNotAvailableError(
            f"the model {name} is not on this machine and the model hub cannot be reached ({error}). {cure}"
        ) from error
