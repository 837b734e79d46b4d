"""What the test server remembers of one bot: chats, messages, waiting updates, faults to come, calls that were made."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_server import faults
from tests.telegram_server.faults import Fault
from tests.telegram_server.floods import Floods
from tests.telegram_server.params import Refused
from tests.telegram_server.updates import Update, UpdateQueue

Message = dict[str, Any]


@dataclass
class BotState:
    token: str
    username: str = "yiju_test_bot"
    chats: dict[int, dict[str, Any]] = field(default_factory=dict)
    topics: dict[int, set[int]] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)
    messages: dict[tuple[int, int], Message] = field(default_factory=dict)
    inline_messages: dict[str, Message] = field(default_factory=dict)
    inline_results: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    open_callbacks: set[str] = field(default_factory=set)
    open_inline: set[str] = field(default_factory=set)
    commands: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)
    descriptions: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    floods: Floods | None = None
    calls: list[dict[str, Any]] = field(default_factory=list)
    revoked: bool = False

    def __post_init__(self) -> None:
        self.changed = threading.Condition()
        self.updates = UpdateQueue(self.changed)
        self._next_message = 1
        self._chance = random.Random(1)

    def user(self) -> dict[str, Any]:
        """The bot's own user."""
        bot_id = int(self.token.partition(":")[0])
        return {"id": bot_id, "is_bot": True, "first_name": "依据", "username": self.username}

    def next_message_id(self) -> int:
        with self.changed:
            self._next_message += 1
            return self._next_message

    def push(self, update: Update) -> Update:
        """Queue an update; with its ids."""
        with self.changed:
            for kind in ("message", "edited_message"):
                if kind in update:
                    update = {**update, kind: self._remembered(update[kind])}
            if "callback_query" in update:
                update = {**update, "callback_query": self._pressed(update["callback_query"])}
            if "inline_query" in update:
                self.open_inline.add(update["inline_query"]["id"])
            return self.updates.add(update)

    def waiting(self) -> int:
        """Updates that the bot has not confirmed."""
        with self.changed:
            return len(self.updates.waiting)

    def keep(self, message: Message) -> Message:
        """Remember a message as it is now."""
        with self.changed:
            self.messages[message["chat"]["id"], message["message_id"]] = message
        return message

    def take_fault(self, method: str, params: dict[str, Any]) -> Fault | None:
        """The fault that this call meets."""
        with self.changed:
            return faults.take(self.faults, method, params, self._chance)

    def count_message(self, chat_id: int) -> None:
        """Raises: Refused: too many messages."""
        with self.changed:
            wait = self.floods.take(chat_id, time.monotonic()) if self.floods is not None else None
        if wait is not None:
            raise Refused(f"Too Many Requests: retry after {wait}", 429, retry_after=wait)

    def record(self, call: dict[str, Any]) -> None:
        with self.changed:
            self.calls.append({"number": len(self.calls), "at": time.monotonic(), **call})
            self.changed.notify_all()

    def calls_after(self, first: int, timeout_seconds: float, chat_id: int | None = None) -> list[dict[str, Any]]:
        """Calls from that number on, of one chat or all; waits for at least one."""
        deadline = time.monotonic() + timeout_seconds
        with self.changed:
            while True:
                found = [call for call in self.calls[first:] if chat_id is None or call.get("chat_id") == chat_id]
                left = deadline - time.monotonic()
                if found or left <= 0:
                    return found
                first = len(self.calls)
                self.changed.wait(left)

    def _remembered(self, message: Message) -> Message:
        chat = message["chat"]
        self.chats.setdefault(chat["id"], chat)
        if "message_id" not in message:
            message = {"message_id": self.next_message_id(), **message}
        if message.get("is_topic_message"):
            self.topics.setdefault(chat["id"], set()).add(message["message_thread_id"])
        self.messages[chat["id"], message["message_id"]] = message
        return message

    def _pressed(self, query: dict[str, Any]) -> dict[str, Any]:
        self.open_callbacks.add(query["id"])
        if "message" not in query:
            return query
        message = query["message"]
        self.chats.setdefault(message["chat"]["id"], message["chat"])
        # Telegram sends the message as it stands, whatever the client showed.
        return {**query, "message": self.messages.get((message["chat"]["id"], message["message_id"]), message)}
