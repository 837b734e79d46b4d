"""Answers to pressed buttons and to inline queries."""

from __future__ import annotations

import re
import time
from typing import Any

from tests.telegram_server.markup import utf16_length
from tests.telegram_server.params import MAX_TOAST, Params, Refused, keyboard_of, parsed, text_of
from tests.telegram_server.state import BotState, Message

MAX_RESULTS = 50
_TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
_ARTICLE = {
    *("type", "id", "title", "input_message_content", "reply_markup", "url", "description"),
    *("thumbnail_url", "thumbnail_width", "thumbnail_height"),
}


def answer_callback_query(bot: BotState, params: Params) -> Any:
    if utf16_length(str(params.get("text", ""))) > MAX_TOAST:
        raise Refused("Bad Request: MESSAGE_TOO_LONG")
    with bot.changed:
        if params.get("callback_query_id") not in bot.open_callbacks:
            raise Refused(_TOO_OLD)
        bot.open_callbacks.discard(params["callback_query_id"])
    return True


def answer_inline_query(bot: BotState, params: Params) -> Any:
    results = parsed(params, "results") or []
    if len(results) > MAX_RESULTS:
        raise Refused("Bad Request: RESULTS_TOO_MUCH")
    ids = [str(result.get("id", "")) for result in results]
    if not all(1 <= len(each.encode()) <= 64 for each in ids):
        raise Refused("Bad Request: RESULT_ID_INVALID")
    if len(set(ids)) < len(ids):
        raise Refused("Bad Request: RESULT_ID_DUPLICATE")
    if len(str(params.get("next_offset", "")).encode()) > 64:
        raise Refused("Bad Request: NEXT_OFFSET_INVALID")
    _check_button(parsed(params, "button"))
    for result in results:
        inline_content(result)
    with bot.changed:
        if params.get("inline_query_id") not in bot.open_inline:
            raise Refused(_TOO_OLD)
        bot.open_inline.discard(params["inline_query_id"])
        bot.inline_results[params["inline_query_id"]] = results
    return True


def inline_content(result: dict[str, Any]) -> dict[str, Any]:
    """What is sent when a result is chosen: text, entities, keyboard. Raises: Refused."""
    if result.get("type") != "article" or result.keys() - _ARTICLE:
        raise Refused(f"Bad Request: this test server knows articles only, with {sorted(_ARTICLE)}")
    if not str(result.get("title", "")).strip():
        raise Refused("Bad Request: ARTICLE_TITLE_EMPTY")
    content = result.get("input_message_content")
    if not isinstance(content, dict) or "message_text" not in content:
        raise Refused("Bad Request: message text is empty")
    text, entities = text_of(content, "message_text")
    keyboard = keyboard_of(result)
    return {"text": text, "entities": entities, **({"reply_markup": keyboard} if keyboard else {})}


def choose_inline(bot: BotState, query_id: str, result_id: str, chat: dict[str, Any], user: dict[str, Any]) -> Message:
    """A user takes a result: the message that goes into the chat in their name, with the id to edit it by."""
    result = next(each for each in bot.inline_results[query_id] if each["id"] == result_id)
    inline_id = f"inline{bot.next_message_id()}"
    message = {
        "message_id": bot.next_message_id(),
        "from": user,
        "via_bot": bot.user(),
        "chat": chat,
        "date": int(time.time()),
        **inline_content(result),
    }
    bot.inline_messages[inline_id] = message
    return {**message, "inline_message_id": inline_id}


def _check_button(button: dict[str, Any] | None) -> None:
    if button is None:
        return
    if not button.get("text"):
        raise Refused("Bad Request: BUTTON_TEXT_EMPTY")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", button.get("start_parameter", "")):
        raise Refused("Bad Request: START_PARAM_INVALID")
