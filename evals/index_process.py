"""`yiju index` as a process of its own, and what can be seen of it from outside: its snapshot and its vectors."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

# Who starts this in the background of a shell ignores interrupts, and so would the command.
_COMMAND = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from bot.cli import main; main()"
_STOPPED_SECONDS = 60.0


class IndexProcess:
    """A running `yiju index`. A context manager; leaving it stops what still runs."""

    def __init__(self, places: dict[str, str], log: Path, *arguments: str) -> None:
        self.started = time.monotonic()
        with log.open("a", encoding="utf-8") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _COMMAND, "index", *arguments],
                env={**os.environ, **places},
                stdout=output,
                stderr=output,
                preexec_fn=_heed_interrupts,  # noqa: PLW1509 - no thread of ours holds a lock here
            )
        self._log = log

    def __enter__(self) -> IndexProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def seconds(self) -> float:
        """Since it was started."""
        return time.monotonic() - self.started

    def is_running(self) -> bool:
        """Raises: RuntimeError: it ended with an error."""
        code = self._process.poll()
        if code not in (None, 0):
            raise RuntimeError(f"yiju index ended with {code}: {self._log.read_text(encoding='utf-8')[-2000:]}")
        return code is None

    def stop(self) -> float:
        """Interrupt it as Ctrl-C does. Returns: the seconds until it had ended."""
        started = time.monotonic()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(_STOPPED_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        return time.monotonic() - started

    def wait(self, longest_seconds: float) -> float:
        """Until it has ended by itself. Returns: its seconds. Raises: RuntimeError: it failed or took longer."""
        while self.is_running():
            if self.seconds > longest_seconds:
                raise RuntimeError(f"yiju index was not done after {longest_seconds:.0f} s")
            time.sleep(0.02)
        return self.seconds


def _heed_interrupts() -> None:
    """A shell lets what runs in its background ignore Ctrl-C, and that is handed down."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def vectors_kept(cache: Path) -> tuple[int, int]:
    """How many vectors a cache file holds, and how many of them were written more than once."""
    if not cache.is_file():
        return 0, 0
    connection = sqlite3.connect(f"file:{cache}?mode=ro", uri=True)
    try:
        # A row that is replaced gets the next number, and its old one is never given out again.
        count, last = connection.execute("SELECT count(*), coalesce(max(rowid), 0) FROM vectors").fetchone()
    except sqlite3.OperationalError:
        return 0, 0
    finally:
        connection.close()
    return int(count), int(last) - int(count)
