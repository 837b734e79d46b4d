"""Which files of the snapshots were found to be whole, so that opening a snapshot does not read all of it again.

A file is trusted as long as it is the same one: its inode, size and time of change are those it was checked with.
``verify_snapshot`` trusts nothing. What is remembered here may be lost at any time; files are then read again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from retrieval import durable
from retrieval.manifest import checksum, damaged

VERIFIED = ".verified.json"


def check_files(folder: Path, checksums: Mapping[str, str], memory: Path | None) -> None:
    """Check that a snapshot's files are there and unchanged. ``memory``: the file VERIFIED, None to read them all.

    Raises: SnapshotDamagedError: a file is missing or has another checksum.
    """
    known = _load(memory)
    new = False
    for name, expected in checksums.items():
        try:
            if known.get(_key(folder, name)) == _stamp(folder / name, expected):
                continue
            actual = checksum(folder / name)
        except OSError as error:
            raise damaged(folder, f"{name} cannot be read ({error.strerror or error})") from error
        if actual != expected:
            raise damaged(folder, f"{name} has checksum {actual[:16]}, the manifest says {expected[:16]}")
        new = True
    if new and memory is not None:
        remember(folder, checksums, memory)


def remember(folder: Path, checksums: Mapping[str, str], memory: Path) -> None:
    """Trust a snapshot's files as they are now: the caller has just read them. A read-only folder is no error."""
    try:
        kept = {key: stamp for key, stamp in _load(memory).items() if (folder.parent / key.split("/", 1)[0]).is_dir()}
        kept.update({_key(folder, name): _stamp(folder / name, expected) for name, expected in checksums.items()})
        durable.write_atomically(memory, json.dumps(kept).encode())
    except OSError:
        return


def _load(memory: Path | None) -> dict[str, Any]:
    if memory is None:
        return {}
    try:
        content = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _key(folder: Path, name: str) -> str:
    return f"{folder.name}/{name}"


def _stamp(path: Path, expected: str) -> list[Any]:
    status = path.stat()
    return [status.st_ino, status.st_size, status.st_mtime_ns, expected]
