"""What tests do behind the bot's back: write as users, see what was sent, let things go wrong."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tests.telegram_server import queries, webhook
from tests.telegram_server.faults import Fault
from tests.telegram_server.floods import Floods
from tests.telegram_server.state import BotState

Body = dict[str, Any]


def control(bot: BotState, action: str, body: Body) -> Any:
    """Carry out one of the actions below."""
    return _ACTIONS[action](bot, body)


def _push(bot: BotState, body: Body) -> Any:
    return bot.push(body["update"])


def _repeat(bot: BotState, body: Body) -> Any:
    bot.updates.repeat(body["update_id"])


def _calls(bot: BotState, body: Body) -> Any:
    return bot.calls_after(int(body["after"]), float(body["timeout"]), body.get("chat_id"))


def _fault(bot: BotState, body: Body) -> Any:
    with bot.changed:
        bot.faults.append(Fault(**body))
    return asdict(bot.faults[-1])


def _mend(bot: BotState, _: Body) -> Any:
    with bot.changed:
        bot.faults.clear()


def _floods(bot: BotState, body: Body) -> Any:
    with bot.changed:
        refused = bot.floods.refused if bot.floods else 0
        if "limits" in body:
            bot.floods = None if body["limits"] is None else Floods(**body["limits"])
    return {"refused": refused}


def _file(bot: BotState, body: Body) -> Any:
    bot.files[body["file_id"]] = base64.b64decode(body["content"])


def _block(bot: BotState, body: Body) -> Any:
    (bot.blocked.add if body.get("blocked", True) else bot.blocked.discard)(int(body["chat_id"]))


def _revoke(bot: BotState, body: Body) -> Any:
    bot.revoked = bool(body.get("revoked", True))


def _expire(bot: BotState, _: Body) -> Any:
    with bot.changed:
        bot.open_callbacks.clear()
        bot.open_inline.clear()


def _forget(bot: BotState, body: Body) -> Any:
    with bot.changed:
        bot.messages.pop((int(body["chat_id"]), int(body["message_id"])), None)


def _choose(bot: BotState, body: Body) -> Any:
    return queries.choose_inline(bot, **body)


def _state(bot: BotState, _: Body) -> Any:
    with bot.changed:
        return {
            "waiting": bot.waiting(),
            "calls": len(bot.calls),
            "commands": [[scope, language, menu] for (scope, language), menu in bot.commands.items()],
            "webhook": webhook.info(bot),
        }


_ACTIONS: dict[str, Callable[[BotState, Body], Any]] = {
    "push": _push,
    "repeat": _repeat,
    "calls": _calls,
    "fault": _fault,
    "mend": _mend,
    "floods": _floods,
    "file": _file,
    "block": _block,
    "revoke": _revoke,
    "expire": _expire,
    "forget": _forget,
    "choose": _choose,
    "state": _state,
}
