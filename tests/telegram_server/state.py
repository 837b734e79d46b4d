"""What the test server remembers of one bot: chats, messages, waiting updates, faults to come, calls that were made."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fault:
    """The next ``count`` calls of ``method`` fail with this; ``delay_seconds`` comes before the answer."""

    method: str
    count: int
    status: int
    description: str
    retry_after: int | None = None
    delay_seconds: float = 0.0


@dataclass
class BotState:
    token: str
    username: str = "yiju_test_bot"
    chats: dict[int, dict[str, Any]] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)
    messages: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    open_callbacks: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    revoked: bool = False

    def __post_init__(self) -> None:
        self.changed = threading.Condition()
        self._updates: list[dict[str, Any]] = []
        self._next_update = 1000
        self._next_message = 1
        self._poll = 0

    def user(self) -> dict[str, Any]:
        """The bot's own user."""
        bot_id = int(self.token.partition(":")[0])
        return {"id": bot_id, "is_bot": True, "first_name": "依据", "username": self.username}

    def next_message_id(self) -> int:
        with self.changed:
            self._next_message += 1
            return self._next_message

    def push(self, update: dict[str, Any]) -> int:
        """Queue an update; its id."""
        with self.changed:
            self._next_update += 1
            queued = {"update_id": self._next_update, **update}
            message = queued.get("message") or queued["callback_query"]["message"]
            self.chats.setdefault(message["chat"]["id"], message["chat"])
            if "message" in queued:
                self.messages[message["chat"]["id"], message["message_id"]] = message
            else:
                self.open_callbacks.add(queued["callback_query"]["id"])
            self._updates.append(queued)
            self.changed.notify_all()
            return self._next_update

    def poll(self, offset: int, timeout_seconds: float, *, limit: int) -> list[dict[str, Any]] | None:
        """Confirm updates below the offset and wait for more; None where another poll ended this one."""
        with self.changed:
            self._poll += 1
            mine = self._poll
            self.changed.notify_all()
            self._updates = [update for update in self._updates if update["update_id"] >= offset]
            deadline = time.monotonic() + timeout_seconds
            while not self._updates and self._poll == mine and time.monotonic() < deadline:
                self.changed.wait(deadline - time.monotonic())
            return None if self._poll != mine else self._updates[:limit]

    def waiting(self) -> int:
        """Updates that the bot has not confirmed."""
        with self.changed:
            return len(self._updates)

    def take_fault(self, method: str) -> Fault | None:
        """The fault that the next call of a method meets."""
        with self.changed:
            for fault in self.faults:
                if fault.method == method and fault.count > 0:
                    fault.count -= 1
                    return fault
            return None

    def record(self, call: dict[str, Any]) -> None:
        with self.changed:
            self.calls.append({"number": len(self.calls), "at": time.monotonic(), **call})
            self.changed.notify_all()

    def calls_after(self, number: int, timeout_seconds: float) -> list[dict[str, Any]]:
        """Calls from that number on; waits for at least one."""
        deadline = time.monotonic() + timeout_seconds
        with self.changed:
            while len(self.calls) <= number and time.monotonic() < deadline:
                self.changed.wait(deadline - time.monotonic())
            return self.calls[number:]
