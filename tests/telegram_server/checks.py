"""What is wrong with the calls that a bot made: everything it sent must be valid for Telegram, refused or not."""

from __future__ import annotations

import re
from typing import Any

from tests.telegram_server import params, queries
from tests.telegram_server.markup import utf16_length
from tests.telegram_server.params import Refused

Call = dict[str, Any]
MAX_ENTITIES = 100
# Markup that people would see as such.
_RAW_MARKUP = re.compile(r"</?(?:b|i|u|s|a|code|pre|blockquote|strong|em)(?:\s[^<>]*)?>|&(?:amp|lt|gt|quot|#\d+);")


def problems(call: Call, *, tolerated: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with a call, in words; a refusal is tolerated where its description holds one of those."""
    if call["method"] == "webhook":
        return []
    found = [f"{call['method']}: {each}" for each in (*_sent(call), *_received(call))]
    if not call["ok"] and call.get("fault") is None and not _excused(call, tolerated):
        found.append(f"{call['method']} was refused: {call.get('description')}; {_told(call)}")
    return found


def is_message(call: Call) -> bool:
    """Whether the call shows something to people."""
    return str(call["method"]).startswith(("sendMessage", "sendDocument", "sendPhoto", "edit", "answer"))


def _sent(call: Call) -> list[str]:
    """Checks what was given, whatever came of it."""
    given = {name: value for name, value in call["params"].items() if not isinstance(value, dict)}
    try:
        if call["method"] in {"sendMessage", "editMessageText"}:
            params.text_of(given)
        if call["method"] in {"sendDocument", "sendPhoto"}:
            params.text_of(given, "caption", entities="caption_entities", longest=params.MAX_CAPTION)
        if call["method"] == "answerInlineQuery":
            for result in params.parsed(given, "results") or []:
                queries.inline_content(result)
        if call["method"] == "answerCallbackQuery" and utf16_length(given.get("text", "")) > params.MAX_TOAST:
            return ["the note is too long"]
        params.keyboard_of(given)
    except Refused as error:
        return [f"{error.description}; {_told(call)}"]
    return []


def _received(call: Call) -> list[str]:
    """Checks what people see."""
    message = call.get("result")
    if not call["ok"] or not isinstance(message, dict) or "text" not in message:
        return []
    entities, length = message.get("entities") or [], utf16_length(message["text"])
    found = []
    if len(entities) > MAX_ENTITIES:
        found.append(f"{len(entities)} entities, of which Telegram shows {MAX_ENTITIES}")
    if any(each["offset"] + each["length"] > length for each in entities):
        found.append("an entity goes beyond the text")
    if not _nested(entities):
        found.append("entities cross each other")
    if raw := _RAW_MARKUP.search(message["text"]):
        found.append(f"people see the markup {raw[0]!r}")
    return [f"{each}; {_told(call)}" for each in found]


def _nested(entities: list[dict[str, Any]]) -> bool:
    open_ends: list[int] = []
    for start, end in sorted(((e["offset"], e["offset"] + e["length"]) for e in entities), key=lambda s: (s[0], -s[1])):
        while open_ends and open_ends[-1] <= start:
            open_ends.pop()
        if open_ends and end > open_ends[-1]:
            return False
        open_ends.append(end)
    return True


def _excused(call: Call, tolerated: tuple[str, ...]) -> bool:
    description = str(call.get("description", ""))
    if call["method"] == "setMyCommands" and "chat not found" in description:
        # A menu for somebody who never wrote to the bot: nobody can know that before.
        return True
    # The flood limits are there to be met; "not modified" says that nothing had to be done.
    return any(words in description for words in (*tolerated, "Too Many Requests", "message is not modified"))


def _told(call: Call) -> str:
    return str({name: str(value)[:200] for name, value in call["params"].items()})
