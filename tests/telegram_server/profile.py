"""What a bot says of itself, its command menus, and how it gets its updates."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.telegram_server import webhook
from tests.telegram_server.params import Params, Refused, flag, number, parsed
from tests.telegram_server.state import BotState
from tests.telegram_server.updates import KINDS, Webhook

SCOPES: dict[str, set[str]] = {
    "default": set(),
    "all_private_chats": set(),
    "all_group_chats": set(),
    "all_chat_administrators": set(),
    "chat": {"chat_id"},
    "chat_administrators": {"chat_id"},
    "chat_member": {"chat_id", "user_id"},
}
_DESCRIPTION_LENGTHS = {"description": 512, "short_description": 120}
# What comes unless the bot asks for more: of what this server knows, everything.
_DEFAULT_KINDS = frozenset(KINDS)


def get_me(bot: BotState, _: Params) -> Any:
    return {
        **bot.user(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
    }


def get_updates(bot: BotState, params: Params) -> Any:
    _allow(bot, params)
    if bot.updates.webhook is not None:
        raise Refused(
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook "
            "first",
            409,
        )
    limit = min(max(number(params, "limit") or 100, 1), 100)
    timeout = min(number(params, "timeout") or 0, 50)
    found = bot.updates.poll(number(params, "offset") or 0, timeout, limit=limit)
    if isinstance(found, str):
        raise Refused(f"Conflict: {found}", 409)
    return found


def set_webhook(bot: BotState, params: Params) -> Any:
    url, secret = str(params.get("url", "")), str(params.get("secret_token", ""))
    if not url:
        return delete_webhook(bot, params)
    if not url.startswith(("http://", "https://")):
        raise Refused("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise Refused("Bad Request: secret token contains unallowed characters")
    connections = 40 if "max_connections" not in params else number(params, "max_connections")
    if not 1 <= (connections or 0) <= 100:
        raise Refused("Bad Request: bad webhook: max_connections must be from 1 to 100")
    _allow(bot, params)
    with bot.changed:
        if flag(params, "drop_pending_updates"):
            bot.updates.waiting.clear()
        bot.updates.webhook = Webhook(url, secret, connections or 40)
        bot.changed.notify_all()
    webhook.Pusher(bot, bot.updates.webhook)
    return True


def delete_webhook(bot: BotState, params: Params) -> Any:
    with bot.changed:
        if flag(params, "drop_pending_updates"):
            bot.updates.waiting.clear()
        bot.updates.webhook = None
        bot.changed.notify_all()
    return True


def get_webhook_info(bot: BotState, _: Params) -> Any:
    return webhook.info(bot)


def set_my_commands(bot: BotState, params: Params) -> Any:
    commands = parsed(params, "commands") or []
    if len(commands) > 100:
        raise Refused("Bad Request: BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise Refused("Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise Refused("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
    bot.commands[_menu(bot, params)] = commands
    return True


def get_my_commands(bot: BotState, params: Params) -> Any:
    return bot.commands.get(_menu(bot, params), [])


def delete_my_commands(bot: BotState, params: Params) -> Any:
    bot.commands.pop(_menu(bot, params), None)
    return True


def set_my_description(bot: BotState, params: Params) -> Any:
    return _describe(bot, params, "description")


def set_my_short_description(bot: BotState, params: Params) -> Any:
    return _describe(bot, params, "short_description")


def _describe(bot: BotState, params: Params, name: str) -> bool:
    text = str(params.get(name, ""))
    if len(text) > _DESCRIPTION_LENGTHS[name]:
        raise Refused("Bad Request: BOT_DESCRIPTION_TOO_LONG")
    bot.descriptions[name, _language(params)] = text
    return True


def _menu(bot: BotState, params: Params) -> tuple[str, str]:
    scope = parsed(params, "scope") or {"type": "default"}
    if scope.get("type") not in SCOPES or scope.keys() - {"type"} != SCOPES[scope["type"]]:
        raise Refused("Bad Request: can't parse BotCommandScope: Unsupported type specified")
    if "chat_id" in scope and int(scope["chat_id"]) not in bot.chats:
        raise Refused("Bad Request: chat not found")
    return json.dumps(scope, sort_keys=True), _language(params)


def _language(params: Params) -> str:
    language = str(params.get("language_code", ""))
    if not re.fullmatch(r"([a-z]{2})?", language):
        raise Refused("Bad Request: invalid language code specified")
    return language


def _allow(bot: BotState, params: Params) -> None:
    """Remember which kinds of updates are wanted; without a word about it things stay as they are."""
    kinds = parsed(params, "allowed_updates")
    if kinds is not None:
        bot.updates.allowed = frozenset(kinds) & _DEFAULT_KINDS or None
