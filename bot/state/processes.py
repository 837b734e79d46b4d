"""Which process began something, written so that another can tell whether it is still there.

A process id alone does not say it: ids are used again, and in a container the first is always 1.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """A process of a machine: ``started`` tells apart two that had the same id; "" where that cannot be known."""

    host: str
    pid: int
    started: str

    def text(self) -> str:
        """As it is stored."""
        return f"{self.host} {self.pid} {self.started}".strip()

    @classmethod
    def parse(cls, text: str) -> ProcessMark:
        """Back from ``text()``."""
        host, pid, *started = text.split(" ")
        return cls(host, int(pid), " ".join(started))


def this_process() -> ProcessMark:
    """The process that asks."""
    pid = os.getpid()
    return ProcessMark(_host(), pid, _started(pid) or "")


def is_alive(mark: ProcessMark) -> bool | None:
    """Whether that very process still runs; None where it is of another machine and cannot be looked at."""
    if mark.host != _host():
        return None
    if mark.started:
        return _started(mark.pid) == mark.started
    try:
        os.kill(mark.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is there, and another user's
    return True


def _host() -> str:
    return socket.gethostname().replace(" ", "_") or "localhost"


def _started(pid: int) -> str | None:
    """When the process was started, in ticks since this boot of the machine; None where it is gone or unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        # Field 22; the second field, the command in brackets, may hold spaces and brackets itself.
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    # Z: it has ended and only its parent has not asked for the outcome.
    return None if status[0] == "Z" else f"{boot}/{status[19]}"
