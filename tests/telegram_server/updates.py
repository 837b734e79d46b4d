"""The updates that wait for the bot: handed out until confirmed, by long polling or to a webhook."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

Update = dict[str, Any]
KINDS = ("message", "edited_message", "callback_query", "inline_query", "chosen_inline_result", "my_chat_member")


@dataclass
class Webhook:
    """Where updates are pushed to."""

    url: str
    secret: str = ""
    max_connections: int = 40
    last_error: tuple[int, str] | None = None


@dataclass
class UpdateQueue:
    """Thread-safe; ``changed`` is told of everything that happens."""

    changed: threading.Condition
    allowed: frozenset[str] | None = None
    webhook: Webhook | None = None
    waiting: list[Update] = field(default_factory=list)
    _known: dict[int, Update] = field(default_factory=dict)
    _again: list[Update] = field(default_factory=list)
    _next: int = 1000
    _poll: int = 0

    def add(self, update: Update) -> Update:
        """Queue an update unless the bot asked for others only; with its id."""
        with self.changed:
            self._next += 1
            numbered = {"update_id": self._next, **update}
            self._known[self._next] = numbered
            if self.allowed is None or self.allowed & update.keys():
                self.waiting.append(numbered)
            self.changed.notify_all()
            return numbered

    def repeat(self, update_id: int) -> None:
        """Hand out an update once more, as after a lost confirmation."""
        with self.changed:
            self._again.append(self._known[update_id])
            self.changed.notify_all()

    def poll(self, offset: int, timeout_seconds: float, *, limit: int) -> list[Update] | str:
        """Confirm updates below the offset and wait for more; what ended the wait, where something did."""
        with self.changed:
            self._poll += 1
            mine = self._poll
            self.changed.notify_all()
            if offset < 0:
                offset = self.waiting[offset:][0]["update_id"] if self.waiting else 0
            self.waiting = [update for update in self.waiting if update["update_id"] >= offset]
            deadline = time.monotonic() + timeout_seconds
            while not self._again and not self.waiting and self._poll == mine and self.webhook is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    return []
                self.changed.wait(left)
            if self.webhook is not None:
                return "terminated by setWebhook request"
            if self._poll != mine:
                return "terminated by other getUpdates request; make sure that only one bot instance is running"
            again, self._again = self._again, []
            return (again + self.waiting)[:limit]

    def take_for_webhook(self, busy: set[int], due: dict[int, float]) -> Update | None:
        """The first update whose chat has none on its way and whose time has come. The lock is held by the caller."""
        if self._again:
            return self._again.pop(0)
        now, passed = time.monotonic(), set(busy)
        for update in self.waiting:
            chat = chat_of(update)
            if chat not in passed and due.get(update["update_id"], 0) <= now:
                return update
            passed.add(chat)
        return None

    def confirm(self, update: Update) -> None:
        """The webhook has taken it."""
        with self.changed:
            self.waiting = [each for each in self.waiting if each["update_id"] != update["update_id"]]
            self.changed.notify_all()


def chat_of(update: Update) -> int:
    """The chat an update belongs to; the user, for what has no chat."""
    for kind in ("message", "edited_message", "my_chat_member"):
        if kind in update:
            return int(update[kind]["chat"]["id"])
    if "callback_query" in update and "message" in update["callback_query"]:
        return int(update["callback_query"]["message"]["chat"]["id"])
    return next(int(value["from"]["id"]) for kind, value in update.items() if kind != "update_id")
