"""How tests drive the server: write as a user, press buttons, and see what the bot sent."""

from __future__ import annotations

import base64
import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

PROJECT_DIR = Path(__file__).resolve().parent.parent.parent
Call = dict[str, Any]


class TelegramServer:
    """One running server with one bot."""

    def __init__(self, port: int, token: str) -> None:
        self.token = token
        self.base_url = f"http://127.0.0.1:{port}/bot"
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}/control/", trust_env=False, timeout=60)
        self._message_ids = itertools.count(100_000)
        self._seen = 0

    def close(self) -> None:
        self._http.close()

    def say(self, text: str, *, user: int, chat: int | None = None, **more: Any) -> Call:
        """Send a message as a user: in private, or in the group ``chat`` (a negative id). The message."""
        message = {
            "message_id": next(self._message_ids),
            "from": {"id": user, "is_bot": False, "first_name": f"用户{user}"},
            "chat": _chat(user if chat is None else chat, user),
            "date": int(time.time()),
            **({"text": text, "entities": _entities(text)} if text else {}),
            **more,
        }
        self._control("push", {"update": {"message": message}})
        return message

    def send_file(self, name: str, content: bytes, *, user: int, size: int | None = None, **more: Any) -> Call:
        """Send a document as a user; with ``media_group_id``, as part of an album."""
        file_id = f"file{next(self._message_ids)}"
        self._control("file", {"file_id": file_id, "content": base64.b64encode(content).decode()})
        document = {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "file_name": name,
            "file_size": len(content) if size is None else size,
        }
        return self.say("", user=user, document=document, **more)

    def press(self, message: Call, label: str, *, user: int) -> str:
        """Press the first button whose label holds ``label``; the callback's id."""
        data = next(button["callback_data"] for button in buttons(message) if label in button["text"])
        return self.press_data(message, data, user=user)

    def press_data(self, message: Call, data: str, *, user: int) -> str:
        """Press a button with that data."""
        callback_id = f"callback{next(self._message_ids)}"
        query = {
            "id": callback_id,
            "from": {"id": user, "is_bot": False, "first_name": f"用户{user}"},
            "message": message,
            "chat_instance": "1",
            "data": data,
        }
        self._control("push", {"update": {"callback_query": query}})
        return callback_id

    def fail(self, method: str, *, status: int, description: str, count: int = 1, **more: Any) -> None:
        """Let the next calls of a method fail."""
        self._control("fault", {"method": method, "status": status, "description": description, "count": count, **more})

    def block(self, chat: int) -> None:
        """A user blocks the bot."""
        self._control("block", {"chat_id": chat})

    def revoke(self) -> None:
        """From now on the token is refused."""
        self._control("revoke", {})

    def waiting_updates(self) -> int:
        """Updates that the bot has not fetched and confirmed."""
        return int(self._control("waiting", {})["waiting"])

    def expect(self, method: str, *, where: Callable[[Call], bool] = lambda _: True, within: float = 15) -> Call:
        """The next call of the method that fits; calls before it are passed over."""
        deadline = time.monotonic() + within
        passed = []
        while (left := deadline - time.monotonic()) > 0:
            for call in self._calls(self._seen, left):
                self._seen = call["number"] + 1
                if call["method"] == method and where(call):
                    return call
                passed.append((call["method"], call["params"].get("text", "")[:60]))
        raise AssertionError(f"no {method} within {within} s; there were {passed}")

    def expect_message(self, holding: str = "", *, chat: int | None = None, within: float = 15) -> Call:
        """The next message that was delivered to the chat and holds the words; as the receiver sees it."""

        def fits(call: Call) -> bool:
            message = call.get("result") or {}
            return call["ok"] and holding in message["text"] and chat in {None, message["chat"]["id"]}

        result: Call = self.expect("sendMessage", where=fits, within=within)["result"]
        return result

    def calls(self, method: str | None = None) -> list[Call]:
        """All calls so far."""
        return [call for call in self._calls(0, 0) if method in {None, call["method"]}]

    def _calls(self, after: int, timeout: float) -> list[Call]:
        found: list[Call] = self._control("calls", {"after": after, "timeout": min(timeout, 30)})
        return found

    def _control(self, action: str, body: dict[str, Any]) -> Any:
        return self._http.post(action, json=body).raise_for_status().json()


@contextmanager
def running_server(token: str) -> Iterator[TelegramServer]:
    """A server process of its own."""
    command = [sys.executable, "-m", "tests.telegram_server", token]
    with subprocess.Popen(command, cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        server = TelegramServer(int(process.stdout.readline()), token)
        try:
            yield server
        finally:
            server.close()
            process.kill()


def buttons(message: Call) -> list[dict[str, str]]:
    """All buttons below a message."""
    return [button for row in message.get("reply_markup", {}).get("inline_keyboard", []) for button in row]


def _chat(chat_id: int, user: int) -> dict[str, Any]:
    if chat_id > 0:
        return {"id": chat_id, "type": "private", "first_name": f"用户{user}"}
    return {"id": chat_id, "type": "supergroup", "title": "办公室"}


def _entities(text: str) -> list[dict[str, Any]]:
    """Commands and mentions, as Telegram marks them; the tests' texts are in the basic plane."""
    entities, offset = [], 0
    for word in text.split(" "):
        if word.startswith("/") and len(word) > 1 and word[1].isascii():
            entities.append({"type": "bot_command", "offset": offset, "length": len(word)})
        elif word.startswith("@"):
            entities.append({"type": "mention", "offset": offset, "length": len(word)})
        offset += len(word) + 1
    return entities
