"""Pushing updates to a webhook: chats side by side, one update of a chat at a time, repeated until taken."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx

from tests.telegram_server.state import BotState
from tests.telegram_server.updates import Update, Webhook, chat_of

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
# Telegram begins with a second and doubles up to minutes; tests have less time.
_FIRST_DELAY_SECONDS, _LONGEST_DELAY_SECONDS = 0.2, 2.0
_TIMEOUT_SECONDS = 20.0
_MAX_THREADS = 16


class Pusher:
    """Pushes to one webhook until it is another."""

    def __init__(self, bot: BotState, webhook: Webhook) -> None:
        self._bot = bot
        self._webhook = webhook
        self._busy: set[int] = set()
        self._due: dict[int, float] = {}
        self._failures: dict[int, int] = {}
        self._http = httpx.Client(trust_env=False, timeout=_TIMEOUT_SECONDS)
        for _ in range(min(webhook.max_connections, _MAX_THREADS)):
            threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while (update := self._next()) is not None:
            status = self._push(update)
            self._bot.record({"method": "webhook", "params": update, "ok": 200 <= status <= 299, "status": status})
            self._pushed(update, status)

    def _next(self) -> Update | None:
        with self._bot.changed:
            while self._bot.updates.webhook is self._webhook:
                update = self._bot.updates.take_for_webhook(self._busy, self._due)
                if update is not None:
                    self._busy.add(chat_of(update))
                    return update
                self._bot.changed.wait(0.05 if self._due else 1.0)
        return None

    def _push(self, update: Update) -> int:
        headers = {SECRET_HEADER: self._webhook.secret} if self._webhook.secret else {}
        fault = self._bot.take_fault("webhook", {})
        try:
            status = self._http.post(self._webhook.url, json=update, headers=headers).status_code
        except httpx.HTTPError:
            return 0
        # A fault here is an answer that got lost on its way: Telegram pushes again what was taken already.
        return status if fault is None else 0

    def _pushed(self, update: Update, status: int) -> None:
        with self._bot.changed:
            self._busy.discard(chat_of(update))
            if 200 <= status <= 299:
                self._bot.updates.confirm(update)
                self._due.pop(update["update_id"], None)
                return
            failures = self._failures[update["update_id"]] = self._failures.get(update["update_id"], 0) + 1
            delay = min(_FIRST_DELAY_SECONDS * 2 ** (failures - 1), _LONGEST_DELAY_SECONDS)
            self._due[update["update_id"]] = time.monotonic() + delay
            reason = f"Wrong response from the webhook: {status}" if status else "Connection closed"
            self._webhook.last_error = (int(time.time()), reason)
            self._bot.changed.notify_all()


def info(bot: BotState) -> dict[str, Any]:
    """As getWebhookInfo tells it."""
    webhook = bot.updates.webhook
    told: dict[str, Any] = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": bot.waiting(),
    }
    if webhook is not None:
        told["max_connections"] = webhook.max_connections
        if webhook.last_error is not None:
            told |= {"last_error_date": webhook.last_error[0], "last_error_message": webhook.last_error[1]}
    if bot.updates.allowed is not None:
        told["allowed_updates"] = sorted(bot.updates.allowed)
    return told
