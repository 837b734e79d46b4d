"""What a scenario does in one chat: write, press, wait for the reply. Each method waits for its own outcome."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.telegram_server.client import TelegramServer, buttons

Message = dict[str, Any]
# Long enough for a busy machine; nothing waits that long where things work.
WITHIN_SECONDS = 60.0
# Every administrator hears of every stranger, whichever scenario that is in.
ASKS_FOR_ACCESS = "有人申请使用"
_SHOWING = ("sendMessage", "sendDocument", "sendPhoto")
_EDITING = ("editMessageText", "editMessageReplyMarkup")


class Chat:
    """One person in one chat (private unless ``chat`` is a group) and, in a forum, one topic."""

    def __init__(self, server: TelegramServer, user: int, chat: int | None = None, topic: int | None = None) -> None:
        self.server = server
        self.user = user
        self.chat = user if chat is None else chat
        self.topic = topic
        self._seen = server.state()["calls"]
        self._messages: list[Message] = []
        self._requests: list[Message] = []
        self._edits: list[Message] = []
        self._refusals: list[str] = []
        self._over = False

    def says(self, text: str, *, replying_to: Message | None = None, **more: Any) -> Message:
        """Write a message; as the bot gets it."""
        if replying_to is not None:
            more["reply_to_message"] = replying_to
        return self.server.say(text, user=self.user, chat=self.chat, **self._in_topic(), **more)

    def edits(self, message: Message, text: str) -> Message:
        """Edit one's own message."""
        return self.server.edit(message, text)

    def sends_file(self, name: str, content: bytes, **more: Any) -> Message:
        """Send a document."""
        return self.server.send_file(name, content, user=self.user, chat=self.chat, **self._in_topic(), **more)

    def sends_album(self, files: Sequence[tuple[str, bytes]]) -> list[Message]:
        """Send several documents as one album, in private."""
        return self.server.send_album(files, user=self.user)

    def expect_reply(self, *words: str, within: float = WITHIN_SECONDS) -> Message:
        """The next message of the bot in this chat and topic, which must hold all these words."""
        self._wait(lambda: bool(self._messages), within, f"no message with {words}")
        message = self._messages.pop(0)
        missing = [each for each in words if each not in shown_text(message)]
        assert not missing, f"{missing} not in: {shown_text(message)}"
        return message

    def expect_request(self, stranger: Chat) -> Message:
        """The next card of a stranger (or a group) who asks for access; those of others do not matter."""

        def fits(message: Message) -> bool:
            return f" {stranger.chat}\n" in shown_text(message)

        self._wait(lambda: any(map(fits, self._requests)), WITHIN_SECONDS, f"no request of {stranger.chat}")
        request = next(filter(fits, self._requests))
        self._requests.remove(request)
        return request

    def expect_edit(self, message: Message, *words: str, within: float = WITHIN_SECONDS) -> Message:
        """The message after an edit by which it holds all these words; edits before that are passed over."""

        def fits(edited: Message) -> bool:
            same = edited["message_id"] == message["message_id"]
            return same and all(each in shown_text(edited) for each in words)

        self._wait(lambda: any(map(fits, self._edits)), within, f"no edit to {words}, but {self._edits}")
        while True:
            edited = self._edits.pop(0)
            if fits(edited):
                return edited

    def expect_refusal(self, words: str) -> None:
        """Wait until Telegram has refused a message into this chat, for a reason with these words."""
        self._wait(lambda: any(words in each for each in self._refusals), WITHIN_SECONDS, f"no refusal: {words}")
        self._refusals.clear()

    def presses(self, message: Message, label: str) -> str:
        """Press the button whose label holds these words; the note that is shown, "" for none."""
        data = [button.get("callback_data") for button in buttons(message) if label in button["text"]]
        assert data, f"no button {label!r} below: {[button['text'] for button in buttons(message)]}"
        return self.presses_data(message, str(data[0]))

    def presses_data(self, message: Message, data: str) -> str:
        """Press a button with such data, whether it is there or not; the note that is shown, "" for none."""
        first = self.server.state()["calls"]
        callback_id = self.server.press_data(message, data, user=self.user)
        answer = self._call(first, "answerCallbackQuery", "callback_query_id", callback_id)
        return str(answer["params"].get("text", ""))

    def types_inline(self, query: str) -> list[dict[str, Any]]:
        """Type ``@bot query``; the result cards."""
        first = self.server.state()["calls"]
        query_id = self.server.inline(query, user=self.user)
        answer = self._call(first, "answerInlineQuery", "inline_query_id", query_id)
        results: list[dict[str, Any]] = json.loads(answer["params"]["results"])
        return [{**result, "query_id": query_id} for result in results]

    def chooses(self, result: dict[str, Any]) -> Message:
        """Take a result card; the message that goes into this chat."""
        return self.server.choose(result["query_id"], result["id"], user=self.user, chat=self.chat)

    def unread(self, *, within: float = 0) -> list[Message]:
        """Messages of the bot that no scenario asked for so far; waits for the next call to this chat."""
        self._fetch(within)
        return [] if self._over else self._messages

    def forgets_unread(self) -> None:
        """What came so far does not matter."""
        self._fetch(0)
        self._messages.clear()

    def needs_no_more(self) -> None:
        """Whatever comes from now on, or has come, does not matter."""
        self._over = True

    def _in_topic(self) -> dict[str, Any]:
        return {} if self.topic is None else {"message_thread_id": self.topic, "is_topic_message": True}

    def _wait(self, done: Callable[[], bool], within: float, otherwise: str) -> None:
        deadline = time.monotonic() + within
        while not done():
            left = deadline - time.monotonic()
            assert left > 0, f"{otherwise} within {within:.0f} s"
            self._fetch(min(left, 5))

    def _fetch(self, timeout: float) -> None:
        for call in self.server.calls_from(self._seen, timeout, chat=self.chat):
            self._seen = call["number"] + 1
            if not call["ok"]:
                self._refusals += [str(call["description"])] if call["method"] in _SHOWING else []
            elif call["method"] in _SHOWING and call["result"].get("message_thread_id") == self.topic:
                asks = shown_text(call["result"]).startswith(ASKS_FOR_ACCESS)
                (self._requests if asks else self._messages).append(call["result"])
            elif call["method"] in _EDITING:
                self._edits.append(call["result"])

    def _call(self, first: int, method: str, name: str, value: str) -> dict[str, Any]:
        deadline = time.monotonic() + WITHIN_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            for call in self.server.calls_from(first, left):
                first = call["number"] + 1
                if call["ok"] and call["method"] == method and call["params"].get(name) == value:
                    return call
        raise AssertionError(f"no {method} for {value} within {WITHIN_SECONDS:.0f} s")


def shown_text(message: Message) -> str:
    """The text or the caption."""
    return str(message.get("text") or message.get("caption") or "")
