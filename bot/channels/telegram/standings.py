"""Tells administrators who asks for access, and people how they stand once somebody has decided, with their menu.

Whether that was done is kept, so that it is done once, after a restart too, whoever decided: here or the command line.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from bot.channels.telegram.chats import ChatMemory
from bot.channels.telegram.delivery import Messenger
from bot.channels.telegram.errors import NotDeliveredError
from bot.channels.telegram.members import member_card
from bot.channels.telegram.phrases import PHRASES, Phrases
from bot.channels.telegram.ports import Menus
from bot.channels.telegram.requests import Outgoing, Place, Role
from bot.channels.telegram.text import Run
from bot.people import People
from bot.state.people import PENDING, Person
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
        self._woken = asyncio.Event()
        # Administrators who never wrote to the bot, or blocked it: they are not tried again until they write.
        self._unreachable: set[int] = set()

    def wake(self) -> None:
        """Look at once: somebody asks, or somebody has decided."""
        self._woken.set()

    def heard_from(self, user_id: int) -> None:
        """Somebody wrote, so they can be reached."""
        self._unreachable.discard(user_id)

    @contextlib.asynccontextmanager
    async def followed(self, every_seconds: float) -> AsyncIterator[None]:
        """Within the block, look when woken and again and again."""
        task = asyncio.create_task(self._follow(every_seconds))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _follow(self, every_seconds: float) -> None:
        while True:
            self._woken.clear()
            try:
                await asyncio.to_thread(self._people.refresh)
                await self._tell_all()
            except Exception as error:  # noqa: BLE001 - it must go on looking; the log says what was wrong
                _LOG.warning("telegram_people_not_read", error=type(error).__name__, reason=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), every_seconds)

    async def _tell_all(self) -> None:
        """Whoever cannot be told now is told later."""
        for person in self._people.untold():
            try:
                await (self._announce(person) if person.state == PENDING else self._tell(person))
                await asyncio.to_thread(self._people.note_told, person)
            except (NotDeliveredError, StoreError) as error:
                _LOG.warning("telegram_standing_not_told", user_id=person.telegram_id, reason=str(error))

    async def _announce(self, person: Person) -> None:
        """Show each administrator who asks, with buttons. Raises: NotDeliveredError: none could be told for now."""
        member = await asyncio.to_thread(self._people.get, person.telegram_id)
        failures: list[NotDeliveredError] = []
        told = 0
        for admin_id in sorted(self._people.admins() - self._unreachable):
            words = self._phrases(admin_id).access
            card = member_card(member, 0, words, names={}, heading=words.asks)
            try:
                if await self._messenger.reach(Place(admin_id), card):
                    told += 1
                else:
                    self._unreachable.add(admin_id)
            except NotDeliveredError as error:
                failures.append(error)
        _LOG.info("telegram_access_asked", user_id=person.telegram_id, told=told, failed=len(failures))
        if failures and not told:
            raise failures[0]

    async def _tell(self, person: Person) -> None:
        words, chat_id = self._phrases(person.telegram_id).access, person.telegram_id
        told = words.told_group if person.is_group else words.told
        said = words.demoted if (person.told, person.standing) == _DEMOTED else told[person.standing]
        if not person.is_group:
            is_admin = self._people.role(user_id=chat_id, chat_id=chat_id) is Role.ADMIN
            await self._menus.set_for(chat_id, is_admin=is_admin, language=self._chats.language(str(chat_id)))
        reached = await self._messenger.reach(Place(chat_id, private=not person.is_group), Outgoing((Run(said),)))
        _LOG.info("telegram_standing_told", user_id=chat_id, standing=person.standing, reached=reached)

    def _phrases(self, chat_id: int) -> Phrases:
        return PHRASES[self._chats.language(str(chat_id)) or "zh-Hans"]
