"""The inbox as the event loop uses it: writes go to a thread of their own, and those that come together go together.

What a handler sends passes the receipt of its update, so that no handler has to know of the inbox. Where the database
cannot be written, the bot answers all the same: what is lost then is the memory of it across a crash.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from bot.state.inbox import BEGUN, DONE, RECEIVED, Arrival, Mark, Unfinished
from corpus.errors import StoreError

_LOG = structlog.get_logger(__name__)
_MAX_REMEMBERED = 10_000


class InboxStore(Protocol):
    """Where the inbox is kept. Synchronous and thread-safe; every method may raise StoreError."""

    def keep(self, bot_id: str, arrivals: Sequence[Arrival], marks: Sequence[Mark] = ()) -> frozenset[int]:
        """Store what arrived and how far other updates are, at once; the numbers that are new."""
        ...

    def unfinished(self, bot_id: str) -> list[Unfinished]:
        """What is not done, in the order of arrival."""
        ...

    def prune(self) -> int:
        """Forget what was done long ago."""
        ...


@dataclass(slots=True)
class _Batch:
    """What the next transaction holds, and who waits for it."""

    written: asyncio.Future[frozenset[int]]
    arrivals: list[Arrival] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


class Inbox:
    """One bot's inbox, for one event loop."""

    def __init__(self, store: InboxStore, bot_id: str) -> None:
        self._store = store
        self._bot_id = bot_id
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="yiju-inbox")
        self._next: _Batch | None = None
        self._writer: asyncio.Task[None] | None = None
        self._seen: dict[int, None] = {}
        self._unclaimed: set[int] = set()

    async def receive(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """Store updates as Telegram sent them; those that are new can be claimed. Raises: StoreError.

        What somebody is typing inline is not stored: nobody waits for it after a crash.
        """
        arrivals = []
        for update in updates:
            if "inline_query" in update:
                self._offer([update["update_id"]])
            elif update["update_id"] not in self._seen:
                arrivals.append(_arrival(update))
        if arrivals:
            self._offer(await self._write(arrivals=arrivals))

    def receive_unstored(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """Take updates that could not be stored; known are only those of this process."""
        self._offer(update["update_id"] for update in updates)

    def claim(self, update_id: int) -> bool:
        """Whether the update is to be dealt with: True once for each that is new."""
        claimed = update_id in self._unclaimed
        self._unclaimed.discard(update_id)
        return claimed

    def claim_left(self, update_id: int) -> bool:
        """The same for an update found in the store, where one of this process may be in hand already."""
        if update_id not in self._seen:
            self._offer([update_id])
        return self.claim(update_id)

    async def mark(self, update_id: int, state: str, *, answer_id: str | None = None, tried: bool = False) -> None:
        """Keep how far an update is; where that cannot be kept, the log says so and life goes on."""
        try:
            await self._write(marks=[Mark(update_id, state, answer_id, tried)])
        except StoreError as error:
            _LOG.warning("telegram_inbox_not_written", update_id=update_id, state=state, error=str(error))

    async def unfinished(self) -> list[Unfinished]:
        """What earlier processes left, in the order of arrival; the numbers of old updates are forgotten."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._store.prune)
            return await loop.run_in_executor(self._thread, self._store.unfinished, self._bot_id)
        except StoreError as error:
            _LOG.error("telegram_inbox_not_read", error=str(error))
            return []

    async def close(self) -> None:
        """Wait for what is being written."""
        if self._writer is not None:
            await self._writer

    def _offer(self, stored: Iterable[int]) -> None:
        # The same update may come twice at once, by two requests of the webhook.
        new = sorted(set(stored) - self._seen.keys())
        self._unclaimed.update(new)
        self._seen.update(dict.fromkeys(new))
        while len(self._seen) > _MAX_REMEMBERED:
            del self._seen[next(iter(self._seen))]

    async def _write(self, *, arrivals: Sequence[Arrival] = (), marks: Sequence[Mark] = ()) -> frozenset[int]:
        if self._next is None:
            self._next = _Batch(asyncio.get_running_loop().create_future())
        batch = self._next
        batch.arrivals.extend(arrivals)
        batch.marks.extend(marks)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        # Shielded: one who stops waiting must not take the result from the others.
        return await asyncio.shield(batch.written)

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._next is not None:
            batch, self._next = self._next, None
            try:
                new = await loop.run_in_executor(
                    self._thread, self._store.keep, self._bot_id, batch.arrivals, batch.marks
                )
            except Exception as error:  # noqa: BLE001 - told to everyone who waits for this transaction
                batch.written.set_exception(error)
                batch.written.exception()  # waiting for it may have been given up
            else:
                batch.written.set_result(new)


class Receipt:
    """One update on its way through the handlers: whether anything of it may have gone out, and when it is done."""

    def __init__(self, inbox: Inbox, update_id: int, *, begun: bool = False, tries: int | None = None) -> None:
        """``tries``: how many times it was begun after a restart, None where it came to this process."""
        self._inbox = inbox
        self._update_id = update_id
        self._recovered = tries is not None
        self.suspect = bool(tries) and not begun
        self._lasting = begun
        self._left = False
        self._users = 0
        self.begun = begun
        self.answer_id: str | None = None

    async def start(self) -> None:
        """Before the handler runs: what a crash interrupted once counts its tries, lest it crash every process."""
        if self._recovered:
            await self._inbox.mark(self._update_id, BEGUN if self.begun else RECEIVED, tried=True)

    async def begin(self, *, lasting: bool = False) -> None:
        """Before something goes out that must not go out twice; ``lasting``: before something is changed so."""
        self._lasting = self._lasting or lasting
        if not self.begun:
            self.begun = True
            await self._inbox.mark(self._update_id, BEGUN, answer_id=self.answer_id)

    def delivered(self) -> None:
        """Something went out."""
        self._lasting = True

    async def take_back(self) -> None:
        """What was begun did not go out; unless something else did, all of it may be done anew."""
        if self.begun and not self._lasting:
            self.begun = False
            await self._inbox.mark(self._update_id, RECEIVED)

    def leave(self) -> None:
        """Do not count the update as done: the next process sees to it."""
        self._left = True

    @contextmanager
    def used(self) -> Iterator[None]:
        """As long as one of these blocks runs the update is not done."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1

    async def close(self) -> None:
        """The update has been dealt with, unless somebody still works at it or leaves it to the next process."""
        if not self._users and not self._left:
            await self._inbox.mark(self._update_id, DONE)


# That of the update which the running handler deals with.
RECEIPT: ContextVar[Receipt | None] = ContextVar("telegram_receipt", default=None)


def _arrival(update: Mapping[str, Any]) -> Arrival:
    return Arrival(update["update_id"], _chat_id(update), json.dumps(update, ensure_ascii=False))


def _chat_id(update: Mapping[str, Any]) -> int | None:
    for part in update.values():
        if isinstance(part, Mapping):
            message = part.get("message", part)
            chat = message.get("chat") if isinstance(message, Mapping) else None
            return chat.get("id") if isinstance(chat, Mapping) else None
    return None
