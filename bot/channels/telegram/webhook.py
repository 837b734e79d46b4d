"""What Telegram pushes: checked for its secret, stored, then queued; whoever serves HTTP hands it over.

Works before the channel runs and after it has ended: what is stored then is taken up at the next start.
"""

from __future__ import annotations

import hmac
import json
from typing import Any
from urllib.parse import urlsplit

from telegram import Bot, Update

from bot.channels.telegram.inbox import Inbox
from bot.channels.telegram.intake import UpdateQueue, readable
from bot.errors import BusyError, MalformedUpdateError

WEBHOOK_PATH = "/telegram/webhook"


def public_address(url: str) -> str:
    """The address that Telegram is told: an address without a path is that of the server."""
    return url if urlsplit(url).path.strip("/") else f"{url.rstrip('/')}{WEBHOOK_PATH}"


class Webhook:
    """The door for pushed updates."""

    def __init__(self, inbox: Inbox, secret: str) -> None:
        self._inbox = inbox
        self._secret = secret.encode()
        self._open: tuple[UpdateQueue, Bot] | None = None

    def admits(self, secret: str) -> bool:
        """Whether this is the secret that Telegram was told; takes the same time for every wrong one."""
        return hmac.compare_digest(secret.encode(), self._secret)

    async def receive(self, body: bytes) -> None:
        """Store an update and have it dealt with. Raises: MalformedUpdateError, BusyError, StoreError."""
        sent = _parsed(body)
        queue = self._open[0] if self._open is not None else None
        if queue is not None and queue.crowded:
            raise BusyError("等待处理的消息已满。")
        await self._inbox.receive([sent])
        if self._open is not None:
            queue, bot = self._open
            await queue.put(Update.de_json(readable(sent), bot))

    def open(self, queue: UpdateQueue, bot: Bot) -> None:
        """From now on updates are queued."""
        self._open = (queue, bot)

    def close(self) -> None:
        """From now on updates are stored only."""
        self._open = None


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        sent = None
    update_id = sent.get("update_id") if isinstance(sent, dict) else None
    if not isinstance(sent, dict) or not isinstance(update_id, int) or isinstance(update_id, bool):
        raise MalformedUpdateError("这不是 Telegram 的更新。")
    return sent
