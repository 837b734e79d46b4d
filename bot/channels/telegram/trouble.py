"""What happens where an update was not dealt with: its handler failed, a crash interrupted it, a chat sent too many.

One of the modules that know the Telegram library: whether an error leaves open that something went out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from telegram import Update
from telegram.error import RetryAfter, TelegramError
from telegram.ext import CallbackContext, filters

from bot.channels.telegram import interruptions
from bot.channels.telegram.asking import Desk, explain
from bot.channels.telegram.inbox import RECEIPT
from bot.channels.telegram.intake import MAX_OF_A_CHAT, Excess, Interrupted, update_of
from bot.channels.telegram.limits import is_final
from bot.channels.telegram.requests import Incoming, Role
from bot.channels.telegram.updates import Addressed, read_update
from bot.logs import request_scope

_LOG = structlog.get_logger(__name__)

Context = CallbackContext[Any, Any, Any, Any]


class Trouble:
    """Tells people. ``is_order`` says of a command whether it changes something."""

    def __init__(self, desk: Desk, ending: asyncio.Event, is_order: Callable[[str], bool]) -> None:
        self._desk = desk
        self._ending = ending
        self._is_order = is_order

    async def interrupted(self, work: Interrupted, context: Context) -> None:
        """A reply may have been lost in a crash."""
        request = self._request(work.update, context)
        if request is not None:
            await self._apologise(request, work.answer_id)

    async def too_many(self, work: Excess, context: Context) -> None:
        """More of a chat than may wait; in a group only what was for the bot gets a word."""
        message, request = work.update.effective_message, self._request(work.update, context)
        if request is None or message is None or not work.first or request.role is Role.STRANGER:
            return
        if request.place.private or Addressed().filter(message) or filters.COMMAND.filter(message):
            _LOG.info("telegram_too_many", chat_id=request.place.chat_id)
            await interruptions.too_many(self._desk, request, MAX_OF_A_CHAT)

    async def failed(self, work: object, context: Context) -> None:
        """Log first, then tell; where it was the telling that failed, tell that, unless Telegram refuses for good."""
        error, update = context.error, update_of(work)
        request = self._request(update, context) if update is not None else None
        if isinstance(error, TelegramError):
            _log_undelivered(error)
        elif request is None or not isinstance(error, Exception):
            _LOG.error("telegram_failed", exc_info=error)
        if request is None or not isinstance(error, Exception):
            return
        try:
            if not isinstance(error, TelegramError):
                await self._desk.say(request, explain(error, request, self._desk.phrases(request)))
            elif not is_final(error):
                await self._lost(request)
        except TelegramError as again:
            _log_undelivered(again)
            receipt = RECEIPT.get()
            if receipt is not None and not is_final(again):
                receipt.leave()

    async def _lost(self, request: Incoming) -> None:
        """A reply that may have gone out or not; while stopping, the next process sees to it."""
        receipt = RECEIPT.get()
        if receipt is None:
            return
        if receipt.begun and not self._ending.is_set():
            await self._apologise(request, receipt.answer_id)
        elif receipt.begun or request.callback_id is None:
            receipt.leave()

    async def _apologise(self, request: Incoming, answer_id: str | None) -> None:
        with request_scope(request.request_id):
            _LOG.warning("telegram_interrupted", answer_id=answer_id)
            command = request.written.partition(" ")[0].removeprefix("/").partition("@")[0]
            order = request.role is Role.ADMIN and request.written.startswith("/") and self._is_order(command)
            await interruptions.interrupted(self._desk, request, answer_id, order=order)

    def _request(self, update: Update, context: Context) -> Incoming | None:
        return read_update(update, self._desk.people, username=context.bot.username)


def _log_undelivered(error: TelegramError) -> None:
    wait = error.retry_after if isinstance(error, RetryAfter) else None
    _LOG.warning("telegram_not_delivered", error=type(error).__name__, reason=error.message, retry_after=wait)
