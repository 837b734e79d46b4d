"""From the library's updates to plain requests: what is meant for the bot, who sent it, in which order it is done."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import re
from collections import Counter
from collections.abc import Awaitable
from typing import Any

from telegram import CallbackQuery, Message, MessageEntity, Update
from telegram.ext import BaseUpdateProcessor, filters

from bot.channels.telegram.inbox import RECEIPT, Receipt
from bot.channels.telegram.intake import Excess, UpdateQueue, update_of
from bot.channels.telegram.language import language_of_client
from bot.channels.telegram.ports import Roles
from bot.channels.telegram.requests import Attachment, Button, Incoming, InlineAsked, Place

# What Telegram is asked for, polled or pushed.
UPDATE_KINDS = (Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY)
_UNBOUNDED = 1_000_000


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
    """Updates of one chat one after the other, in the order of arrival; chats side by side; buttons at once.

    Once the channel is ``ending`` nothing new is begun: what waits is left to the next process.
    """

    def __init__(self, queue: UpdateQueue, ending: asyncio.Event) -> None:
        # The queue bounds how many there are at a time.
        super().__init__(_UNBOUNDED)
        self._queue = queue
        self._ending = ending
        self._locks: dict[int, asyncio.Lock] = {}
        self._users: Counter[int] = Counter()
        self._running: set[asyncio.Task[object]] = set()
        # What was in hand in two crashes may be their cause: one at a time, so that the next one tells which it was.
        self._suspects = asyncio.Lock()

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to clear."""

    def give_up(self) -> None:
        """Cancel what still runs; the next process sees to it."""
        for task in self._running:
            task.cancel()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the chat's earlier updates, then do this one, and have it counted as done."""
        receipt = self._queue.receipt_of(update)
        try:
            done = await self._in_turn(update, coroutine, receipt)
        finally:
            self._queue.finished(update)
        if receipt is not None and done:
            await receipt.close()

    async def _in_turn(self, update: object, coroutine: Awaitable[Any], receipt: Receipt | None) -> bool:
        chat_id = _chat_in_turn(update)
        if chat_id is None:
            return await self._do(coroutine, receipt)
        lock = self._locks.setdefault(chat_id, asyncio.Lock())
        self._users[chat_id] += 1
        try:
            async with lock:
                return await self._do(coroutine, receipt)
        finally:
            self._users[chat_id] -= 1
            if not self._users[chat_id]:
                del self._users[chat_id], self._locks[chat_id]

    async def _do(self, coroutine: Awaitable[Any], receipt: Receipt | None) -> bool:
        """Whether it was begun."""
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            async with self._suspects if receipt is not None and receipt.suspect else contextlib.nullcontext():
                if self._ending.is_set():
                    if inspect.iscoroutine(coroutine):
                        coroutine.close()
                    return False
                if receipt is not None:
                    RECEIPT.set(receipt)
                    await receipt.start()
                await coroutine
        finally:
            self._running.discard(task)
        return True


def _chat_in_turn(work: object) -> int | None:
    """The chat whose turn a piece of work waits for; None for buttons and for what is refused."""
    update = None if isinstance(work, Excess) else update_of(work)
    if update is None or update.callback_query is not None or update.effective_chat is None:
        return None
    return update.effective_chat.id


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
        written=(message.text or "") if message is not None and query is None else "",
        message_id=message_id,
        keyboard=_keyboard(message) if query is not None else (),
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


def _keyboard(message: Message | None) -> list[list[Button]]:
    rows = message.reply_markup.inline_keyboard if message is not None and message.reply_markup is not None else ()
    if not all(isinstance(button.callback_data, str) for row in rows for button in row):
        return []
    return [[Button(button.text, str(button.callback_data)) for button in row] for row in rows]


def _attachment(message: Message | None) -> Attachment | None:
    document = message.document if message is not None else None
    if document is None:
        return None
    album = message.media_group_id if message is not None else None
    return Attachment(document.file_id, document.file_name or "", document.file_size, album)
