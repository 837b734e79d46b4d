"""The Bot API's methods that the bot uses, each with the parameters that it may give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.telegram_server import profile, queries, sending
from tests.telegram_server.params import Params, Refused
from tests.telegram_server.state import BotState

__all__ = ["METHODS", "Refused", "call"]

_TO = {"chat_id", "message_thread_id", "reply_parameters", "reply_markup", "disable_notification", "protect_content"}
_CAPTION = {"caption", "parse_mode", "caption_entities"}
_EDITED = {"chat_id", "message_id", "inline_message_id", "reply_markup"}

METHODS: dict[str, tuple[Callable[[BotState, Params], Any], set[str]]] = {
    "getMe": (profile.get_me, set()),
    "getUpdates": (profile.get_updates, {"offset", "limit", "timeout", "allowed_updates"}),
    "setWebhook": (
        profile.set_webhook,
        {"url", "secret_token", "max_connections", "allowed_updates", "drop_pending_updates", "ip_address"},
    ),
    "deleteWebhook": (profile.delete_webhook, {"drop_pending_updates"}),
    "getWebhookInfo": (profile.get_webhook_info, set()),
    "setMyCommands": (profile.set_my_commands, {"commands", "scope", "language_code"}),
    "getMyCommands": (profile.get_my_commands, {"scope", "language_code"}),
    "deleteMyCommands": (profile.delete_my_commands, {"scope", "language_code"}),
    "setMyDescription": (profile.set_my_description, {"description", "language_code"}),
    "setMyShortDescription": (profile.set_my_short_description, {"short_description", "language_code"}),
    "sendMessage": (sending.send_message, {*_TO, "text", "parse_mode", "entities", "link_preview_options"}),
    "sendDocument": (sending.send_document, {*_TO, *_CAPTION, "document", "disable_content_type_detection"}),
    "sendPhoto": (sending.send_photo, {*_TO, *_CAPTION, "photo"}),
    "editMessageText": (
        sending.edit_message_text,
        {*_EDITED, "text", "parse_mode", "entities", "link_preview_options"},
    ),
    "editMessageReplyMarkup": (sending.edit_message_reply_markup, _EDITED),
    "deleteMessage": (sending.delete_message, {"chat_id", "message_id"}),
    "sendChatAction": (sending.send_chat_action, {"chat_id", "action", "message_thread_id"}),
    "getChat": (sending.get_chat, {"chat_id"}),
    "leaveChat": (sending.leave_chat, {"chat_id"}),
    "getFile": (sending.get_file, {"file_id"}),
    "answerCallbackQuery": (queries.answer_callback_query, {"callback_query_id", "text", "show_alert", "cache_time"}),
    "answerInlineQuery": (
        queries.answer_inline_query,
        {"inline_query_id", "results", "cache_time", "is_personal", "next_offset", "button"},
    ),
}


def call(bot: BotState, method: str, params: Params) -> Any:
    """The result of a method. Raises: Refused."""
    if method not in METHODS:
        raise Refused("Not Found", 404)
    function, allowed = METHODS[method]
    unknown = {name for name, value in params.items() if not isinstance(value, tuple)} - allowed
    if unknown:
        raise Refused(f"Bad Request: this test server knows no parameter {sorted(unknown)} of {method}")
    return function(bot, params)
