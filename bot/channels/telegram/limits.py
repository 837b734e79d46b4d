"""How fast the bot may send, and what happens when Telegram says no: waits as told, and tries again where that is safe.

The limits themselves are the library's; here are their figures, and the patience. A message may be sent again only
where the first try left nothing behind.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import httpx
import structlog
from aiolimiter import AsyncLimiter
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import AIORateLimiter

from bot.channels.telegram.inbox import RECEIPT

_LOG = structlog.get_logger(__name__)

# Telegram takes 30 messages a second, 20 a minute in a group and about one a second in a chat. A bucket of 5 that
# takes 25 a second more never makes more than 30 in any second; likewise 5 and 15 a minute for groups.
_OVERALL = (5, 0.2)
_GROUP = (5, 20.0)
_CHAT = (1, 1.05)
_MAX_CHATS = 512

# How long a message waits for a network that is away. People come back to their question; a button does not wait.
MESSAGE_PATIENCE_SECONDS = 3600.0
_OTHER_PATIENCE_SECONDS = 5.0
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.5, 30.0

# Not counted as messages, and worth no second try.
_FLEETING = frozenset({"sendChatAction"})
# Doing them twice leaves two messages; anything else ends in the same state however often it is done.
_NOT_REPEATABLE_PREFIXES = ("send", "copy", "forward")
# The request never reached Telegram.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class DeliveryLimiter(AIORateLimiter):
    """Keeps to Telegram's limits, and tries again until it works, ``ending`` is set or patience runs out."""

    def __init__(self, ending: asyncio.Event, *, message_patience_seconds: float = MESSAGE_PATIENCE_SECONDS) -> None:
        super().__init__(
            overall_max_rate=_OVERALL[0],
            overall_time_period=_OVERALL[1],
            group_max_rate=_GROUP[0],
            group_time_period=_GROUP[1],
            max_retries=0,
        )
        self._ending = ending
        self._patience = message_patience_seconds
        self._chats: dict[int, AsyncLimiter] = {}
        self._not_before: dict[int, float] = {}

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """The answer to the request. Raises: what Telegram answers on the last try."""
        if endpoint in _FLEETING:
            return await callback(*args, **kwargs)
        chat_id, once = data.get("chat_id"), endpoint.startswith(_NOT_REPEATABLE_PREFIXES)
        receipt = RECEIPT.get() if once else None

        async def attempt(*given: Any, **named: Any) -> Any:
            if receipt is not None:
                await receipt.begin()
            done = await callback(*given, **named)
            if receipt is not None:
                receipt.delivered()
            return done

        loop, wait = asyncio.get_running_loop(), _FIRST_WAIT_SECONDS
        until = loop.time() + (self._patience if chat_id is not None else _OTHER_PATIENCE_SECONDS)
        while True:
            try:
                async with self._turn(chat_id):
                    return await super().process_request(attempt, args, kwargs, endpoint, data, 0)
            except RetryAfter as error:
                pause = _seconds(error)
                if isinstance(chat_id, int):
                    self._not_before[chat_id] = loop.time() + pause
                failed: TelegramError = error
            except NetworkError as error:
                if is_final(error) or (once and is_uncertain(error)):
                    raise
                pause, wait = wait, min(wait * 2, _LONGEST_WAIT_SECONDS)
                failed = error
            if receipt is not None:
                await receipt.take_back()
            if loop.time() + pause > until or not await self._waited(pause):
                raise failed
            _LOG.info("telegram_request_repeated", endpoint=endpoint, wait_seconds=pause)

    @contextlib.asynccontextmanager
    async def _turn(self, chat_id: object) -> AsyncIterator[None]:
        """One message a second for each private chat; groups have the library's limit."""
        if not isinstance(chat_id, int):
            yield
            return
        pause = self._not_before.get(chat_id, 0.0) - asyncio.get_running_loop().time()
        if pause > 0:
            await self._waited(pause)
        self._not_before.pop(chat_id, None)
        if chat_id > 0:
            async with self._limiter(chat_id):
                yield
        else:
            yield

    def _limiter(self, chat_id: int) -> AsyncLimiter:
        if chat_id not in self._chats and len(self._chats) >= _MAX_CHATS:
            self._chats = {key: each for key, each in self._chats.items() if not each.has_capacity(_CHAT[0])}
        return self._chats.setdefault(chat_id, AsyncLimiter(*_CHAT))

    async def _waited(self, seconds: float) -> bool:
        """Whether the time is up; False where the channel ends first."""
        try:
            await asyncio.wait_for(self._ending.wait(), seconds)
        except TimeoutError:
            return True
        return False


def is_uncertain(error: TelegramError) -> bool:
    """Whether the request that failed so may have been carried out all the same."""
    if not isinstance(error, NetworkError) or isinstance(error, BadRequest):
        return False
    if isinstance(error.__cause__, httpx.HTTPError):
        return not isinstance(error.__cause__, _NOT_SENT)
    return isinstance(error, TimedOut) or "(504)" in error.message


def is_final(error: TelegramError) -> bool:
    """Whether Telegram has refused: trying again would change nothing."""
    return isinstance(error, BadRequest) or not isinstance(error, NetworkError | RetryAfter)


def _seconds(error: RetryAfter) -> float:
    wait = error.retry_after
    return float(wait) if isinstance(wait, int) else wait.total_seconds()
