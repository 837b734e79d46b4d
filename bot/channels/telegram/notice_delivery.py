"""Sends the answers to kept questions: each once, and none without a word where a process died while sending.

One of the modules that know the Telegram library: which of its errors say that nothing was sent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial

import structlog
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.channels.telegram.asking import Desk
from bot.channels.telegram.limits import is_uncertain
from bot.channels.telegram.notice_rendering import interrupted_notice
from bot.channels.telegram.notices import answer_notice, channel_name, language_of, place_of, remember_notice
from bot.channels.telegram.phrases import PHRASES
from bot.channels.telegram.ports import ChannelOptions
from bot.channels.telegram.requests import Role
from bot.channels.telegram.text import split
from bot.state.kept_questions import KeptQuestion

_LOG = structlog.get_logger(__name__)
Handle = Callable[[KeptQuestion], Awaitable[None]]
# A stop waits so long for what is being sent; beyond, the next start says that it may not have arrived.
_STOP_SECONDS = 10.0
# The chat cannot be written to, now or later.
_NEVER = (Forbidden, BadRequest, ChatMigrated)


@contextlib.asynccontextmanager
async def delivering(desk: Desk, options: ChannelOptions, ending: asyncio.Event) -> AsyncIterator[None]:
    """Deliver as long as the block runs; ``ending`` is set when it is left, and what is being sent is finished."""
    task = asyncio.create_task(NoticeDelivery(desk, options).run(ending), name="notice-delivery")
    try:
        yield
    finally:
        ending.set()
        _, late = await asyncio.wait({task}, timeout=_STOP_SECONDS)
        for each in late:
            each.cancel()


class NoticeDelivery:
    """Sends what is due, to each chat one after the other."""

    def __init__(self, desk: Desk, options: ChannelOptions) -> None:
        self._desk = desk
        self._options = options
        self._notifications = desk.notifications
        self._channel = channel_name(options.bot_id)

    async def run(self, ending: asyncio.Event) -> None:
        """Look every few seconds until ``ending`` is set."""
        while not ending.is_set():
            try:
                await self.deliver(ending)
            except Exception as error:  # noqa: BLE001 - it must go on looking; the log says what was wrong
                _LOG.warning("notices_wait", error=type(error).__name__, exc_info=error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), self._options.notice_seconds)

    async def deliver(self, ending: asyncio.Event) -> None:
        """Send what is due now. Nobody else sends for this bot, so what counts as being sent was interrupted."""
        for handle, listed in (
            (self._apologise, self._notifications.interrupted),
            (self._send, self._notifications.due),
        ):
            by_chat: dict[int, list[KeptQuestion]] = {}
            for question in await asyncio.to_thread(partial(listed, self._channel)):
                by_chat.setdefault(place_of(question).chat_id, []).append(question)
            # A chat that has to wait for a flood limit holds up no other.
            chats = [self._in_turn(handle, questions, ending) for questions in by_chat.values()]
            for failed in await asyncio.gather(*chats, return_exceptions=True):
                if isinstance(failed, BaseException):
                    raise failed

    @staticmethod
    async def _in_turn(handle: Handle, questions: Sequence[KeptQuestion], ending: asyncio.Event) -> None:
        for question in questions:
            if ending.is_set():
                return
            await handle(question)

    async def _send(self, question: KeptQuestion) -> None:
        if not await self._may_have_it(question):
            return
        answer = await asyncio.to_thread(self._notifications.take, question.id)
        if answer is None:
            return
        notice = answer_notice(question, answer, language_of(self._desk, question))
        try:
            message_ids = await self._desk.messenger.send_all(place_of(question), notice)
        except TelegramError as error:
            await self._failed(question, error, pieces=len(split(notice.text)))
            return
        await self._settle(self._notifications.sent, question, "notice_sent")
        await remember_notice(self._desk, place_of(question), message_ids, answer.answer_id)

    async def _failed(self, question: KeptQuestion, error: TelegramError, *, pieces: int) -> None:
        if isinstance(error, _NEVER):
            await self._settle(self._notifications.drop, question, "notice_dropped", reason=error.message)
        elif is_uncertain(error) or pieces > 1:
            # Nobody knows whether it arrived, or all of it: the next look says so to the asker.
            _LOG.warning("notice_uncertain", kept_id=question.id, error=type(error).__name__)
        else:
            await self._settle(self._notifications.not_sent, question, "notice_not_sent", reason=error.message)

    async def _apologise(self, question: KeptQuestion) -> None:
        if not await self._may_have_it(question):
            return
        phrases = PHRASES[language_of(self._desk, question)]
        try:
            await self._desk.messenger.send(place_of(question), interrupted_notice(question, phrases))
        except _NEVER as error:
            await self._settle(self._notifications.drop, question, "notice_dropped", reason=error.message)
            return
        await self._settle(self._notifications.sent, question, "notice_uncertain_told")

    async def _may_have_it(self, question: KeptQuestion) -> bool:
        """Whether the asker may still ask here; else nothing is kept for them any longer."""
        user_id, chat_id = question.address["user_id"], question.address["chat_id"]
        if self._desk.people.role(user_id=user_id, chat_id=chat_id) >= Role.USER:
            return True
        await self._settle(self._notifications.drop, question, "notice_dropped", reason="no longer allowed")
        return False

    async def _settle(self, step: Callable[[int], None], question: KeptQuestion, event: str, **more: str) -> None:
        await asyncio.to_thread(step, question.id)
        _LOG.info(event, kept_id=question.id, **more)
