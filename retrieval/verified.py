"""Which files of the snapshots were found to be whole, so that opening a snapshot does not read all of it again.

A file is trusted as long as it is the same one: its inode, size and time of change are those it was checked with.
``verify`` in ``snapshots`` trusts nothing. What is remembered here may be lost at any time; files are then read again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from retrieval import durable
from retrieval.manifest import checksum, damaged

VERIFIED = ".verified.json"
SNAPSHOTS = "snapshots"


def check_files(folder: Path, checksums: Mapping[str, str], *, everything: bool = False) -> None:
    """Check that a snapshot's files are there and unchanged; ``everything`` reads also those that are remembered.

    Raises: SnapshotDamagedError: a file is missing or has another checksum.
    """
    known = {} if everything else _load(folder)
    found: dict[str, list[Any]] = {}
    for name, expected in checksums.items():
        try:
            stamp = _stamp(folder / name, expected)
            actual = expected if known.get(_key(folder, name)) == stamp else checksum(folder / name)
        except OSError as error:
            raise damaged(folder, f"{name} cannot be read ({error.strerror or error})") from error
        if actual != expected:
            raise damaged(folder, f"{name} has checksum {actual[:16]}, the manifest says {expected[:16]}")
        found[name] = stamp
    if any(known.get(_key(folder, name)) != stamp for name, stamp in found.items()):
        remember(folder, checksums)


def remember(folder: Path, checksums: Mapping[str, str]) -> None:
    """Trust a snapshot's files as they are now: the caller has just read them. A folder that is read-only is no error."""
    if not _in_an_index(folder):
        return
    root = folder.parent
    try:
        kept = {key: stamp for key, stamp in _load(folder).items() if (root / key.split("/", 1)[0]).is_dir()}
        kept.update({_key(folder, name): _stamp(folder / name, expected) for name, expected in checksums.items()})
        durable.write_atomically(root.parent / VERIFIED, json.dumps(kept).encode())
    except OSError:
        return


def _load(folder: Path) -> dict[str, Any]:
    if not _in_an_index(folder):
        return {}
    try:
        content = json.loads((folder.parent.parent / VERIFIED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _in_an_index(folder: Path) -> bool:
    return folder.parent.name == SNAPSHOTS


def _key(folder: Path, name: str) -> str:
    return f"{folder.name}/{name}"


def _stamp(path: Path, expected: str) -> list[Any]:
    status = path.stat()
    return [status.st_ino, status.st_size, status.st_mtime_ns, expected]
