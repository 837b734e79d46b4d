"""Tells people how they stand once somebody has decided about them, here or on the command line, and sets their menu.

Whether somebody was told is kept, so that it is done once, and after a restart where it was not done before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from bot.channels.telegram.chats import ChatMemory
from bot.channels.telegram.delivery import Messenger
from bot.channels.telegram.errors import NotDeliveredError
from bot.channels.telegram.phrases import PHRASES
from bot.channels.telegram.ports import Menus
from bot.channels.telegram.requests import Outgoing, Place, Role
from bot.channels.telegram.text import Run
from bot.people import People
from bot.state.people import Person
from corpus.errors import StoreError

_LOG = structlog.get_logger(__name__)
_DEMOTED = ("approved:admin", "approved:user")


class Standings:
    """For the event loop."""

    def __init__(self, people: People, messenger: Messenger, chats: ChatMemory, menus: Menus) -> None:
        self._people = people
        self._messenger = messenger
        self._chats = chats
        self._menus = menus
        self._telling = asyncio.Lock()

    async def tell(self) -> None:
        """Tell everybody who does not know how they stand; whoever cannot be told now is told later."""
        async with self._telling:
            for person in self._people.untold():
                try:
                    await self._tell(person)
                    await asyncio.to_thread(self._people.note_told, person)
                except (NotDeliveredError, StoreError) as error:
                    _LOG.warning("telegram_standing_not_told", user_id=person.telegram_id, reason=str(error))

    @contextlib.asynccontextmanager
    async def followed(self, every_seconds: float) -> AsyncIterator[None]:
        """Within the block, look for decisions again and again."""
        task = asyncio.create_task(self._follow(every_seconds))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _follow(self, every_seconds: float) -> None:
        while True:
            try:
                await asyncio.to_thread(self._people.refresh)
                await self.tell()
            except Exception as error:  # noqa: BLE001 - it must go on looking; the log says what was wrong
                _LOG.warning("telegram_people_not_read", error=type(error).__name__, reason=str(error))
            await asyncio.sleep(every_seconds)

    async def _tell(self, person: Person) -> None:
        words = PHRASES[self._chats.language(str(person.telegram_id)) or "zh-Hans"].access
        told = words.told_group if person.is_group else words.told
        said = words.demoted if (person.told, person.standing) == _DEMOTED else told.get(person.standing)
        place = Place(person.telegram_id, private=not person.is_group)
        reached = said is None or await self._messenger.reach(place, Outgoing((Run(said),)))
        _LOG.info("telegram_standing_told", user_id=person.telegram_id, standing=person.standing, reached=reached)
        if not person.is_group:
            role = self._people.role(user_id=person.telegram_id, chat_id=person.telegram_id)
            language = self._chats.language(str(person.telegram_id))
            await self._menus.set_for(person.telegram_id, is_admin=role is Role.ADMIN, language=language)
