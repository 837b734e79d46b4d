"""Watches the polling itself: a token that is refused while running, and other pollers with the same token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from telegram.request import HTTPXRequest

from bot.channels.telegram.errors import SecondPollerError, TelegramChannelError, TokenRefusedError

_LOG = structlog.get_logger(__name__)

# Telegram ends the older of two pollers' requests, so both see conflicts. The one that came later has to go.
NEWCOMER_SECONDS = 60.0
NEWCOMER_CONFLICTS = 3

REFUSED = (
    "Telegram does not know the bot token {bot_id}:***; copy it again from @BotFather into YIJU_TELEGRAM__TOKEN "
    "(and check YIJU_TELEGRAM__BASE_URL if you use a server of your own)"
)
CONFLICT = (
    "another program receives messages with the token {bot_id}:*** (Telegram answers 409 Conflict); "
    "stop it, or give this one a token of its own"
)


class PollWatch:
    """Learns the status code of every poll; ``failed`` is done once polling cannot go on."""

    def __init__(self, bot_id: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._bot_id = bot_id
        self._clock = clock
        self._started = clock()
        self._conflicts = 0
        self._failed = asyncio.Event()
        self.failure: TelegramChannelError | None = None

    def answered(self, status: int) -> None:
        """Note how Telegram answered a poll."""
        if status in {401, 404}:
            self._fail(TokenRefusedError(REFUSED.format(bot_id=self._bot_id)))
        elif status == 409:
            self._conflicts += 1
            newcomer = self._clock() - self._started < NEWCOMER_SECONDS
            _LOG.warning("telegram_conflict", advice=CONFLICT.format(bot_id=self._bot_id))
            if newcomer and self._conflicts >= NEWCOMER_CONFLICTS:
                self._fail(SecondPollerError(CONFLICT.format(bot_id=self._bot_id)))

    async def wait(self) -> None:
        """Return once polling cannot go on."""
        await self._failed.wait()

    def _fail(self, failure: TelegramChannelError) -> None:
        self.failure = self.failure or failure
        self._failed.set()


class PollRequest(HTTPXRequest):
    """The HTTP client of the polls; tells the watch about each answer and has what came kept before it is seen.

    The library ends its polling in silence when the token is refused, so the answer is seen here.
    """

    def __init__(self, watch: PollWatch, keep: Callable[[bytes], Awaitable[bytes]], **options: Any) -> None:
        super().__init__(**options)
        self._watch = watch
        self._keep = keep

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """As the library's, noted and kept."""
        status, payload = await super().do_request(*args, **kwargs)
        self._watch.answered(status)
        return status, await self._keep(payload) if status == 200 else payload
