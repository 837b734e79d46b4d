"""Progress of long steps on standard error: one moving line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

# A terminal can be redrawn often; a log should stay short.
TERMINAL_SECONDS = 0.1
LOG_SECONDS = 5.0
_BAR_CELLS = 24


class ProgressLine:
    """Shows how far a step is, how fast and for how much longer. Changing ``label`` begins a new step."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._terminal = stream.isatty()
        self._label: str | None = None
        self._started = 0.0
        self._shown_at = float("-inf")
        self._open = False

    def say(self, text: str) -> None:
        """A line that stays."""
        self._clear()
        self._write(f"{text}\n")

    def update(
        self, label: str, done: int, total: int, *, rate: float | None = None, eta_seconds: float | None = None
    ) -> None:
        """``done`` of ``total`` steps; total 0 where it is not known.

        ``rate`` and ``eta_seconds`` of whoever counts; where there are none, those of the time since the step began.
        """
        now = self._clock()
        if label != self._label:
            self._label, self._started = label, now
            # A log gets a line only for what takes a while.
            self._shown_at = float("-inf") if self._terminal else now
        finished = total > 0 and done >= total
        pause = TERMINAL_SECONDS if self._terminal else LOG_SECONDS
        if not finished and now - self._shown_at < pause:
            return
        if finished and done == 0:
            return
        self._shown_at = now
        self._show(_told(label, done, total, now - self._started, rate, eta_seconds), finished)

    def close(self) -> None:
        """Leave the cursor on a line of its own."""
        self._clear()

    def _show(self, text: str, finished: bool) -> None:
        if not self._terminal:
            self._write(f"{text}\n")
            return
        self._write(f"\r\x1b[2K{text}")
        self._open = not finished
        if finished:
            self._write("\n")

    def _clear(self) -> None:
        if self._open:
            self._write("\r\x1b[2K")
            self._open = False

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _told(label: str, done: int, total: int, elapsed: float, rate: float | None, eta_seconds: float | None) -> str:
    if rate is None:
        rate = done / elapsed if elapsed > 0 and done else 0.0
    if eta_seconds is None and rate:
        eta_seconds = (total - done) / rate
    speed = f"  {rate:.0f}/秒" if rate >= 10 else f"  {rate:.1f}/秒" if rate else ""
    if total <= 0:
        return f"{label} {done}{speed}"
    full = _BAR_CELLS * min(done, total) // total
    left = f"  剩余 {duration(eta_seconds)}" if eta_seconds is not None and done < total else ""
    taken = f"  用时 {duration(elapsed)}" if done >= total else ""
    return f"{label} [{'#' * full}{'.' * (_BAR_CELLS - full)}] {done}/{total}{speed}{left}{taken}"


def duration(seconds: float) -> str:
    """A time in its two largest units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} 秒"
    if whole < 3600:
        return f"{whole // 60} 分 {whole % 60} 秒"
    return f"{whole // 3600} 小时 {whole % 3600 // 60} 分"
