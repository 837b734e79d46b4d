"""The folder of a prepared model: its manifest, how it is checked, and how it gets its name in one step.

A folder either has its final name and is whole, or it has a staging name and is rubbish.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from embeddings.errors import ModelDamagedError

MANIFEST = "manifest.json"
FORMAT = 2
_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FileRecord:
    """Size and SHA-256 of one file."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderManifest:
    """What is said of every prepared folder: its model, where that came from, the versions that made it, its files."""

    model_id: str
    source: str
    made_with: dict[str, str]
    files: dict[str, FileRecord]
    format: int = FORMAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(FolderManifest):
    """What a prepared folder holds and how its texts are to be encoded.

    ``onnx`` is the graph's path in the folder, None where the torch weights are to be used; ``onnx_refused`` says why.
    ``made_with`` names the versions that converted it, ``agreement_*`` the cosines between both runtimes.
    """

    dim: int
    max_tokens: int
    query_prompt: str
    document_prompt: str
    onnx: str | None
    onnx_refused: str | None
    agreement_mean: float | None
    agreement_min: float | None


AnyManifest = TypeVar("AnyManifest", bound=FolderManifest)


def describe_files(folder: Path) -> dict[str, FileRecord]:
    """Record every file below the folder, the manifest aside, by its path with ``/``."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    return {
        path.relative_to(folder).as_posix(): FileRecord(path.stat().st_size, sha256_of_file(path)) for path in paths
    }


def write_manifest(folder: Path, manifest: FolderManifest) -> None:
    """Write the manifest; the folder is complete with it."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=2)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a prepared encoder. Raises: ModelDamagedError: as ``read_manifest_of``."""
    return read_manifest_of(Manifest, folder)


def read_manifest_of(kind: type[AnyManifest], folder: Path) -> AnyManifest:
    """The manifest of a prepared folder of that kind.

    Raises: ModelDamagedError: it is missing, unreadable, or of another format than this version writes.
    """
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = content.get("format")
        if found == FORMAT:
            content["files"] = {name: FileRecord(**record) for name, record in content["files"].items()}
            return kind(**content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelDamagedError(f"{path} cannot be read ({error}); {_cure(folder)}") from error
    raise ModelDamagedError(f"{path} has format {found}, this version reads {FORMAT}; {_cure(folder)}")


def check_files(folder: Path, manifest: FolderManifest, *, by_checksum: Iterable[str] = ()) -> None:
    """Check that all files are there with their sizes, and those named also by their checksums.

    Raises: ModelDamagedError: names the first file that differs, with both values.
    """
    thorough = set(by_checksum)
    for name, record in manifest.files.items():
        path = folder / name
        try:
            size = path.stat().st_size
            digest = sha256_of_file(path) if name in thorough else record.sha256
        except OSError as error:
            raise ModelDamagedError(f"{path} cannot be read ({error}); {_cure(folder)}") from error
        if size != record.size_bytes:
            raise ModelDamagedError(f"{path} has {size} bytes, expected {record.size_bytes}; {_cure(folder)}")
        if digest != record.sha256:
            raise ModelDamagedError(f"{path} has SHA-256 {digest}, expected {record.sha256}; {_cure(folder)}")


def publish(staging: Path, folder: Path) -> None:
    """Give a finished folder its final name, durably; a folder that had the name before is removed."""
    for path in [*staging.rglob("*"), staging]:
        if path.is_file():
            path.chmod(
                0o644
            )  # safetensors writes for its owner alone; an image is built by one user and run by another
        _sync(path)
    if folder.exists():
        replaced = staging.with_name(staging.name + "-replaced")
        folder.rename(replaced)
        staging.rename(folder)
        _sync(folder.parent)
        shutil.rmtree(replaced, ignore_errors=True)
        return
    staging.rename(folder)
    _sync(folder.parent)


def sha256_of_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_READ_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cure(folder: Path) -> str:
    return f"if this stays, delete the folder {folder}: it is prepared anew"
