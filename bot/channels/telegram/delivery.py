"""Sending: long texts in pieces, HTML with plain text as second try, typing kept alive, downloads.

One of the modules that know the Telegram library. Decides nothing about what is said.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, TypeVar

import structlog
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram.inbox import RECEIPT
from bot.channels.telegram.requests import Button, Outgoing, Place
from bot.channels.telegram.text import StyledText, plain, split, to_html

T = TypeVar("T")

_LOG = structlog.get_logger(__name__)
# With more who wait, showing it again and again would slow down the answers.
_MAX_KEPT_TYPING = 40
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Messenger:
    """Sends messages of any length to a place."""

    def __init__(self, bot: Bot, *, typing_interval_seconds: float) -> None:
        self._bot = bot
        self._typing_interval = typing_interval_seconds
        self._typing = 0

    async def send(self, place: Place, message: Outgoing) -> int:
        """Send all pieces, buttons below the last; the id of the last message, 0 where there was nothing to send."""
        pieces = [piece for piece in split(message.text) if plain(piece).strip()]
        message_id = 0
        if message.answer_id is not None and (receipt := RECEIPT.get()) is not None:
            receipt.answer_id = message.answer_id
        for index, piece in enumerate(pieces):
            markup = _markup(message.buttons) if index == len(pieces) - 1 else None
            message_id = await self._send_piece(place, piece, markup, first=index == 0)
        return message_id

    async def edit(self, place: Place, message_id: int, text: StyledText) -> None:
        """Replace a message's text by the first piece of this one."""
        piece = split(text)[0]

        async def attempt(written: str, parse_mode: str | None) -> object:
            return await self._bot.edit_message_text(
                written,
                chat_id=place.chat_id,
                message_id=message_id,
                parse_mode=parse_mode,
                link_preview_options=_NO_PREVIEW,
            )

        try:
            await _with_plain_fallback(piece, attempt)
        except BadRequest as error:
            if "not modified" not in error.message.lower():
                raise

    async def acknowledge(self, callback_id: str, text: str | None = None) -> None:
        """Answer a pressed button, so that it stops turning; ``text`` is shown briefly."""
        try:
            await self._bot.answer_callback_query(callback_id, text=text)
        except BadRequest as error:
            # Pressed while the bot was away: Telegram no longer waits for the answer.
            _LOG.info("telegram_callback_expired", error=error.message)

    async def download(self, file_id: str) -> bytes:
        """A file that somebody sent."""
        file = await self._bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())

    @contextlib.asynccontextmanager
    async def typing(self, place: Place) -> AsyncIterator[None]:
        """Show "typing" as long as the block runs: Telegram forgets it after five seconds."""
        task = asyncio.create_task(self._keep_typing(place))
        self._typing += 1
        try:
            yield
        finally:
            self._typing -= 1
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _keep_typing(self, place: Place) -> None:
        first = True
        while True:
            if first or self._typing <= _MAX_KEPT_TYPING:
                await self._show_typing(place)
            first = False
            await asyncio.sleep(self._typing_interval)

    async def _show_typing(self, place: Place) -> None:
        try:
            await self._bot.send_chat_action(place.chat_id, ChatAction.TYPING, message_thread_id=place.topic_id)
        except TelegramError as error:
            _LOG.debug("telegram_typing_failed", error=type(error).__name__)

    async def _send_piece(
        self, place: Place, piece: StyledText, markup: InlineKeyboardMarkup | None, *, first: bool
    ) -> int:
        reply = (
            ReplyParameters(place.reply_to, allow_sending_without_reply=True)
            if place.reply_to is not None and first
            else None
        )

        async def attempt(written: str, parse_mode: str | None) -> int:
            sent = await self._bot.send_message(
                place.chat_id,
                written,
                parse_mode=parse_mode,
                message_thread_id=place.topic_id,
                reply_parameters=reply,
                reply_markup=markup,
                link_preview_options=_NO_PREVIEW,
            )
            return sent.message_id

        return await _with_plain_fallback(piece, attempt)


async def _with_plain_fallback(piece: StyledText, attempt: Callable[[str, str | None], Coroutine[Any, Any, T]]) -> T:
    try:
        return await attempt(to_html(piece), ParseMode.HTML)
    except BadRequest as error:
        if "parse entities" not in error.message.lower():
            raise
        _LOG.warning("telegram_html_refused", error=error.message)
        return await attempt(plain(piece), None)


def _markup(rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(button.label, callback_data=button.data) for button in row] for row in rows]
    )
