"""A small volume that can be filled up and made read-only: a tmpfs where the user may mount one, else by other means.

Without the right to mount, a full disk is a limit on the size of files, and a read-only volume folders without write
permission.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VOLUME_MEGABYTES = 64


class Volume:
    """A folder whose space can be taken. ``mounted``: it is a file system of its own."""

    def __init__(self, folder: Path, *, mounted: bool) -> None:
        self.folder = folder
        self.mounted = mounted
        self._ballast = folder / "ballast"

    def fill(self, free_bytes: int) -> None:
        """Leave so much space and no more."""
        state = os.statvfs(self.folder)
        taken = state.f_bavail * state.f_frsize - free_bytes
        with self._ballast.open("wb") as file:
            if taken > 0:
                os.posix_fallocate(file.fileno(), 0, taken)

    def empty(self) -> None:
        """Give the space back."""
        self._ballast.unlink(missing_ok=True)

    def read_only(self, folder: Path, *, on: bool) -> None:
        """Forbid writing, or allow it again."""
        if self.mounted:
            _run("mount", "-o", f"remount,{'ro' if on else 'rw'}", str(self.folder))
            return
        for path in [folder, *folder.rglob("*")]:
            if not path.is_symlink():
                mode = path.stat().st_mode & 0o7777
                path.chmod(mode & ~0o222 if on else mode | 0o200)


@contextmanager
def small_volume(folder: Path) -> Iterator[Volume]:
    """A volume at ``folder``, gone afterwards."""
    folder.mkdir()
    mounted = os.geteuid() == 0 and _run(
        "mount", "-t", "tmpfs", "-o", f"size={VOLUME_MEGABYTES}m", "tmpfs", str(folder), must=False
    )
    try:
        yield Volume(folder, mounted=mounted)
    finally:
        if mounted:
            _run("umount", "-l", str(folder))


def limit_files(size: int) -> None:
    """From now on this process cannot write files beyond ``size`` bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def used_bytes(folder: Path) -> int:
    """The space that a tree takes, in blocks."""
    seen = {(status.st_dev, status.st_ino): status.st_blocks for status in _statuses(folder)}
    return 512 * sum(seen.values())


def largest_file(folder: Path) -> int:
    """The size of the largest file of a tree."""
    return max((status.st_size for status in _statuses(folder)), default=0)


def _statuses(folder: Path) -> list[os.stat_result]:
    return [path.lstat() for path in folder.rglob("*") if path.is_file()]


def _run(*command: str, must: bool = True) -> bool:
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return False
    if must and ended.returncode:
        raise OSError(f"{' '.join(command)}: {ended.stderr.strip()}")
    return not ended.returncode
