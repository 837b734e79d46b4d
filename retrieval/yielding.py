"""Lets work in the background wait while a question is answered, across processes, by a small file of marks.

Advice, not a lock: where the file cannot be written questions are answered all the same, and nobody waits for them.
"""

from __future__ import annotations

import itertools
import os
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

# In the index folder.
QUESTIONS = ".questions"
# Each who answers has a place of their own, so that no write undoes another's: when their latest question began, in
# nanoseconds of the monotonic clock, which processes of one machine share; 0: none is being answered.
_MARK = struct.Struct("<q")
_PLACES = 64
# A process that died while it answered must not hold up others for longer.
_HOLDS_NANOSECONDS = 2_000_000_000
_LOOK_SECONDS = 0.005
LONGEST_WAIT_SECONDS = 2.0
_WAITED_FOR_WORKED = 4.0
_instances = itertools.count()


class QuestionClock:
    """Marks questions that are being answered, and tells when there is none. Safe to use from several threads."""

    def __init__(self, path: Path, *, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._path = path
        self._clock = clock
        self._place = (os.getpid() + next(_instances)) % _PLACES * _MARK.size
        self._lock = threading.Lock()
        self._running = 0
        self._file: BinaryIO | None = None

    @contextmanager
    def asking(self) -> Iterator[None]:
        """A question is being answered until the block is left."""
        with self._lock:
            self._running += 1
            self._write(self._clock())
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                if not self._running:
                    self._write(0)

    def is_quiet(self) -> bool:
        """Whether no process began a question in the last two seconds that it has not answered."""
        try:
            marks = self._path.read_bytes()
        except OSError:
            return True
        now = self._clock()
        whole = marks[: len(marks) // _MARK.size * _MARK.size]
        # A mark of the future is from before the machine was started anew.
        return not any(mark and 0 <= now - mark < _HOLDS_NANOSECONDS for (mark,) in _MARK.iter_unpack(whole))

    def wait_for_quiet(
        self, longest_seconds: float = LONGEST_WAIT_SECONDS, *, sleep: Callable[[float], None] = time.sleep
    ) -> float:
        """Return when no question is being answered, or after the longest wait. Returns: the seconds waited."""
        began = self._clock()
        while not self.is_quiet():
            left = longest_seconds - (self._clock() - began) / 1e9
            if left <= 0:
                break
            sleep(min(_LOOK_SECONDS, left))
        return (self._clock() - began) / 1e9

    def close(self) -> None:
        """Let the file go; a later question opens it again."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _write(self, mark: int) -> None:
        try:
            file = self._opened()
            file.seek(self._place)
            file.write(_MARK.pack(mark))
        except OSError:
            self._file = None

    def _opened(self) -> BinaryIO:
        """The file, the one that has the name now: a restored index folder brings another."""
        if self._file is None or not _is_same(self._file, self._path):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
            self._file = os.fdopen(descriptor, "r+b", buffering=0)
        return self._file


class Courtesy:
    """Lets questions go first in proportion: for each second of work, so many of waiting while somebody asks.

    Work goes on however much is asked, at a fifth of its pace, and at its full pace where nobody asks.
    """

    def __init__(self, clock: QuestionClock, *, now: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._now = now
        self._since = now()

    def wait(self) -> None:
        """Return when no question is being answered, or after four times as long as was worked since the last wait."""
        worked = self._now() - self._since
        self._clock.wait_for_quiet(min(_WAITED_FOR_WORKED * worked, LONGEST_WAIT_SECONDS))
        self._since = self._now()


def _is_same(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
