"""Which update goes to which handler, and who may. What happens when a handler fails is in ``trouble``."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import structlog
from telegram import Update
from telegram.ext import (
    Application,
    CallbackContext,
    CallbackQueryHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.audit import Actor, acting
from bot.channels.telegram import admin, answering, asking, documents, interruptions, notices, rating, users
from bot.channels.telegram.asking import Desk
from bot.channels.telegram.following import Following
from bot.channels.telegram.inbox import RECEIPT, Receipt
from bot.channels.telegram.inline import InlineAnswers
from bot.channels.telegram.intake import Excess, Interrupted
from bot.channels.telegram.ports import ChannelOptions
from bot.channels.telegram.reindexing import Reindexing
from bot.channels.telegram.requests import Incoming, InlineAsked, Role
from bot.channels.telegram.strangers import stranger
from bot.channels.telegram.trouble import Trouble
from bot.channels.telegram.updates import Addressed, read_inline, read_update
from bot.channels.telegram.uploading import Uploading
from bot.errors import BusyError, NotReadyError
from bot.logs import request_scope
from bot.rate_limits import RateLimit, RateLimits
from bot.state.people import Subject
from corpus.errors import StoreError
from retrieval.errors import NoSnapshotError

_LOG = structlog.get_logger(__name__)

App = Application[Any, Any, Any, Any, Any, Any]
Action = Callable[[Desk, Incoming], Awaitable[None]]
Callback = Callable[[Update, CallbackContext[Any, Any, Any, Any]], Coroutine[Any, Any, None]]


COMMANDS: dict[str, tuple[Role, Action]] = {
    "start": (Role.USER, asking.start),
    "help": (Role.USER, asking.start),
    "ask": (Role.USER, answering.ask_command),
    "new": (Role.USER, asking.new),
    "sources": (Role.USER, asking.sources),
    "lang": (Role.USER, asking.lang),
    "mine": (Role.USER, notices.mine),
    "feedback": (Role.USER, rating.feedback),
    "status": (Role.ADMIN, admin.status),
    "gaps": (Role.ADMIN, documents.gaps),
    "users": (Role.ADMIN, users.users),
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
    "z": (Role.USER, interruptions.show_again),
    "a": (Role.ADMIN, users.pressed),
}
# How much of a question's allowance a request takes: what is looked up costs little, what strangers send much.
ASKING: frozenset[Action] = frozenset({answering.question, answering.ask_command, answering.related})
_OTHER_COST, _STRANGER_COST = 0.25, 4.0


class Wiring:
    """Which handler gets what, and who may."""

    def __init__(self, desk: Desk, options: ChannelOptions, ending: asyncio.Event) -> None:
        self._desk = desk
        self._trouble = Trouble(desk, ending, _is_order)
        self._people = desk.people
        limits = options.limits
        self._limits = RateLimits(RateLimit(limits.user_per_minute), RateLimit(limits.chat_per_minute))
        self._inline = InlineAnswers(desk, options.inline_wait_seconds, self._may_preview)
        following = Following(desk, ending, options.edit_interval_seconds, options.job_poll_seconds)
        self._reindexing = Reindexing(desk, following)
        self._uploading = Uploading(desk, self._reindexing, ending, options.upload_suffixes, options.album_seconds)
        self._documents = documents.Documents()

    def add_to(self, application: App) -> None:
        """Add all handlers; the first that fits takes an update."""
        new, private, group = filters.UpdateType.MESSAGE, filters.ChatType.PRIVATE, filters.ChatType.GROUPS
        for name, (least, action) in COMMANDS.items():
            application.add_handler(CommandHandler(name, self._for(least, action), filters=new))
        reindex = self._for(Role.ADMIN, lambda _, request: self._reindexing(request), background=True)
        upload = self._for(Role.ADMIN, lambda _, request: self._uploading(request), background=True)
        application.add_handler(CommandHandler("reindex", reindex, filters=new))
        application.add_handler(CommandHandler("documents", self._for(Role.ADMIN, self._documents.find), filters=new))
        application.add_handler(MessageHandler(new & private & filters.Document.ALL, upload))
        for wanted, least, action in (
            (private & filters.COMMAND, Role.USER, asking.unknown_command),
            (private & filters.TEXT, Role.USER, answering.question),
            (group & filters.TEXT & ~filters.COMMAND & Addressed(), Role.USER, answering.question),
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
        looking = self._for(Role.ADMIN, self._documents.pressed)
        for pattern, callback in (
            ("^k:[uwx]:", self._for(Role.ADMIN, lambda _, request: self._uploading.pressed(request), background=True)),
            ("^k:", self._for(Role.ADMIN, lambda _, request: self._reindexing.pressed(request), background=True)),
            ("^g:", looking),
        ):
            application.add_handler(CallbackQueryHandler(callback, pattern=pattern))
        application.add_handler(CallbackQueryHandler(self._for(Role.STRANGER, _unknown_button)))
        application.add_handler(TypeHandler(Interrupted, self._trouble.interrupted))
        application.add_handler(TypeHandler(Excess, self._trouble.too_many))
        application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, self._moved))
        application.add_error_handler(self._trouble.failed)

    def _for(self, least: Role, action: Action, *, background: bool = False) -> Callback:
        async def callback(update: Update, context: CallbackContext[Any, Any, Any, Any]) -> None:
            request = read_update(update, self._people, username=context.bot.username)
            if request is None:
                return
            with request_scope(request.request_id), acting(_actor(request)):
                if request.role < least:
                    role = await self._role_now(request.user_id, request.place.chat_id)
                    request = replace(request, role=role)
                if not await self._admitted(request, action):
                    return
                if request.role < least and not await self._refused_for_good(request, action):
                    request = replace(request, role=await self._role_now(request.user_id, request.place.chat_id))
                if request.role < least:
                    return
                if least is Role.ADMIN and await self._shows_too_much(request):
                    return
                receipt = RECEIPT.get()
                if receipt is not None and least is Role.ADMIN:
                    # What administrators order is done at most once, whatever happens in between.
                    await receipt.begin(lasting=True)
                if background:
                    # Goes on while the chat is served; the library waits for it when stopping.
                    held = ExitStack()
                    if receipt is not None:
                        # Held from now on: the task begins when the update may long have been passed on.
                        held.enter_context(receipt.used())
                    context.application.create_task(self._aside(action, request, receipt, held), update=update)
                else:
                    await action(self._desk, request)
                    await self._note_name(request)

        return callback

    async def _shows_too_much(self, request: Incoming) -> bool:
        """Whether an administrator is told to write in private: a group would read of what it may not see."""
        desk = self._desk
        clearance = desk.clearance(request)
        if request.place.private or clearance.everything:
            return False
        try:
            hides = await desk.workers.run(lambda: desk.administration.hides(clearance))
        except (NotReadyError, NoSnapshotError, BusyError):
            hides = True
        if hides:
            words = desk.phrases(request).access.order_in_private
            await desk.acknowledge(request, words)
            if request.callback_id is None:
                await desk.say(request, words)
        return hides

    async def _aside(self, action: Action, request: Incoming, receipt: Receipt | None, held: ExitStack) -> None:
        with held:
            await action(self._desk, request)
        if receipt is not None:
            await receipt.close()

    async def _asked_inline(self, update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        asked = read_inline(update, self._people)
        if asked is not None:
            if asked.role is Role.STRANGER:
                asked = replace(asked, role=await self._role_now(asked.user_id, asked.user_id))
            with request_scope(asked.request_id), acting(Actor(f"telegram:{asked.user_id}", "telegram")):
                await self._inline(asked)

    def _may_preview(self, asked: InlineAsked) -> bool:
        """Whether an inline query is within the limits of a user; chats are not known there."""
        admin = asked.role is Role.ADMIN
        return admin or self._limits.admit(user=asked.user_id, chat=asked.user_id).allowed

    async def _role_now(self, user_id: int | None, chat_id: int) -> Role:
        """The role of this moment: somebody may have been let in on the command line just now."""
        try:
            await asyncio.to_thread(self._people.look_again)
        except StoreError as error:
            _LOG.warning("telegram_people_not_read", reason=str(error))
        return self._people.role(user_id=user_id, chat_id=chat_id)

    async def _admitted(self, request: Incoming, action: Action) -> bool:
        """Whether the request is within the limits; who goes beyond is told once."""
        if request.role is Role.ADMIN:
            self._desk.standings.heard_from(request.user_id or 0)
            return True
        cost = 1.0 if action in ASKING or action is _edited else _OTHER_COST
        cost = _STRANGER_COST if request.role is Role.STRANGER else cost
        chat_id = request.place.chat_id
        verdict = self._limits.admit(user=request.user_id or chat_id, chat=chat_id, cost=cost)
        if verdict.allowed:
            return True
        _LOG.info("telegram_limited", user_id=request.user_id, chat_id=chat_id, wait_seconds=verdict.wait_seconds)
        words = self._desk.phrases(request).access.slow_down.format(seconds=math.ceil(verdict.wait_seconds))
        if request.callback_id is not None:
            await self._desk.acknowledge(request, words)
        elif verdict.first and (request.place.private or request.role is not Role.STRANGER):
            await self._desk.say(request, words)
        return False

    async def _refused_for_good(self, request: Incoming, action: Action) -> bool:
        """Say that the request is refused; False where who asks was let in just now."""
        _LOG.info("telegram_refused", user_id=request.user_id, chat_id=request.place.chat_id, role=request.role.name)
        if request.callback_id is not None:
            told = self._desk.phrases(request).admins_only if request.role is not Role.STRANGER else None
            await self._desk.messenger.acknowledge(request.callback_id, told)
        elif request.role is not Role.STRANGER:
            await self._desk.say(request, self._desk.phrases(request).admins_only)
        elif request.place.private or action is asking.start:
            # In a group only /start is answered: the bot must not be a nuisance where it is not wanted.
            return not await stranger(self._desk, request)
        return True

    async def _note_name(self, request: Incoming) -> None:
        """Remember how somebody calls themselves where that has changed; not worth troubling anybody when it fails."""
        subject = Subject(request.user_id or 0, request.sender, request.username)
        if self._people.met(subject):
            with contextlib.suppress(StoreError, BusyError):
                await self._desk.workers.run(lambda: self._people.rename(subject))

    async def _moved(self, update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        """A group became a supergroup, which has another id."""
        message = update.effective_message
        if message is None:
            return
        old_id, new_id = message.migrate_from_chat_id, message.chat_id
        if message.migrate_to_chat_id is not None:
            old_id, new_id = message.chat_id, message.migrate_to_chat_id
        if old_id is not None:
            await asyncio.to_thread(self._people.move, old_id, new_id)
            _LOG.info("telegram_group_moved", old_id=old_id, chat_id=new_id)


def _is_order(command: str) -> bool:
    """Whether a command changes something: those that only administrators may give."""
    return command == "reindex" or COMMANDS.get(command, (Role.USER,))[0] is Role.ADMIN


def _actor(request: Incoming) -> Actor:
    """Who acts: the user, or the chat where somebody wrote in its name."""
    return Actor(f"telegram:{request.user_id or request.place.chat_id}", "telegram")


async def _unknown_button(desk: Desk, request: Incoming) -> None:
    """Of an earlier version, or not ours: it must stop turning."""
    await desk.acknowledge(request)


async def _edited(desk: Desk, request: Incoming) -> None:
    """Those who are not allowed got no answer, so there is nothing to change, and nothing to tell them again."""
    if request.role >= Role.USER:
        await answering.edited(desk, request)
