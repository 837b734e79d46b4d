"""A language model's endpoint on this machine that writes whatever a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class LlmServer:
    """``reply`` makes the body of a response from the request's; ``status`` goes with it, ``hold`` holds it back."""

    url: str = ""
    status: int = 200
    reply: Callable[[dict[str, Any]], bytes] = lambda _: b""
    hold: threading.Event | None = None
    drip: bool = False
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def writes(self, text: str | None, **choice: Any) -> None:
        """From now on every completion is this text."""
        message = {"role": "assistant", "content": text}
        body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop", **choice}]}
        self.reply = lambda _: json.dumps(body).encode()


@contextmanager
def llm_server() -> Iterator[LlmServer]:
    """One that listens until the block is left."""
    state = LlmServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.requests.append(asked)
            state.headers.append({name.lower(): value for name, value in self.headers.items()})
            if state.hold is not None:
                state.hold.wait(20)
            body = state.reply(asked)
            try:
                self.send_response(state.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                for at in range(0, len(body), 1 if state.drip else len(body)):
                    self.wfile.write(body[at : at + 1] if state.drip else body)
                    if state.drip:
                        self.wfile.flush()
                        threading.Event().wait(0.05)
            except OSError:
                pass  # the client has gone

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        try:
            yield state
        finally:
            if state.hold is not None:
                state.hold.set()
            server.shutdown()
            thread.join()
