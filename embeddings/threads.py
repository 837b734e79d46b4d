"""How many cores this process may really use, and threads that leave them to others.

What counts is what the scheduler and the container allow, not what is built in.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

# A thread at 10 gets a tenth of a core that one at 0 wants too (the weights of Linux's scheduler are 110 and 1024).
_BACKGROUND_NICENESS = 10

_CGROUP_ROOT = Path("/sys/fs/cgroup")
_OWN_CGROUP = Path("/proc/self/cgroup")


def usable_cores(*, cgroup_root: Path = _CGROUP_ROOT, own_cgroup: Path = _OWN_CGROUP) -> int:
    """Cores by CPU affinity and cgroup quota (version 2 and 1), at least 1. A quota of 1.5 cores counts as 2."""
    available = _affinity_cores()
    for folder in _cgroup_folders(cgroup_root, own_cgroup):
        quota = _quota(folder)
        if quota is not None:
            # Rounded up: one thread would leave half a core idle, two only wait a little.
            available = min(available, max(1, -int(-quota // 1)))
    return max(1, available)


def step_back() -> None:
    """Let the calling thread run where no other wants the core. It cannot be taken back; nothing where not Linux.

    Only Linux counts priorities by thread; elsewhere the whole process would be slowed down.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        niceness = max(_BACKGROUND_NICENESS, os.getpriority(os.PRIO_PROCESS, thread))
        os.setpriority(os.PRIO_PROCESS, thread, niceness)


def _affinity_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cgroup_folders(root: Path, own_cgroup: Path) -> list[Path]:
    """The process's own cgroup and all above it: each may hold a quota, and the smallest counts."""
    folders = [root, root / "cpu", root / "cpu,cpuacct"]
    try:
        lines = own_cgroup.read_text(encoding="utf-8").splitlines()
    except OSError:
        return folders
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        base = root / controllers if controllers else root
        folder = base
        for part in Path(path.lstrip("/")).parts:
            folder = folder / part
            folders.append(folder)
    return folders


def _quota(folder: Path) -> float | None:
    """Cores granted by ``cpu.max`` (version 2) or ``cpu.cfs_quota_us`` (version 1); None without a limit."""
    try:
        if (folder / "cpu.max").is_file():
            granted, period = (folder / "cpu.max").read_text(encoding="ascii").split()
        else:
            granted = (folder / "cpu.cfs_quota_us").read_text(encoding="ascii").strip()
            period = (folder / "cpu.cfs_period_us").read_text(encoding="ascii").strip()
        cores = int(granted) / int(period) if granted != "max" else -1.0
    except (OSError, ValueError, ZeroDivisionError):
        return None
    return cores if cores > 0 else None
