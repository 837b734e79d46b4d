"""Work in a forked child that may be killed. The parent itself never indexes or searches, so forking stays safe."""

from __future__ import annotations

import json
import os
import select
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# A child that says nothing for so long hangs, which is a failure like any other.
LIMIT_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: killed, with an error ("Type: message"), or with a result that fits JSON."""

    killed: bool
    error: str | None
    result: Any
    seconds: float


def run_apart(
    work: Callable[[], Any], *, kill_after: float | None = None, limit_seconds: float = LIMIT_SECONDS
) -> Ended:
    """Do the work in a child. ``kill_after``: seconds from its first step until it is killed from outside."""
    reading, writing = os.pipe()
    started = time.perf_counter()
    process = os.fork()
    if not process:
        os.close(reading)
        _work_and_leave(work, writing)
    os.close(writing)
    said, hung = _listen(reading, process, kill_after, limit_seconds)
    status = os.waitpid(process, 0)[1]
    seconds = time.perf_counter() - started
    if hung:
        return Ended(False, f"hung: nothing came for {limit_seconds:.0f} s", None, seconds)
    if os.WIFSIGNALED(status):
        died_of = os.WTERMSIG(status)
        killed = died_of == signal.SIGKILL
        return Ended(killed, None if killed else f"died of signal {died_of}", None, seconds)
    answer = json.loads(said)
    return Ended(False, answer["error"], answer["result"], seconds)


def _work_and_leave(work: Callable[[], Any], writing: int) -> None:
    answer: dict[str, Any] = {"error": None, "result": None}
    try:
        answer["result"] = work()
    except Exception as error:  # noqa: BLE001 - every failure is handed to the parent, who judges it
        answer["error"] = f"{type(error).__name__}: {error}"
        answer["result"] = {"traceback": traceback.format_exc()}
    with os.fdopen(writing, "w") as pipe:
        json.dump(answer, pipe)
    os._exit(0)


def _listen(reading: int, process: int, kill_after: float | None, limit_seconds: float) -> tuple[str, bool]:
    """What the child wrote until it closed its end; whether it had to be ended because it hung."""
    parts: list[bytes] = []
    kill_at = None if kill_after is None else time.monotonic() + kill_after
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while True:
            wait = limit_seconds if kill_at is None else max(0.0, kill_at - time.monotonic())
            if select.select([pipe], [], [], wait)[0]:
                part = pipe.read(1 << 16)
                if not part:
                    return b"".join(parts).decode(), False
                parts.append(part)
                continue
            os.kill(process, signal.SIGKILL)
            if kill_at is None:
                return "", True
            kill_at = None
