"""Flood limits: one message a second into a chat, twenty a minute into a group, thirty a second over all.

Telegram allows short bursts without saying how many; here there are none. What is refused does not count.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class _Window:
    """At most ``most`` within any ``seconds``."""

    most: int
    seconds: float
    times: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        return 0.0 if len(self.times) < self.most else self.times[0] + self.seconds - now


@dataclass
class Floods:
    """Says how long a message has to wait. Not thread-safe: its owner holds a lock."""

    per_second: int = 30
    chat_per_second: int = 1
    group_per_minute: int = 20
    group_seconds: float = 60.0
    refused: int = 0

    def __post_init__(self) -> None:
        self._overall = _Window(self.per_second, 1.0)
        self._chats: dict[int, list[_Window]] = {}

    def take(self, chat_id: int, now: float) -> int | None:
        """Count a message into a chat; the seconds to wait where it is too many."""
        windows = [self._overall, *self._of(chat_id)]
        wait = max(window.wait(now) for window in windows)
        if wait > 0:
            self.refused += 1
            return max(math.ceil(wait), 1)
        for window in windows:
            window.times.append(now)
        return None

    def _of(self, chat_id: int) -> Iterable[_Window]:
        if chat_id not in self._chats:
            self._chats[chat_id] = [_Window(self.chat_per_second, 1.0)]
            if chat_id < 0:
                self._chats[chat_id].append(_Window(self.group_per_minute, self.group_seconds))
        return self._chats[chat_id]
