"""A process that backs up or restores and dies at a chosen step, as a power cut would have it; run by ``test_killed``.

Each line of standard input asks for one try, in a process of its own; the answer says whether it came to its end.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.backup import making, restoring
from bot.backup.places import Places
from corpus.database import open_database
from retrieval import durable

DIED, FAILED = 9, 1
# Everything that changes a file for good goes through one of these.
STEPS = ("sync", "rename", "write_atomically", "link_tree", "remove_tree")


class Countdown:
    """Ends the process at a step, before what is done there: as after the one before."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            os._exit(DIED)

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.step()
            return function(*args, **kwargs)

        return counted


def attempt(action: str, folder: Path, file: Path, steps: int) -> int:
    countdown = Countdown(steps)
    for name in STEPS:
        setattr(durable, name, countdown.around(getattr(durable, name)))
    making.copy_to_file = countdown.around(making.copy_to_file)  # type: ignore[attr-defined]
    restoring.replace_content = countdown.around(restoring.replace_content)  # type: ignore[attr-defined]
    places = Places(folder, folder / "index", folder / "uploads")
    engine = open_database(f"sqlite:///{folder / 'yiju.db'}")
    if action == "backup":
        making.make_backup(places, engine, file)
    else:
        restoring.restore_backup(places, engine, file)
    return 0


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            code = FAILED
            try:
                code = attempt(asked["action"], Path(asked["folder"]), Path(asked["file"]), asked["steps"])
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
