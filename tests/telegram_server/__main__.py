"""``python -m tests.telegram_server TOKEN``: serves on a free port of loopback, which it prints, until killed."""

from __future__ import annotations

import base64
import json
import sys
import time
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.telegram_server.methods import Refused, call
from tests.telegram_server.state import BotState, Fault


class Handler(BaseHTTPRequestHandler):
    """Bot API at ``/bot<token>/``, downloads at ``/file/bot<token>/``, the tests' controls at ``/control/``."""

    protocol_version = "HTTP/1.1"
    bot: BotState

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: tests read the recorded calls."""

    def _serve(self) -> None:
        path, params = unquote(urlsplit(self.path).path), self._params()
        token = self.bot.token
        try:
            if path.startswith("/control/"):
                self._reply(200, control(self.bot, path.removeprefix("/control/"), params))
            elif path.startswith(f"/file/bot{token}/documents/"):
                self._send(200, self.bot.files[path.rpartition("/")[2]], "application/octet-stream")
            elif path.startswith(f"/bot{token}/") and not self.bot.revoked:
                self._method(path.rpartition("/")[2], params)
            else:
                self._reply(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _method(self, method: str, params: dict[str, Any]) -> None:
        fault = self.bot.take_fault(method)
        if fault is not None:
            time.sleep(fault.delay_seconds)
            self._fail(method, params, fault.status, fault.description, fault.retry_after)
            return
        try:
            result = call(self.bot, method, params)
        except Refused as error:
            self._fail(method, params, error.status, error.description, None)
            return
        if method != "getUpdates":
            self.bot.record({"method": method, "params": params, "ok": True, "result": result})
        self._reply(200, {"ok": True, "result": result})

    def _fail(
        self, method: str, params: dict[str, Any], status: int, description: str, retry_after: int | None
    ) -> None:
        if method != "getUpdates":
            self.bot.record({"method": method, "params": params, "ok": False, "description": description})
        body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
        if retry_after is not None:
            body["parameters"] = {"retry_after": retry_after}
        self._reply(status, body)

    def _params(self) -> dict[str, Any]:
        query = dict(parse_qsl(urlsplit(self.path).query))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not body:
            return query
        if self.headers.get("Content-Type", "").startswith("application/json"):
            return {**query, **json.loads(body)}
        return {**query, **dict(parse_qsl(body.decode(), keep_blank_values=True))}

    def _reply(self, status: int, body: Any) -> None:
        self._send(status, json.dumps(body, ensure_ascii=False).encode(), "application/json")

    def _send(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def control(bot: BotState, action: str, params: dict[str, Any]) -> Any:
    """What tests do behind the bot's back."""
    if action == "push":
        return {"update_id": bot.push(params["update"]), "message_id": bot.next_message_id()}
    if action == "calls":
        return bot.calls_after(int(params["after"]), float(params["timeout"]))
    if action == "fault":
        bot.faults.append(Fault(**params))
        return asdict(bot.faults[-1])
    if action == "file":
        bot.files[params["file_id"]] = base64.b64decode(params["content"])
    elif action == "block":
        bot.blocked.add(int(params["chat_id"]))
    elif action == "revoke":
        bot.revoked = True
    return {"waiting": bot.waiting()}


def main() -> None:
    Handler.bot = BotState(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
