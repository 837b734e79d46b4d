"""Changes to files that outlive a power loss. Only this module syncs, renames and links below an index folder.

Order is the caller's business: whatever a name is to stand for is synced before the name is set.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

# What a file system says that has no hard links, or none between these two places or no more of this file.
_NO_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL})


def sync(path: Path) -> None:
    """Have the bytes of a file, or the names in a folder, on the disk when this returns. Raises: OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """``sync`` of everything below a folder and of the folder, inner before outer. Raises: OSError."""
    for root, _, names in os.walk(folder, topdown=False):
        for name in names:
            sync(Path(root, name))
        sync(Path(root))


def write_atomically(path: Path, data: bytes) -> None:
    """Let a file hold ``data``, durably; at any instant it holds that or what it held before. Raises: OSError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(3)}")
    try:
        temporary.write_bytes(data)
        sync(temporary)
        rename(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def rename(source: Path, target: Path) -> None:
    """Give a file or folder another name, durably; a file of that name is replaced, or an empty folder by a folder.

    Raises: OSError: among others, ``target`` is a folder that holds something.
    """
    source.replace(target)
    sync(target.parent)
    if source.parent != target.parent:
        sync(source.parent)


def link_tree(source: Path, target: Path, *, skip: Callable[[Path], bool] = lambda path: False) -> None:
    """Make ``target`` a folder with the same files: hard links, or copies where links are not possible.

    Not synced. ``target`` may exist, empty; ``skip`` is asked with the path of each file and folder below ``source``,
    relative to it. What is linked must never be written to, only replaced. Raises: OSError.
    """
    target.mkdir(parents=True, exist_ok=True)
    for root, folders, names in os.walk(source, onerror=_raise):
        inside = Path(root).relative_to(source)
        folders[:] = [name for name in folders if not skip(inside / name)]
        for name in folders:
            (target / inside / name).mkdir(exist_ok=True)
        for name in names:
            if not skip(inside / name):
                link(source / inside / name, target / inside / name)


def link(source: Path, target: Path) -> None:
    """A second name for a file, or a copy where links are not possible. Not synced. Raises: OSError."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        shutil.copyfile(source, target)


def remove_tree(folder: Path) -> None:
    """Delete a folder and all below it, as far as possible; one that is not there is no error."""
    shutil.rmtree(folder, ignore_errors=True)


def _raise(error: OSError) -> None:
    raise error
