"""Reading what a bot sends: numbers, JSON, chats, texts with their entities, keyboards; refused as Telegram refuses."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from tests.telegram_server.markup import MarkupError, parse_html, trim, utf16_length

Params = dict[str, Any]
Entities = list[dict[str, Any]]
MAX_TEXT, MAX_CAPTION = 4096, 1024
MAX_BUTTONS, MAX_CALLBACK_BYTES, MAX_TOAST = 100, 64, 200
_MAX_SWITCH_QUERY = 256
# What a button does: exactly one of them is given.
_BUTTON_KINDS = ("callback_data", "url", "switch_inline_query", "switch_inline_query_current_chat", "copy_text")


class Refused(Exception):
    """The request is refused with this status and description."""

    def __init__(self, description: str, status: int = 400, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.description = description
        self.status = status
        self.retry_after = retry_after


def number(params: Params, name: str) -> int | None:
    """A whole number, None where it is not given."""
    if name not in params:
        return None
    try:
        return int(params[name])
    except (TypeError, ValueError):
        raise Refused(f"Bad Request: parameter {name} must be a number") from None


def flag(params: Params, name: str) -> bool:
    """Whether something is switched on."""
    return str(params.get(name, "")).lower() in {"true", "1"}


def parsed(params: Params, name: str) -> Any:
    """An object or a list, given as JSON; None where it is not given."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise Refused(f"Bad Request: can't parse {name} JSON object") from None


def text_of(
    params: Params, name: str = "text", *, entities: str = "entities", longest: int = MAX_TEXT
) -> tuple[str, Entities]:
    """The text without its markup, and its entities. Raises: Refused: malformed, empty or too long."""
    text, found = str(params.get(name, "")), parsed(params, entities) or []
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused("Bad Request: strings must be encoded in UTF-8") from None
    if params.get("parse_mode") == "HTML":
        try:
            text, found = parse_html(text)
        except MarkupError as error:
            raise Refused(f"Bad Request: can't parse entities: {error}") from None
    elif params.get("parse_mode"):
        raise Refused("Bad Request: unsupported parse_mode")
    _check_bounds(text, found)
    text, found = trim(text, found)
    if not text and longest == MAX_TEXT:
        raise Refused("Bad Request: message text is empty")
    if utf16_length(text) > longest:
        too_long = "message is too long" if longest == MAX_TEXT else "message caption is too long"
        raise Refused(f"Bad Request: {too_long}")
    return text, found


def keyboard_of(params: Params) -> dict[str, Any] | None:
    """The inline keyboard, None where there is none. Raises: Refused."""
    markup = parsed(params, "reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict) or markup.keys() != {"inline_keyboard"}:
        raise Refused("Bad Request: this test server knows inline keyboards only")
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    if len(buttons) > MAX_BUTTONS:
        raise Refused("Bad Request: REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        _check_button(button)
    kept = [row for row in markup["inline_keyboard"] if row]
    return {"inline_keyboard": kept} if kept else None


def _check_button(button: dict[str, Any]) -> None:
    if not str(button.get("text", "")).strip():
        raise Refused("Bad Request: text buttons are unallowed in the inline keyboard")
    kinds = [kind for kind in _BUTTON_KINDS if kind in button]
    if len(kinds) != 1 or button.keys() - {"text", *_BUTTON_KINDS}:
        raise Refused("Bad Request: BUTTON_TYPE_INVALID")
    value = button[kinds[0]]
    if kinds[0] == "callback_data" and not 1 <= len(value.encode()) <= MAX_CALLBACK_BYTES:
        raise Refused("Bad Request: BUTTON_DATA_INVALID")
    if kinds[0] == "url" and not is_link(value):
        raise Refused(f"Bad Request: inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    if kinds[0].startswith("switch") and len(value) > _MAX_SWITCH_QUERY:
        raise Refused("Bad Request: BUTTON_DATA_INVALID")


def is_link(url: str) -> bool:
    """Whether Telegram would make a link of it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if re.search(r"\s", url) or parts.scheme not in {"http", "https", "tg"}:
        return False
    # Telegram takes no host without a dot, but for localhost.
    return parts.scheme == "tg" or "." in (parts.hostname or "") or parts.hostname == "localhost"


def _check_bounds(text: str, entities: Entities) -> None:
    length = utf16_length(text)
    for entity in entities:
        if entity["offset"] < 0 or entity["length"] <= 0 or entity["offset"] + entity["length"] > length:
            raise Refused("Bad Request: ENTITY_BOUNDS_INVALID")
