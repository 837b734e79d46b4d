"""HTTP: Bot API at ``/bot<token>/``, downloads at ``/file/bot<token>/``, the tests' controls at ``/control/``."""

from __future__ import annotations

import io
import json
import socket
import struct
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from python_multipart import parse_form

from tests.telegram_server.control import control
from tests.telegram_server.faults import Fault
from tests.telegram_server.methods import Refused, call
from tests.telegram_server.params import Params
from tests.telegram_server.sending import shown
from tests.telegram_server.state import BotState

# Polls say nothing about what the bot did; tests would drown in them.
_NOT_RECORDED = {"getUpdates"}


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    bot: BotState

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: tests read the recorded calls."""

    def _serve(self) -> None:
        try:
            path, params = unquote(urlsplit(self.path).path), self._params()
            self._answer(path, params)
        except ConnectionError:
            self.close_connection = True

    def _answer(self, path: str, params: Params) -> None:
        token = self.bot.token
        if path.startswith("/control/"):
            self._reply(200, control(self.bot, path.removeprefix("/control/"), params))
        elif self.bot.revoked:
            self._reply(401, _error(401, "Unauthorized"))
        elif path.startswith(f"/file/bot{token}/documents/"):
            stored = self.bot.files.get(path.rpartition("/")[2])
            fault = self.bot.take_fault("download", {})
            if fault is not None:
                self._reply(fault.status, _error(fault.status, fault.description))
            elif stored is None:
                self._reply(404, _error(404, "Not Found"))
            else:
                self._send(200, stored, "application/octet-stream")
        elif path.startswith(f"/bot{token}/"):
            self._method(path.rpartition("/")[2], params)
        else:
            self._reply(401, _error(401, "Unauthorized"))

    def _method(self, method: str, params: Params) -> None:
        fault = self.bot.take_fault(method, params)
        if fault is not None and not fault.done:
            time.sleep(fault.delay_seconds)
            self._record(method, params, ok=False, description=fault.description, fault=fault.kind)
            if fault.kind == "reset":
                self._cut()
            else:
                self._reply(fault.status, _error(fault.status, fault.description, fault.retry_after))
            return
        try:
            result = call(self.bot, method, params)
        except Refused as error:
            self._record(method, params, ok=False, description=error.description, fault=None)
            self._reply(error.status, _error(error.status, error.description, error.retry_after))
            return
        self._record(method, params, ok=True, result=result, fault=fault.kind if fault else None)
        self._finish(result, fault)

    def _finish(self, result: Any, fault: Fault | None) -> None:
        if fault is not None:
            time.sleep(fault.delay_seconds)
            if fault.kind == "lost":
                self._cut()
                return
        self._reply(200, {"ok": True, "result": result})

    def _record(self, method: str, params: Params, **outcome: Any) -> None:
        if method in _NOT_RECORDED:
            return
        chat = params.get("chat_id")
        chat_id = int(str(chat)) if str(chat).lstrip("-").isdecimal() else None
        self.bot.record({"method": method, "params": shown(params), "chat_id": chat_id, **outcome})

    def _cut(self) -> None:
        """End the connection at once, as a broken network does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _params(self) -> Params:
        query = dict(parse_qsl(urlsplit(self.path).query))
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionError("the client gave up in the middle of its request")
        kind = self.headers.get("Content-Type", "")
        if not body:
            return query
        if kind.startswith("application/json"):
            return {**query, **json.loads(body)}
        if kind.startswith("multipart/form-data"):
            return {**query, **_parts(kind, body)}
        return {**query, **dict(parse_qsl(body.decode(), keep_blank_values=True))}

    def _reply(self, status: int, body: Any) -> None:
        self._send(status, json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"), "application/json")

    def _send(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class BotServer(ThreadingHTTPServer):
    """Serves one bot on a port of loopback."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, token: str, port: int = 0) -> None:
        handler = type("BotHandler", (Handler,), {"bot": BotState(token)})
        super().__init__(("127.0.0.1", port), handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A bot that is killed leaves broken connections; anything else is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _error(status: int, description: str, retry_after: int | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    return body if retry_after is None else {**body, "parameters": {"retry_after": retry_after}}


def _parts(kind: str, body: bytes) -> Params:
    """The fields of a form with files; a file is its name and its bytes."""
    params: Params = {}

    def field(found: Any) -> None:
        params[found.field_name.decode()] = (found.value or b"").decode()

    def file(found: Any) -> None:
        found.file_object.seek(0)
        params[found.field_name.decode()] = (found.file_name.decode(), found.file_object.read())

    parse_form({"Content-Type": kind.encode()}, io.BytesIO(body), field, file)
    return params
