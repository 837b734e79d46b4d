"""The menus of commands that Telegram shows: for private chats, for groups, for each administrator, in two languages.

Telegram tells languages apart by two letters, so 繁體 has a menu of its own only in chats where it was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)
from telegram.error import TelegramError

from bot.answering.language import Language
from bot.channels.telegram.phrases import ENGLISH, PHRASES, SIMPLIFIED, Phrases

_LOG = structlog.get_logger(__name__)
# In the order in which they are shown; those without words in a frame are left out.
_PRIVATE = ("new", "sources", "mine", "lang", "help")
_GROUP = ("ask", "new", "sources", "lang", "help")
_ADMIN = ("status", "reindex", "documents", "gaps", "feedback", "users")


class CommandMenus:
    """Sets the menus. That a menu cannot be set is logged and hinders nothing."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def offer(self, admin_ids: Iterable[int], chosen: Callable[[int], Language | None]) -> None:
        """Set the menus of all private chats and groups, and those of administrators in the language of their chat."""
        scopes = ((BotCommandScopeDefault(), _PRIVATE), (BotCommandScopeAllPrivateChats(), _PRIVATE))
        for scope, names in (*scopes, (BotCommandScopeAllGroupChats(), _GROUP)):
            if not await self._set(scope, names, SIMPLIFIED) or not await self._set(scope, names, ENGLISH, "en"):
                # Telegram cannot be reached: the menus of earlier still stand.
                return
        for admin_id in sorted(admin_ids):
            await self.set_for(admin_id, is_admin=True, language=chosen(admin_id))

    async def set_for(self, chat_id: int, *, is_admin: bool = False, language: Language | None = None) -> None:
        """Set the menu of one chat after its language or its person's role has changed.

        ``language`` None: as the person's Telegram. What is like everybody's falls back to everybody's.
        """
        scope = BotCommandScopeChat(chat_id)
        names = [*(_GROUP if chat_id < 0 else _PRIVATE), *(_ADMIN if is_admin else ())]
        if language is None and not is_admin:
            await self._clear(scope)
        elif language is None:
            await self._set(scope, names, SIMPLIFIED)
            await self._set(scope, names, ENGLISH, "en")
        else:
            await self._set(scope, names, PHRASES[language])
            await self._set(scope, names, PHRASES[language], "en")

    async def _set(
        self, scope: BotCommandScope, names: Iterable[str], phrases: Phrases, language_code: str | None = None
    ) -> bool:
        words = phrases.command_menu
        commands = [BotCommand(name, words[name]) for name in names if name in words]
        try:
            await self._bot.set_my_commands(commands, scope=scope, language_code=language_code)
        except TelegramError as error:
            # Telegram does not know a chat with somebody who never wrote to the bot.
            _LOG.info("telegram_menu_not_set", scope=scope.to_dict(), error=type(error).__name__)
            return False
        return True

    async def _clear(self, scope: BotCommandScope) -> None:
        for language_code in (None, "en"):
            try:
                await self._bot.delete_my_commands(scope=scope, language_code=language_code)
            except TelegramError as error:
                _LOG.info("telegram_menu_not_cleared", scope=scope.to_dict(), error=type(error).__name__)
