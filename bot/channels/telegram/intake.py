"""The way in: updates that are new go into the queue, no more at a time than the bot and a chat's neighbours can bear.

What earlier processes left comes first. Says nothing itself; what is refused or was interrupted is handed on as such.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import structlog
from telegram import Bot, Update

from bot.channels.telegram.inbox import Inbox, Receipt
from bot.state.inbox import BEGUN, DONE, Unfinished
from corpus.errors import StoreError

_LOG = structlog.get_logger(__name__)
# All that may wait at once; beyond that Telegram keeps them.
MAX_IN_HAND = 1024
# Of one chat: an album has up to ten messages, and nobody needs more questions open.
MAX_OF_A_CHAT = 16
# An update that was being handled in each of so many crashes, the later ones alone, may be their cause.
_MAX_TRIES = 3
_MAX_APOLOGIES = 3


@dataclass(frozen=True, slots=True)
class Interrupted:
    """An update that a crash interrupted when something of it may have gone out. ``answer_id``: what was being sent."""

    update: Update
    answer_id: str | None


@dataclass(frozen=True, slots=True)
class Excess:
    """An update of a chat that has too many open. ``first``: the chat has not been told since it had none open."""

    update: Update
    first: bool


def update_of(work: object) -> Update | None:
    """The update in a piece of work; None where there is none."""
    if isinstance(work, Interrupted | Excess):
        return work.update
    return work if isinstance(work, Update) else None


class UpdateQueue(asyncio.Queue[object]):
    """Where the library puts updates and takes them from; a known one is dropped on its way in."""

    def __init__(self, inbox: Inbox, *, max_in_hand: int = MAX_IN_HAND, max_of_a_chat: int = MAX_OF_A_CHAT) -> None:
        super().__init__()
        self._inbox = inbox
        self._room = asyncio.Semaphore(max_in_hand)
        self._max_of_a_chat = max_of_a_chat
        self._open: Counter[int] = Counter()
        self._told: set[int] = set()
        # None for what is not stored.
        self._receipts: dict[int, Receipt | None] = {}

    @property
    def crowded(self) -> bool:
        """Whether the next update would have to wait."""
        return self._room.locked()

    async def put(self, item: object) -> None:
        """Queue an update, if it is new, once there is room for it; anything else (the library's stop) at once."""
        if not isinstance(item, Update):
            await super().put(item)
        elif self._inbox.claim(item.update_id):
            await self._room.acquire()
            stored = item.inline_query is None
            self._receipts[item.update_id] = Receipt(self._inbox, item.update_id) if stored else None
            await super().put(self._admitted(item))

    async def take_up(self, bot: Bot) -> None:
        """Queue what earlier processes left, in the order of its arrival."""
        found = await self._inbox.unfinished()
        if found:
            _LOG.info("telegram_taken_up", updates=len(found), begun=sum(each.state == BEGUN for each in found))
        for each in found:
            if not self._inbox.claim_left(each.update_id):
                continue
            work = await self._recovered(each, bot)
            if work is not None:
                await self._room.acquire()
                begun = isinstance(work, Interrupted)
                self._receipts[each.update_id] = Receipt(self._inbox, each.update_id, begun=begun, tries=each.tries)
                self._count(work)
                await super().put(work)

    def receipt_of(self, work: object) -> Receipt | None:
        """The receipt of a queued piece of work."""
        update = update_of(work)
        return self._receipts.get(update.update_id) if update is not None else None

    def finished(self, work: object) -> None:
        """There is room for another."""
        update = update_of(work)
        if update is None or update.update_id not in self._receipts:
            return
        del self._receipts[update.update_id]
        self._room.release()
        chat_id = _counted_chat(work)
        if chat_id is not None:
            self._open[chat_id] -= 1
            if self._open[chat_id] <= 0:
                del self._open[chat_id]
                self._told.discard(chat_id)

    def _admitted(self, update: Update) -> object:
        chat_id = _counted_chat(update)
        if chat_id is None or self._open[chat_id] < self._max_of_a_chat:
            self._count(update)
            return update
        first = chat_id not in self._told
        self._told.add(chat_id)
        return Excess(update, first)

    def _count(self, work: object) -> None:
        chat_id = _counted_chat(work)
        if chat_id is not None:
            self._open[chat_id] += 1

    async def _recovered(self, left: Unfinished, bot: Bot) -> object | None:
        """What to do about an update that was left; None where nothing can be done."""
        interrupted = left.state == BEGUN or left.tries >= _MAX_TRIES
        if left.tries >= _MAX_TRIES + _MAX_APOLOGIES:
            _LOG.error("telegram_given_up", update_id=left.update_id, tries=left.tries)
            await self._inbox.mark(left.update_id, DONE)
            return None
        update = Update.de_json(readable(json.loads(left.body)), bot)
        return Interrupted(update, left.answer_id) if interrupted else update


def _counted_chat(work: object) -> int | None:
    """The chat whose messages queue up; buttons and what is refused do not."""
    update = work if isinstance(work, Update) else None
    if update is None or update.callback_query is not None or update.effective_chat is None:
        return None
    return update.effective_chat.id


class PolledUpdates:
    """Stores what a poll brought before the library sees it, and so before the next poll confirms it."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def __call__(self, payload: bytes) -> bytes:
        """Keep the updates of a successful answer to ``getUpdates``; the answer as the library can read it."""
        answer = json.loads(payload)
        updates = [each for each in answer.get("result", ()) if isinstance(each.get("update_id"), int)]
        if not updates:
            return payload
        try:
            await self._inbox.receive(updates)
        except StoreError as error:
            # A full disk must not silence the bot: an answer that a crash would lose is better than none.
            _LOG.error("telegram_inbox_not_written", updates=len(updates), error=str(error))
            self._inbox.receive_unstored(updates)
        read = [readable(each) for each in updates]
        return payload if read == updates else json.dumps({**answer, "result": read}).encode()


def readable(update: dict[str, Any]) -> dict[str, Any]:
    """The update, or its bare number where the library cannot read it: it would refuse all others with it for ever."""
    try:
        Update.de_json(update, None)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        fields = sorted(update.keys() - {"update_id"})
        _LOG.error("telegram_update_unreadable", update_id=update["update_id"], fields=fields, error=repr(error)[:200])
        return {"update_id": update["update_id"]}
    return update
