"""Plays one conversation against the test server and notes what its readers see.

Messages are shown as they are at the end, an edited one once; ``keep`` lets what is shown so far stay.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from evals.telegram_pictures.transcript import Bubble, Card, Cards, Entity, Event, Notice, Pressed, Transcript
from tests.telegram_server.client import TelegramServer, buttons

Message = dict[str, Any]
# An index is made when nothing else wants the processor, which on a busy machine takes its time.
_WITHIN_SECONDS = 600.0
_POLL_SECONDS = 5.0
_EDITING = {"editMessageText", "editMessageReplyMarkup"}
_SHOWING = {"sendMessage", "sendDocument", "sendPhoto", *_EDITING}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes."""

    user_id: int
    name: str

    def as_sender(self) -> Message:
        """As Telegram tells of them."""
        return {"id": self.user_id, "is_bot": False, "first_name": self.name, "language_code": "zh-hans"}


@dataclass
class Conversation:
    """A chat of ``person``: in private, or in the group ``chat_id`` and its ``topic_id``."""

    server: TelegramServer
    person: Person
    chat_id: int = 0
    topic_id: int | None = None
    _events: list[Event] = field(default_factory=list)
    # Where the bubble of a message stands, and the latest messages of the bot.
    _places: dict[int, int] = field(default_factory=dict)
    _messages: dict[int, Message] = field(default_factory=dict)
    _sent: set[int] = field(default_factory=set)
    _rewritten: set[int] = field(default_factory=set)
    _callbacks: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.chat_id = self.chat_id or self.person.user_id
        self._seen = self.server.state()["calls"]

    @property
    def bot_name(self) -> str:
        """What people write after an @."""
        return str(self.server.calls("getMe")[0]["result"]["username"])

    def says(self, text: str, *, replying_to: Message | None = None, by: Person | None = None) -> Message:
        """Write a message; as the bot gets it."""
        reply = {} if replying_to is None else {"reply_to_message": replying_to}
        who = by or self.person
        more = {**self._topic(), **reply, "from": who.as_sender()}
        self._note(Bubble(False, text, sender=self._sender(who), reply=_shown(replying_to)))
        return self.server.say(text, user=who.user_id, chat=self.chat_id, **more)

    def edits(self, message: Message, text: str) -> None:
        """Edit one's own message."""
        self._note(Bubble(False, text, sender=self._sender(self.person), edited=True))
        self.server.edit(message, text)

    def sends(self, name: str, content: str) -> Message:
        """Send a text file."""
        self._note(Bubble(False, file=name, sender=self._sender(self.person)))
        return self.server.send_file(name, content.encode(), user=self.person.user_id, **self._topic())

    def waits_for(self, *words: str, button: str = "") -> Message:
        """The latest message of the bot that came or changed since the last action, with all the words and a button."""
        found: Message = self._until(lambda: self._fitting(words, button), f"no message with {words} {button}")
        return found

    def presses(self, message: Message, label: str) -> None:
        """Press the button whose label holds these words."""
        labels = [button["text"] for button in buttons(message) if label in button["text"]]
        if not labels:
            raise RuntimeError(f"no button {label!r} below {_shown(message)!r}: {buttons(message)}")
        self._note(Pressed(labels[0]))
        self._callbacks.add(self.server.press(message, label, user=self.person.user_id))

    def types(self, query: str) -> list[Message]:
        """Ask inline; the results."""
        self._begin()
        query_id = self.server.inline(query, user=self.person.user_id)
        found: list[Message] = self._until(lambda: self._results(query_id), "no answer to the inline query")
        cards = tuple(Card(each.get("title", ""), each.get("description", "")) for each in found)
        self._events.append(Cards(f"@{self.bot_name} {query}", cards))
        return found

    def keep(self) -> None:
        """Let what is shown stay as it is: later edits are shown as messages of their own."""
        self._drain(0)
        self._places.clear()

    def forget(self) -> None:
        """Show nothing of what was so far."""
        self._drain(0)
        self._events.clear()
        self._places.clear()

    def told(self, name: str) -> Transcript:
        """What was said in the private chat with the bot."""
        return self.transcript(name, "依据", "机器人")

    def transcript(self, name: str, title: str, subtitle: str = "") -> Transcript:
        """What was said."""
        self._drain(0)
        return Transcript(name, title, subtitle, tuple(self._events))

    def _begin(self) -> None:
        self._drain(0)
        self._messages.clear()

    def _note(self, event: Event) -> None:
        self._begin()
        self._events.append(event)

    def _until(self, found: Callable[[], Any], otherwise: str) -> Any:
        deadline = time.monotonic() + _WITHIN_SECONDS
        while not (result := found()):
            left = deadline - time.monotonic()
            if left <= 0:
                raise RuntimeError(f"{otherwise} within {_WITHIN_SECONDS:.0f} s; there were {self._events}")
            self._drain(min(left, _POLL_SECONDS))
        return result

    def _fitting(self, words: Iterable[str], button: str) -> Message | None:
        labels = {number: [each["text"] for each in buttons(said)] for number, said in self._messages.items()}
        fitting = [
            said
            for number, said in self._messages.items()
            if all(word in _shown(said) for word in words) and any(button in label for label in labels[number] or [""])
        ]
        return fitting[-1] if fitting else None

    def _results(self, query_id: str) -> list[Message]:
        answers = [
            call["params"]["results"]
            for call in self.server.calls("answerInlineQuery")
            if call["params"].get("inline_query_id") == query_id and call["ok"]
        ]
        found: list[Message] = json.loads(answers[-1]) if answers else []
        return found

    def _drain(self, timeout: float) -> None:
        for call in self.server.calls_from(self._seen, timeout):
            self._seen = call["number"] + 1
            if not call["ok"]:
                continue
            if call["method"] in _SHOWING and isinstance(call["result"], dict):
                self._show(call["result"], call["method"])
            elif call["method"] == "answerCallbackQuery" and call["params"].get("callback_query_id") in self._callbacks:
                words = call["params"].get("text")
                self._events += [Notice(words)] if words else []

    def _show(self, message: Message, method: str) -> None:
        if message["chat"]["id"] != self.chat_id or message.get("message_thread_id") != self.topic_id:
            return
        number = message["message_id"]
        if method in _EDITING and number not in self._sent:
            # Of another conversation in the same chat, such as a button that was put below its last answer.
            return
        self._sent.add(number)
        # Put last: it is the latest.
        self._messages.pop(number, None)
        self._messages[number] = message
        # As with Telegram: who changes only the buttons has not edited the message.
        self._rewritten |= {number} if method == "editMessageText" else set()
        bubble = self._bubble(message, edited=number in self._rewritten)
        if number in self._places:
            self._events[self._places[number]] = bubble
        else:
            self._places[number] = len(self._events)
            self._events.append(bubble)

    def _bubble(self, message: Message, *, edited: bool) -> Bubble:
        entities = tuple(Entity(each["type"], each["offset"], each["length"]) for each in message.get("entities", ()))
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        return Bubble(
            True,
            _shown(message),
            entities,
            tuple(tuple(button["text"] for button in row) for row in rows),
            sender="" if self.chat_id > 0 else message["from"]["first_name"],
            reply=self._replied(message),
            edited=edited,
        )

    def _replied(self, message: Message) -> str:
        replied = message.get("reply_to_message")
        if replied is None or self.chat_id > 0:
            return ""
        said = [event.text for event in self._events if isinstance(event, Bubble) and not event.by_bot]
        return _shown(replied) or (said[-1] if said else "")

    def _sender(self, who: Person) -> str:
        return "" if self.chat_id > 0 else who.name

    def _topic(self) -> Message:
        return {} if self.topic_id is None else {"message_thread_id": self.topic_id, "is_topic_message": True}


def _shown(message: Message | None) -> str:
    return str((message or {}).get("text") or (message or {}).get("caption") or "")
