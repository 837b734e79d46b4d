"""``python -m tests.telegram_server TOKEN [PORT]``: serves on a port of loopback, which it prints, until killed."""

from __future__ import annotations

import sys

from tests.telegram_server.wire import BotServer


def main() -> None:
    server = BotServer(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
