"""Sending: long texts in pieces, HTML with plain text as second try, typing kept alive, downloads.

One of the modules that know the Telegram library. Decides nothing about what is said.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, TypeVar

import structlog
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.channels.telegram.errors import NotDeliveredError
from bot.channels.telegram.inbox import RECEIPT
from bot.channels.telegram.requests import Button, Card, Outgoing, Place
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
        return (await self.send_all(place, message) or [0])[-1]

    async def reach(self, place: Place, message: Outgoing) -> bool:
        """Send what nobody waits for; False where the chat is closed to the bot for good. Raises: NotDeliveredError."""
        try:
            await self.send(place, message)
        except Forbidden:
            return False
        except TelegramError as error:
            if isinstance(error, BadRequest) and "chat not found" in error.message.lower():
                return False
            raise NotDeliveredError(f"{type(error).__name__}: {error.message}") from error
        return True

    async def send_all(self, place: Place, message: Outgoing) -> list[int]:
        """Send all pieces, buttons below the last; the ids of the messages in their order."""
        if message.answer_id is not None and (receipt := RECEIPT.get()) is not None:
            receipt.answer_id = message.answer_id
        return await self._send_pieces(place, _pieces(message.text), message.buttons)

    async def edit(
        self, place: Place, message_id: int, text: StyledText, buttons: Sequence[Sequence[Button]] = ()
    ) -> None:
        """Replace a message's text by the first piece of this one, and its buttons by these."""
        await self._edit_piece(place, message_id, split(text)[0], _markup(buttons))

    async def replace(self, place: Place, message_ids: Sequence[int], message: Outgoing) -> list[int]:
        """Put a message in the place of an earlier one, which may have had more pieces or fewer; the ids of its pieces.

        Where somebody has deleted the earlier one, it is sent anew.
        """
        pieces = _pieces(message.text)
        kept = list(message_ids[: len(pieces)])
        try:
            for index, message_id in enumerate(kept):
                markup = _markup(message.buttons) if index == len(pieces) - 1 else None
                await self._edit_piece(place, message_id, pieces[index], markup)
        except BadRequest as error:
            _LOG.info("telegram_edit_refused", error=error.message)
            return await self.send_all(place, message)
        for message_id in message_ids[len(pieces) :]:
            await self._delete(place, message_id)
        return kept + await self._send_pieces(place, pieces[len(kept) :], message.buttons)

    async def set_buttons(self, place: Place, message_id: int, buttons: Sequence[Sequence[Button]]) -> None:
        """Replace the buttons below a message."""
        try:
            await self._bot.edit_message_reply_markup(place.chat_id, message_id, reply_markup=_markup(buttons))
        except BadRequest as error:
            # Deleted meanwhile, or the buttons are there already.
            _LOG.info("telegram_buttons_not_set", error=error.message)

    async def offer(
        self, query_id: str, cards: Sequence[Card], *, cache_seconds: int, to_private: tuple[str, str] | None = None
    ) -> None:
        """Show the cards of an inline query, for its user alone.

        ``to_private``: words of a button above them that opens the private chat, and what ``/start`` is given there.
        """
        button = InlineQueryResultsButton(to_private[0], start_parameter=to_private[1]) if to_private else None
        try:
            await self._bot.answer_inline_query(
                query_id, [_article(card) for card in cards], cache_time=cache_seconds, is_personal=True, button=button
            )
        except BadRequest as error:
            # Typed on meanwhile: Telegram no longer waits for this one.
            _LOG.info("telegram_inline_expired", error=error.message)

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

    async def _send_pieces(
        self, place: Place, pieces: Sequence[StyledText], buttons: Sequence[Sequence[Button]]
    ) -> list[int]:
        message_ids = []
        for index, piece in enumerate(pieces):
            markup = _markup(buttons) if index == len(pieces) - 1 else None
            message_ids.append(await self._send_piece(place, piece, markup, first=index == 0))
        return message_ids

    async def _edit_piece(
        self, place: Place, message_id: int, piece: StyledText, markup: InlineKeyboardMarkup | None
    ) -> None:
        async def attempt(written: str, parse_mode: str | None) -> object:
            return await self._bot.edit_message_text(
                written,
                chat_id=place.chat_id,
                message_id=message_id,
                parse_mode=parse_mode,
                reply_markup=markup,
                link_preview_options=_NO_PREVIEW,
            )

        try:
            await _with_plain_fallback(piece, attempt)
        except BadRequest as error:
            if "not modified" not in error.message.lower():
                raise

    async def _delete(self, place: Place, message_id: int) -> None:
        try:
            await self._bot.delete_message(place.chat_id, message_id)
        except BadRequest as error:
            # Gone already, or older than Telegram lets bots delete.
            _LOG.info("telegram_message_not_deleted", error=error.message)

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


def _pieces(text: StyledText) -> list[StyledText]:
    return [piece for piece in split(text) if plain(piece).strip()]


def _article(card: Card) -> InlineQueryResultArticle:
    # Fitting pieces are never refused for their markup, so there is no second try as with messages.
    written = to_html(_pieces(card.message)[0])
    content = InputTextMessageContent(written, parse_mode=ParseMode.HTML, link_preview_options=_NO_PREVIEW)
    return InlineQueryResultArticle(card.id, card.title, content, description=card.description)


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
