"""Which update goes to which handler, who may, and what happens when a handler fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

import structlog
from telegram import Update
from telegram.error import RetryAfter, TelegramError
from telegram.ext import (
    Application,
    CallbackContext,
    CallbackQueryHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot.channels.telegram import admin, answering, asking, notices, rating
from bot.channels.telegram.asking import Desk, explain, stranger
from bot.channels.telegram.inline import InlineAnswers
from bot.channels.telegram.phrases import PHRASES
from bot.channels.telegram.ports import ChannelOptions
from bot.channels.telegram.requests import Incoming, Role
from bot.channels.telegram.updates import Addressed, read_inline, read_update
from bot.logs import request_scope

_LOG = structlog.get_logger(__name__)

App = Application[Any, Any, Any, Any, Any, Any]
Action = Callable[[Desk, Incoming], Awaitable[None]]
Callback = Callable[[Update, CallbackContext[Any, Any, Any, Any]], Coroutine[Any, Any, None]]


COMMANDS: dict[str, tuple[Role, Action]] = {
    "start": (Role.STRANGER, asking.start),
    "help": (Role.STRANGER, asking.start),
    "ask": (Role.USER, answering.ask_command),
    "new": (Role.USER, asking.new),
    "sources": (Role.USER, asking.sources),
    "lang": (Role.USER, asking.lang),
    "mine": (Role.USER, notices.mine),
    "feedback": (Role.USER, rating.feedback),
    "status": (Role.ADMIN, admin.status),
    "gaps": (Role.ADMIN, admin.gaps),
}
# What a button's data begin with, up to the first colon.
BUTTONS: dict[str, tuple[Role, Action]] = {
    "p": (Role.USER, asking.show_passage),
    "n": (Role.USER, asking.show_passage),
    "q": (Role.USER, answering.related),
    "m": (Role.USER, asking.choose_language),
    "u": (Role.USER, rating.rate),
    "d": (Role.USER, rating.rate),
    "r": (Role.USER, rating.reason),
    "s": (Role.USER, notices.pressed),
}


class Wiring:
    """Which handler gets what, and who may."""

    def __init__(self, desk: Desk, options: ChannelOptions, ending: asyncio.Event) -> None:
        self._desk = desk
        self._access = options.access
        self._upload = partial(admin.upload, suffixes=options.upload_suffixes)
        self._inline = InlineAnswers(desk, options.inline_wait_seconds)
        reindexing = admin.Reindexing(desk, ending, options.edit_interval_seconds, options.job_poll_seconds)
        self._reindex = lambda _, request: reindexing(request)

    def add_to(self, application: App) -> None:
        """Add all handlers; the first that fits takes an update."""
        new, private, group = filters.UpdateType.MESSAGE, filters.ChatType.PRIVATE, filters.ChatType.GROUPS
        for name, (least, action) in COMMANDS.items():
            application.add_handler(CommandHandler(name, self._for(least, action), filters=new))
        reindex = self._for(Role.ADMIN, self._reindex, background=True)
        application.add_handler(CommandHandler("reindex", reindex, filters=new))
        for wanted, least, action in (
            (private & filters.COMMAND, Role.USER, asking.unknown_command),
            (private & filters.TEXT, Role.USER, answering.question),
            (group & filters.TEXT & ~filters.COMMAND & Addressed(), Role.USER, answering.question),
            (private & filters.Document.ALL, Role.ADMIN, self._upload),
            (private & ~filters.StatusUpdate.ALL, Role.USER, asking.not_text),
        ):
            application.add_handler(MessageHandler(new & wanted, self._for(least, action)))
        changed = filters.UpdateType.EDITED_MESSAGE & filters.TEXT
        question = ~filters.COMMAND | filters.Regex(r"^/ask\b")
        in_group = filters.Regex(r"^/ask\b") | Addressed()
        application.add_handler(
            MessageHandler(changed & question & (private | group & in_group), self._for(Role.STRANGER, _edited))
        )
        application.add_handler(InlineQueryHandler(self._asked_inline))
        for prefix, (least, action) in BUTTONS.items():
            pressed = CallbackQueryHandler(self._for(least, action), pattern=rf"^{prefix}:")
            application.add_handler(pressed)
        application.add_handler(CallbackQueryHandler(self._for(Role.STRANGER, _unknown_button)))
        application.add_error_handler(self._failed)

    def _for(self, least: Role, action: Action, *, background: bool = False) -> Callback:
        async def callback(update: Update, context: CallbackContext[Any, Any, Any, Any]) -> None:
            request = read_update(update, self._access, username=context.bot.username)
            if request is None:
                return
            with request_scope(request.request_id):
                if request.role < least:
                    await self._refuse(request)
                elif background:
                    # Goes on while the chat is served; the library waits for it when stopping.
                    context.application.create_task(_run(action, self._desk, request), update=update)
                else:
                    await action(self._desk, request)

        return callback

    async def _asked_inline(self, update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        asked = read_inline(update, self._access)
        if asked is not None:
            with request_scope(asked.request_id):
                await self._inline(asked)

    async def _refuse(self, request: Incoming) -> None:
        _LOG.info("telegram_refused", user_id=request.user_id, chat_id=request.place.chat_id, role=request.role.name)
        if request.callback_id is not None:
            await self._desk.messenger.acknowledge(request.callback_id)
        elif request.role is not Role.STRANGER:
            await self._desk.say(request, self._desk.phrases(request).admins_only)
        elif request.place.private:
            # In a group only /start is answered: the bot must not be a nuisance where it is not wanted.
            await stranger(self._desk, request)

    async def _failed(self, update: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
        """Log first, then tell, unless it was the telling that failed."""
        error = context.error
        if not isinstance(update, Update) or not isinstance(error, Exception):
            _LOG.error("telegram_failed", exc_info=error)
            return
        request = read_update(update, self._access, username=context.bot.username)
        if isinstance(error, TelegramError):
            wait = error.retry_after if isinstance(error, RetryAfter) else None
            _LOG.warning("telegram_not_delivered", error=type(error).__name__, reason=error.message, retry_after=wait)
        elif request is not None:
            words = explain(error, request, PHRASES[self._desk.language(request)])
            await self._desk.say(request, words)


async def _unknown_button(desk: Desk, request: Incoming) -> None:
    """Of an earlier version, or not ours: it must stop turning."""
    await desk.acknowledge(request)


async def _edited(desk: Desk, request: Incoming) -> None:
    """Those who are not allowed got no answer, so there is nothing to change, and nothing to tell them again."""
    if request.role >= Role.USER:
        await answering.edited(desk, request)


async def _run(action: Action, desk: Desk, request: Incoming) -> None:
    await action(desk, request)
