"""``python -m tests.telegram_server TOKEN [PORT]``: serves on a port of loopback, which it prints, until killed."""

from __future__ import annotations

import sys
from http.server import ThreadingHTTPServer
from typing import Any

from tests.telegram_server.state import BotState
from tests.telegram_server.wire import Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A bot that is killed leaves broken connections; anything else is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def main() -> None:
    Handler.bot = BotState(sys.argv[1])
    server = _Server(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
