"""The Bot API's methods that the bot uses, on a state in memory, with Telegram's checks and words for errors."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from tests.telegram_server.markup import MarkupError, parse_html, trim, utf16_length
from tests.telegram_server.state import BotState

Params = dict[str, Any]
MAX_TEXT = 4096
MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
ACTIONS = {"typing", "upload_photo", "upload_document", "choose_sticker", "find_location"}


class Refused(Exception):
    """The request is refused with this status and description."""

    def __init__(self, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.description = description
        self.status = status


def get_me(bot: BotState, _: Params) -> Any:
    return bot.user()


def get_updates(bot: BotState, params: Params) -> Any:
    offset, timeout = _number(params, "offset") or 0, _number(params, "timeout") or 0
    found = bot.poll(offset, timeout, limit=_number(params, "limit") or 100)
    if found is None:
        raise Refused(
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", 409
        )
    return found


def delete_webhook(_: BotState, __: Params) -> Any:
    return True


def send_message(bot: BotState, params: Params) -> Any:
    chat = _chat(bot, params)
    text, entities = _text(params)
    reply = _json(params, "reply_parameters")
    replied = bot.messages.get((chat["id"], reply["message_id"])) if reply else None
    if reply and replied is None and not reply.get("allow_sending_without_reply"):
        raise Refused("Bad Request: message to be replied not found")
    message: dict[str, Any] = {
        "message_id": bot.next_message_id(),
        "from": bot.user(),
        "chat": chat,
        "date": int(time.time()),
        "text": text,
        "entities": entities,
    }
    if replied is not None:
        message["reply_to_message"] = {key: replied[key] for key in ("message_id", "chat", "date")}
    if thread := _number(params, "message_thread_id"):
        message |= {"message_thread_id": thread, "is_topic_message": True}
    if markup := _markup(params):
        message["reply_markup"] = markup
    bot.messages[chat["id"], message["message_id"]] = message
    return message


def edit_message_text(bot: BotState, params: Params) -> Any:
    chat = _chat(bot, params)
    message = bot.messages.get((chat["id"], _number(params, "message_id") or 0))
    if message is None:
        raise Refused("Bad Request: message to edit not found")
    if message["from"]["id"] != bot.user()["id"]:
        raise Refused("Bad Request: message can't be edited")
    text, entities = _text(params)
    markup = _markup(params)
    if (text, entities, markup) == (message["text"], message["entities"], message.get("reply_markup")):
        raise Refused(
            "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
            "same as a current content and reply markup of the message"
        )
    changed = {**message, "text": text, "entities": entities, "edit_date": int(time.time())}
    changed.pop("reply_markup", None)
    bot.messages[chat["id"], message["message_id"]] = changed | ({"reply_markup": markup} if markup else {})
    return bot.messages[chat["id"], message["message_id"]]


def edit_message_reply_markup(bot: BotState, params: Params) -> Any:
    chat = _chat(bot, params)
    message = bot.messages.get((chat["id"], _number(params, "message_id") or 0))
    if message is None:
        raise Refused("Bad Request: message to edit not found")
    if message["from"]["id"] != bot.user()["id"]:
        raise Refused("Bad Request: message can't be edited")
    markup = _markup(params)
    if markup == message.get("reply_markup"):
        raise Refused(
            "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
            "same as a current content and reply markup of the message"
        )
    changed = {key: value for key, value in message.items() if key != "reply_markup"}
    bot.messages[chat["id"], message["message_id"]] = changed | ({"reply_markup": markup} if markup else {})
    return bot.messages[chat["id"], message["message_id"]]


def answer_callback_query(bot: BotState, params: Params) -> Any:
    if len(params.get("text", "")) > 200:
        raise Refused("Bad Request: MESSAGE_TOO_LONG")
    if params.get("callback_query_id") not in bot.open_callbacks:
        raise Refused("Bad Request: query is too old and response timeout expired or query ID is invalid")
    bot.open_callbacks.discard(params["callback_query_id"])
    return True


def send_chat_action(bot: BotState, params: Params) -> Any:
    _chat(bot, params)
    if params.get("action") not in ACTIONS:
        raise Refused("Bad Request: wrong parameter action in request")
    return True


def set_my_commands(bot: BotState, params: Params) -> Any:
    commands = _json(params, "commands") or []
    if len(commands) > 100:
        raise Refused("Bad Request: BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise Refused("Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise Refused("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
    scope = _json(params, "scope") or {"type": "default"}
    if scope["type"] == "chat" and scope["chat_id"] not in bot.chats:
        raise Refused("Bad Request: chat not found")
    return True


def get_file(bot: BotState, params: Params) -> Any:
    stored = bot.files.get(params.get("file_id", ""))
    if stored is None:
        raise Refused("Bad Request: invalid file_id")
    if len(stored) > MAX_DOWNLOAD_BYTES:
        raise Refused("Bad Request: file is too big")
    file_id = params["file_id"]
    return {
        "file_id": file_id,
        "file_unique_id": f"u{file_id}",
        "file_size": len(stored),
        "file_path": f"documents/{file_id}",
    }


# Each method with the parameters that the bot may give.
METHODS = {
    "getMe": (get_me, set[str]()),
    "getUpdates": (get_updates, {"offset", "limit", "timeout", "allowed_updates"}),
    "deleteWebhook": (delete_webhook, {"drop_pending_updates"}),
    "sendMessage": (
        send_message,
        {
            *("chat_id", "text", "parse_mode", "entities", "reply_markup", "reply_parameters"),
            *("message_thread_id", "link_preview_options", "disable_notification", "protect_content"),
        },
    ),
    "editMessageText": (
        edit_message_text,
        {"chat_id", "message_id", "text", "parse_mode", "entities", "reply_markup", "link_preview_options"},
    ),
    "editMessageReplyMarkup": (edit_message_reply_markup, {"chat_id", "message_id", "reply_markup"}),
    "answerCallbackQuery": (answer_callback_query, {"callback_query_id", "text", "show_alert", "cache_time"}),
    "sendChatAction": (send_chat_action, {"chat_id", "action", "message_thread_id"}),
    "setMyCommands": (set_my_commands, {"commands", "scope", "language_code"}),
    "getFile": (get_file, {"file_id"}),
}


def call(bot: BotState, method: str, params: Params) -> Any:
    """The result of a method. Raises: Refused."""
    if method not in METHODS:
        raise Refused("Not Found", 404)
    function, allowed = METHODS[method]
    if unknown := params.keys() - allowed:
        raise Refused(f"Bad Request: this test server knows no parameter {sorted(unknown)} of {method}")
    return function(bot, params)


def _number(params: Params, name: str) -> int | None:
    return int(params[name]) if name in params else None


def _json(params: Params, name: str) -> Any:
    value = params.get(name)
    return json.loads(value) if isinstance(value, str) else value


def _chat(bot: BotState, params: Params) -> dict[str, Any]:
    chat = bot.chats.get(_number(params, "chat_id") or 0)
    if chat is None:
        raise Refused("Bad Request: chat not found")
    if chat["id"] in bot.blocked:
        raise Refused("Forbidden: bot was blocked by the user", 403)
    return chat


def _text(params: Params) -> tuple[str, list[dict[str, Any]]]:
    text, entities = str(params.get("text", "")), list[dict[str, Any]]()
    if params.get("parse_mode") == "HTML":
        try:
            text, entities = parse_html(text)
        except MarkupError as error:
            raise Refused(f"Bad Request: can't parse entities: {error}") from None
    elif "parse_mode" in params:
        raise Refused("Bad Request: unsupported parse_mode")
    text, entities = trim(text, entities)
    if not text:
        raise Refused("Bad Request: message text is empty")
    if utf16_length(text) > MAX_TEXT:
        raise Refused("Bad Request: message is too long")
    return text, entities


def _markup(params: Params) -> dict[str, Any] | None:
    markup = _json(params, "reply_markup")
    for button in [button for row in (markup or {}).get("inline_keyboard", []) for button in row]:
        if not button.get("text", "").strip():
            raise Refused("Bad Request: text buttons are unallowed in the inline keyboard")
        if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
            raise Refused("Bad Request: BUTTON_DATA_INVALID")
    return markup if isinstance(markup, dict) else None
