"""From the library's updates to plain requests: what is meant for the bot, who sent it, in which order it is done."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable
from typing import Any

from telegram import CallbackQuery, Message, MessageEntity, Update
from telegram.ext import BaseUpdateProcessor, filters

from bot.channels.telegram.language import language_of_client
from bot.channels.telegram.ports import Roles
from bot.channels.telegram.requests import Attachment, Incoming, InlineAsked, Place


class Addressed(filters.MessageFilter):
    """Messages in a group that are for the bot: they mention it or reply to it."""

    def filter(self, message: Message) -> bool:
        """Whether the message is for the bot."""
        bot = message.get_bot()
        replied = message.reply_to_message
        # The first message of a forum topic counts as replied to by every other one; that is not meant as a reply.
        if replied is not None and replied.forum_topic_created is None and replied.from_user == bot.bot:
            return True
        mentions = message.parse_entities([MessageEntity.MENTION]).values()
        return any(mention.lower() == f"@{bot.username}".lower() for mention in mentions)


class InOrder(BaseUpdateProcessor):
    """Updates of one chat one after the other, in the order of arrival; chats side by side; buttons at once."""

    def __init__(self, max_concurrent_updates: int) -> None:
        super().__init__(max_concurrent_updates)
        self._locks: dict[int, asyncio.Lock] = {}
        self._users: dict[int, int] = {}

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to clear."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the chat's earlier updates, then do this one."""
        chat = update.effective_chat if isinstance(update, Update) and update.callback_query is None else None
        if chat is None:
            await coroutine
            return
        lock = self._locks.setdefault(chat.id, asyncio.Lock())
        self._users[chat.id] = self._users.get(chat.id, 0) + 1
        try:
            async with lock:
                await coroutine
        finally:
            self._users[chat.id] -= 1
            if not self._users[chat.id]:
                del self._users[chat.id], self._locks[chat.id]


def read_update(update: Update, access: Roles, *, username: str) -> Incoming | None:
    """The request in an update; None where there is neither a message nor a button's message."""
    user, chat, query = update.effective_user, update.effective_chat, update.callback_query
    message = update.effective_message
    if chat is None:
        return None
    private = chat.type == chat.PRIVATE
    message_id = None if message is None else message.message_id
    place = Place(chat.id, _topic(message), reply_to=None if private else message_id, private=private)
    if query is None and message is not None and message.sender_chat is not None:
        # Written in the name of a group or channel: the user that Telegram gives then stands for all who do that.
        user = None
    user_id = user.id if user is not None else None
    label = _pressed_label(query) if query is not None else ""
    replied = message.reply_to_message if message is not None and query is None else None
    return Incoming(
        place=place,
        user_id=user_id,
        role=access.role(user_id=user_id, chat_id=chat.id),
        request_id=f"tg-{update.update_id}",
        text=(query.data or "") if query is not None else _text(message, username),
        callback_id=query.id if query is not None else None,
        attachment=_attachment(message) if query is None else None,
        message_id=message_id,
        replied_to=replied.message_id if replied is not None else None,
        label=label,
        language=language_of_client(user.language_code) if user is not None else None,
        sender=user.full_name if user is not None else "",
        username=user.username if user is not None else None,
        chat_title=chat.title or "",
    )


def read_inline(update: Update, access: Roles) -> InlineAsked | None:
    """The question in an inline query; None for other updates. It is asked in no chat, so only its user counts."""
    query = update.inline_query
    if query is None:
        return None
    user = query.from_user
    return InlineAsked(
        query_id=query.id,
        user_id=user.id,
        role=access.role(user_id=user.id, chat_id=user.id),
        request_id=f"tg-{update.update_id}",
        text=query.query.strip(),
        language=language_of_client(user.language_code),
    )


def _pressed_label(query: CallbackQuery) -> str:
    """The words on the pressed button; "" where Telegram no longer shows the message."""
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    pressed = (button for row in (markup.inline_keyboard if markup else ()) for button in row)
    return next((button.text for button in pressed if button.callback_data == query.data), "")


def _topic(message: Message | None) -> int | None:
    # Outside forums a thread id only names a chain of replies.
    return message.message_thread_id if message is not None and message.is_topic_message else None


def _text(message: Message | None, username: str) -> str:
    """The question, or the arguments of a command; a mention of the bot is not part of either."""
    if message is None or message.text is None:
        return ""
    text = message.text
    if any(entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0 for entity in message.entities):
        text = re.sub(r"^\S+\s*", "", text)
    return re.sub(rf"@{re.escape(username)}(?![A-Za-z0-9_])", " ", text, flags=re.IGNORECASE).strip()


def _attachment(message: Message | None) -> Attachment | None:
    document = message.document if message is not None else None
    if document is None:
        return None
    return Attachment(document.file_id, document.file_name or "", document.file_size)
