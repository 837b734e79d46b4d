"""How tests drive the server: write as a user, press buttons, and see what the bot sent."""

from __future__ import annotations

import base64
import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.telegram_server.markup import utf16_length
from tests.telegram_server.wire import BotServer

PROJECT_DIR = Path(__file__).resolve().parent.parent.parent
Call = dict[str, Any]


class TelegramServer:
    """One running server with one bot. Thread-safe but for ``expect``, which goes on from what was seen before."""

    def __init__(self, port: int, token: str) -> None:
        self.token = token
        self.base_url = f"http://127.0.0.1:{port}/bot"
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}/control/",
            trust_env=False,
            timeout=60,
            limits=httpx.Limits(max_connections=None),
        )
        self._ids = itertools.count(100_000)
        self._seen = 0

    def close(self) -> None:
        self._http.close()

    def push(self, update: Call) -> Call:
        """Hand an update to the bot; as it was queued, with its ids."""
        pushed: Call = self._control("push", {"update": update})
        return pushed

    def say(self, text: str, *, user: int, chat: int | None = None, **more: Any) -> Call:
        """Send a message as a user: in private, or in the group ``chat`` (a negative id). The message."""
        return self.say_update(text, user=user, chat=chat, **more)["message"]  # type: ignore[no-any-return]

    def say_update(self, text: str, *, user: int, chat: int | None = None, **more: Any) -> Call:
        """As ``say``; the whole update."""
        written = {"text": text, "entities": entities_in(text)} if text else {}
        message = {"from": person(user), "chat": chat_of(user, chat), "date": int(time.time()), **written, **more}
        return self.push({"message": message})

    def edit(self, message: Call, text: str) -> Call:
        """Edit a message of a user; the message."""
        changed = {**message, "text": text, "entities": entities_in(text), "edit_date": int(time.time())}
        return self.push({"edited_message": changed})["edited_message"]  # type: ignore[no-any-return]

    def repeat(self, update_id: int) -> None:
        """Let Telegram hand out an update once more."""
        self._control("repeat", {"update_id": update_id})

    def send_file(
        self, name: str, content: bytes, *, user: int, size: int | None = None, chat: int | None = None, **more: Any
    ) -> Call:
        """Send a document as a user."""
        file_id = f"file{next(self._ids)}"
        self._control("file", {"file_id": file_id, "content": base64.b64encode(content).decode()})
        document = {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "file_name": name,
            "file_size": len(content) if size is None else size,
        }
        return self.say("", user=user, chat=chat, document=document, **more)

    def send_album(self, files: Sequence[tuple[str, bytes]], *, user: int) -> list[Call]:
        """Send several documents as one album."""
        album = f"album{next(self._ids)}"
        return [self.send_file(name, content, user=user, media_group_id=album) for name, content in files]

    def press(self, message: Call, label: str, *, user: int) -> str:
        """Press the first button whose label holds ``label``; the callback's id."""
        return str(self.press_update(message, label, user=user)["callback_query"]["id"])

    def press_data(self, message: Call, data: str, *, user: int) -> str:
        """Press a button with that data; the callback's id."""
        return str(self._press(message, data, user)["callback_query"]["id"])

    def press_update(self, message: Call, label: str, *, user: int) -> Call:
        """As ``press``; the whole update."""
        data = next(button["callback_data"] for button in buttons(message) if label in button["text"])
        return self._press(message, data, user)

    def _press(self, message: Call, data: str, user: int) -> Call:
        callback_id = f"callback{next(self._ids)}"
        below = {"inline_message_id": message["inline_message_id"]} if "inline_message_id" in message else None
        query = {
            "id": callback_id,
            "from": person(user),
            **(below or {"message": message}),
            "chat_instance": "1",
            "data": data,
        }
        return self.push({"callback_query": query})

    def inline(self, query: str, *, user: int, offset: str = "") -> str:
        """Type ``@bot query`` in any chat; the query's id."""
        query_id = f"query{next(self._ids)}"
        self.push({"inline_query": {"id": query_id, "from": person(user), "query": query, "offset": offset}})
        return query_id

    def choose(self, query_id: str, result_id: str, *, user: int, chat: int | None = None) -> Call:
        """Take a result of an inline query; the message that goes into the chat."""
        where = {"chat": chat_of(user, chat), "user": person(user)}
        chosen: Call = self._control("choose", {"query_id": query_id, "result_id": result_id, **where})
        return chosen

    def fail(self, method: str, *, status: int = 500, description: str = "Internal Server Error", **more: Any) -> None:
        """Let the next calls of a method go wrong; see Fault."""
        self._control("fault", {"method": method, "status": status, "description": description, **more})

    def mend(self) -> None:
        """No more faults."""
        self._control("mend", {})

    def forget_message(self, chat: int, message_id: int) -> None:
        """Somebody deletes a message."""
        self._control("forget", {"chat_id": chat, "message_id": message_id})

    def limit_floods(self, limits: dict[str, float] | None) -> None:
        """Refuse too many messages: ``{}`` for Telegram's limits, None for no limits at all."""
        self._control("floods", {"limits": limits})

    def flood_refusals(self) -> int:
        """How many messages were too many."""
        return int(self._control("floods", {})["refused"])

    def block(self, chat: int, *, blocked: bool = True) -> None:
        """A user blocks the bot, or a group removes it."""
        self._control("block", {"chat_id": chat, "blocked": blocked})

    def revoke(self, *, revoked: bool = True) -> None:
        """From now on the token is refused."""
        self._control("revoke", {"revoked": revoked})

    def expire_queries(self) -> None:
        """Pressed buttons and inline queries so far are too old to be answered."""
        self._control("expire", {})

    def waiting_updates(self) -> int:
        """Updates that the bot has not fetched and confirmed."""
        return int(self.state()["waiting"])

    def state(self) -> Call:
        """``waiting`` updates, number of ``calls``, ``commands`` (scope, language, menu), ``webhook``."""
        state: Call = self._control("state", {})
        return state

    def expect(self, method: str, *, where: Callable[[Call], bool] = lambda _: True, within: float = 15) -> Call:
        """The next call of the method that fits; calls before it are passed over."""
        deadline = time.monotonic() + within
        passed = []
        while (left := deadline - time.monotonic()) > 0:
            for call in self.calls_from(self._seen, left):
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
        return [call for call in self.calls_from(0, 0) if method in {None, call["method"]}]

    def calls_from(self, first: int, timeout: float, *, chat: int | None = None) -> list[Call]:
        """Calls from that number on, for one chat or all; waits for the first."""
        asked = {"after": first, "timeout": min(timeout, 30), **({} if chat is None else {"chat_id": chat})}
        found: list[Call] = self._control("calls", asked)
        return found

    def _control(self, action: str, body: dict[str, Any]) -> Any:
        return self._http.post(action, json=body).raise_for_status().json()


@contextmanager
def running_server(token: str, *, port: int = 0) -> Iterator[TelegramServer]:
    """A server process of its own, on a free port unless one is asked for."""
    command = [sys.executable, "-m", "tests.telegram_server", token, str(port)]
    with subprocess.Popen(command, cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        server = TelegramServer(int(process.stdout.readline()), token)
        try:
            yield server
        finally:
            server.close()
            process.kill()


@contextmanager
def local_server(token: str) -> Iterator[TelegramServer]:
    """A server in a thread of this process: there at once, for tests that do not kill anything."""
    serving = BotServer(token)
    thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    server = TelegramServer(serving.server_address[1], token)
    try:
        yield server
    finally:
        server.close()
        serving.shutdown()
        serving.server_close()
        thread.join()


def buttons(message: Call) -> list[dict[str, str]]:
    """All buttons below a message."""
    return [button for row in message.get("reply_markup", {}).get("inline_keyboard", []) for button in row]


def person(user: int) -> dict[str, Any]:
    """A user as Telegram tells of them."""
    return {"id": user, "is_bot": False, "first_name": f"用户{user}"}


def chat_of(user: int, chat: int | None) -> dict[str, Any]:
    """The group, or where there is none the private chat with the user."""
    if chat is None or chat > 0:
        return {"id": chat or user, "type": "private", "first_name": f"用户{user}"}
    return {"id": chat, "type": "supergroup", "title": "办公室"}


def entities_in(text: str) -> list[dict[str, Any]]:
    """Commands and mentions between spaces, as Telegram marks them."""
    entities, offset = [], 0
    for word in text.split(" "):
        if word.startswith("/") and len(word) > 1 and word[1].isascii():
            entities.append({"type": "bot_command", "offset": offset, "length": utf16_length(word)})
        elif word.startswith("@") and len(word) > 1:
            entities.append({"type": "mention", "offset": offset, "length": utf16_length(word)})
        offset += utf16_length(word) + 1
    return entities
