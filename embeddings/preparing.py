"""What every preparation of a model folder shares: one at a time, in a staging folder, converted, checked, named.

Which model, and where its weights come from, is for the callers.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import filelock

from embeddings.agreement import LEAST_MEAN_COSINE
from embeddings.apart import ConversionFailedError
from embeddings.conversion import convert
from embeddings.errors import ModelDamagedError, ModelNotAvailableError
from embeddings.prepared import (
    AnyManifest,
    FolderManifest,
    Manifest,
    check_files,
    describe_files,
    publish,
    read_manifest_of,
    write_manifest,
)

WEIGHTS = "model.safetensors"
_LOCK_SECONDS = 1800.0
_COMMAND = "python -m embeddings FOLDER"

_log = logging.getLogger(__name__)

Progress = Callable[[str], None]


def ready_manifest(folder: Path, *, model_id: str) -> Manifest | None:
    """As ``ready_manifest_of``, for an encoder."""
    return ready_manifest_of(Manifest, folder, model_id=model_id)


def ready_manifest_of(kind: type[AnyManifest], folder: Path, *, model_id: str) -> AnyManifest | None:
    """The manifest of a whole folder of that model; None where it is missing, damaged or of another model or format.

    What serving reads is checked by checksum; the torch weights, large and rarely read, by their size.

    Raises: ModelNotAvailableError: the parent folder may not be looked into.
    """
    try:
        if not folder.is_dir():
            return None
    except OSError as error:
        raise ModelNotAvailableError(
            f"{folder} cannot be looked for ({error.strerror}); let this user read {folder.parent}, or set "
            "YIJU_MODELS_DIR to another folder"
        ) from error
    try:
        manifest = read_manifest_of(kind, folder)
        check_files(folder, manifest, by_checksum=[name for name in manifest.files if name != WEIGHTS])
    except ModelDamagedError as error:
        _log.warning("the prepared model in %s is made anew, because it is not usable: %s", folder, error)
        return None
    return manifest if manifest.model_id == model_id else None


@contextmanager
def locked(
    folder: Path, progress: Progress, *, command: str = _COMMAND, timeout_seconds: float = _LOCK_SECONDS
) -> Iterator[None]:
    """Hold the lock for preparing ``folder``, across processes; waits for another holder and says so.

    ``command`` is what prepares the model elsewhere.

    Raises: ModelNotAvailableError: the parent folder cannot be written, or the other holder does not end.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder.parent / f".{folder.name}.lock")
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            progress(f"another process is preparing {folder.name}; waiting for it")
            lock.acquire(timeout=timeout_seconds)
    except filelock.Timeout as error:
        raise ModelNotAvailableError(
            f"another process has been preparing {folder} for {timeout_seconds:.0f} seconds; end it and start again"
        ) from error
    except OSError as error:
        raise ModelNotAvailableError(
            f"{folder.parent} holds no prepared {folder.name} and cannot be written ({error.strerror}); make it "
            f"writable, or prepare the model with `{command}` and set YIJU_MODELS_DIR to that folder"
        ) from error
    try:
        yield
    finally:
        lock.release()


def build(folder: Path, fill: Callable[[Path], FolderManifest], *, room_bytes: int) -> None:
    """Let ``fill`` write a staging folder beside ``folder``, then give it that name. The caller holds the lock.

    Removes what earlier crashes left, and the staging folder if anything fails.

    Raises: ModelNotAvailableError: it cannot be written, for instance because the disk is full.
    """
    for leftover in folder.parent.glob(f".{folder.name}.staging-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    staging = folder.parent / f".{folder.name}.staging-{os.getpid()}"
    try:
        staging.mkdir()
        manifest = fill(staging)
        write_manifest(staging, replace(manifest, files=describe_files(staging)))
        publish(staging, folder)
    except OSError as error:
        free = shutil.disk_usage(folder.parent).free
        hint = "free some space" if error.errno == errno.ENOSPC or free < room_bytes else "check the folder"
        raise ModelNotAvailableError(
            f"{folder.name} cannot be written to {folder.parent} ({error.strerror or error}); needs "
            f"{room_bytes // 1_000_000} MB while it is prepared, {free // 1_000_000} MB are free; {hint} and try again"
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def add_graph(manifest: Manifest, source: Path, graph: Path, *, precision: str, progress: Progress) -> Manifest:
    """Convert ``source`` to ``graph``; the manifest says whether it agrees with torch well enough to be used.

    One that does not, or cannot be made, is removed, with a warning.
    """
    graph.parent.mkdir(exist_ok=True)
    try:
        conversion = convert(source, graph, precision=precision, progress=progress)
    except ConversionFailedError as error:
        graph.unlink(missing_ok=True)
        return _refused(manifest, str(error), progress)
    manifest = replace(
        manifest,
        dim=conversion.dim,
        max_tokens=conversion.max_tokens,
        query_prompt=conversion.query_prompt,
        document_prompt=conversion.document_prompt,
        agreement_mean=conversion.agreement.mean,
        agreement_min=conversion.agreement.minimum,
        made_with=conversion.made_with,
    )
    if conversion.agreement.accepted:
        return manifest
    graph.unlink()
    return _refused(
        manifest, f"mean cosine to torch {conversion.agreement.mean:.4f}, needs {LEAST_MEAN_COSINE}", progress
    )


def _refused(manifest: Manifest, reason: str, progress: Progress) -> Manifest:
    message = f"the {manifest.onnx} graph is not used, torch is (slower): {reason}"
    _log.warning(message)
    progress(f"warning: {message}")
    return replace(manifest, onnx=None, onnx_refused=reason)
