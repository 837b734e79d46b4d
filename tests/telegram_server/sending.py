"""Messages: sent, edited, deleted; files, chat actions."""

from __future__ import annotations

import time
from typing import Any

from tests.telegram_server.params import (
    MAX_CAPTION,
    Params,
    Refused,
    keyboard_of,
    number,
    parsed,
    text_of,
)
from tests.telegram_server.state import BotState, Message

ACTIONS = {"typing", "upload_photo", "upload_document", "choose_sticker", "find_location"}
MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
_NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


def chat_of(bot: BotState, params: Params) -> dict[str, Any]:
    """The chat that a call is about. Raises: Refused."""
    chat = bot.chats.get(number(params, "chat_id") or 0)
    if chat is None:
        raise Refused("Bad Request: chat not found")
    if chat["id"] in bot.blocked:
        reason = "bot was blocked by the user" if chat["id"] > 0 else "bot was kicked from the supergroup chat"
        raise Refused(f"Forbidden: {reason}", 403)
    return chat


def send_message(bot: BotState, params: Params) -> Any:
    text, entities = text_of(params)
    return _send(bot, params, {"text": text, "entities": entities})


def send_document(bot: BotState, params: Params) -> Any:
    return _send(bot, params, {"document": _file(bot, params, "document"), **_caption(params)})


def send_photo(bot: BotState, params: Params) -> Any:
    photo = _file(bot, params, "photo") | {"width": 800, "height": 600}
    return _send(bot, params, {"photo": [photo], **_caption(params)})


def edit_message_text(bot: BotState, params: Params) -> Any:
    text, entities = text_of(params)
    return _edit(bot, params, {"text": text, "entities": entities})


def edit_message_reply_markup(bot: BotState, params: Params) -> Any:
    return _edit(bot, params, {})


def delete_message(bot: BotState, params: Params) -> Any:
    chat = chat_of(bot, params)
    if bot.messages.pop((chat["id"], number(params, "message_id") or 0), None) is None:
        raise Refused("Bad Request: message to delete not found")
    return True


def send_chat_action(bot: BotState, params: Params) -> Any:
    chat = chat_of(bot, params)
    _thread(bot, chat, params)
    if params.get("action") not in ACTIONS:
        raise Refused("Bad Request: wrong parameter action in request")
    return True


def leave_chat(bot: BotState, params: Params) -> Any:
    chat = chat_of(bot, params)
    bot.blocked.add(chat["id"])
    return True


def get_chat(bot: BotState, params: Params) -> Any:
    return {**chat_of(bot, params), "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _NO_GIFTS}


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


_NO_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)


def _send(bot: BotState, params: Params, content: dict[str, Any]) -> Message:
    chat = chat_of(bot, params)
    thread, replied, keyboard = _thread(bot, chat, params), _replied(bot, chat, params), keyboard_of(params)
    bot.count_message(chat["id"])
    message: Message = {
        "message_id": bot.next_message_id(),
        "from": bot.user(),
        "chat": chat,
        "date": int(time.time()),
        **content,
    }
    if replied is not None:
        message["reply_to_message"] = {name: value for name, value in replied.items() if name != "reply_to_message"}
    if thread:
        message |= {"message_thread_id": thread, "is_topic_message": True}
    if keyboard:
        message["reply_markup"] = keyboard
    return bot.keep(message)


def _edit(bot: BotState, params: Params, content: dict[str, Any]) -> Any:
    keyboard = keyboard_of(params)
    if "inline_message_id" in params:
        return _edit_inline(bot, params, content, keyboard)
    chat = chat_of(bot, params)
    message = bot.messages.get((chat["id"], number(params, "message_id") or 0))
    if message is None:
        raise Refused("Bad Request: message to edit not found")
    if message["from"]["id"] != bot.user()["id"]:
        raise Refused("Bad Request: message can't be edited")
    if "text" in content and "text" not in message:
        raise Refused("Bad Request: there is no text in the message to edit")
    changed = _changed(message, content, keyboard)
    bot.count_message(chat["id"])
    return bot.keep(changed | {"edit_date": int(time.time())})


def _edit_inline(bot: BotState, params: Params, content: dict[str, Any], keyboard: dict[str, Any] | None) -> bool:
    message = bot.inline_messages.get(params["inline_message_id"])
    if message is None:
        raise Refused("Bad Request: MESSAGE_ID_INVALID")
    bot.inline_messages[params["inline_message_id"]] = _changed(message, content, keyboard)
    return True


def _changed(message: Message, content: dict[str, Any], keyboard: dict[str, Any] | None) -> Message:
    changed = {**message, **content}
    changed.pop("reply_markup", None)
    changed |= {"reply_markup": keyboard} if keyboard else {}
    if all(changed.get(name) == message.get(name) for name in ("text", "entities", "reply_markup")):
        raise Refused(_NOT_MODIFIED)
    return changed


def _thread(bot: BotState, chat: dict[str, Any], params: Params) -> int | None:
    thread = number(params, "message_thread_id")
    if thread and thread not in bot.topics.get(chat["id"], ()):
        raise Refused("Bad Request: message thread not found")
    return thread


def _replied(bot: BotState, chat: dict[str, Any], params: Params) -> Message | None:
    reply = parsed(params, "reply_parameters")
    if reply is None:
        return None
    replied = bot.messages.get((chat["id"], reply["message_id"]))
    if replied is None and not reply.get("allow_sending_without_reply"):
        raise Refused("Bad Request: message to be replied not found")
    return replied


def _caption(params: Params) -> dict[str, Any]:
    caption, entities = text_of(params, "caption", entities="caption_entities", longest=MAX_CAPTION)
    return {"caption": caption, "caption_entities": entities} if caption else {}


def _file(bot: BotState, params: Params, name: str) -> dict[str, Any]:
    given = params.get(name)
    if isinstance(given, str) and given.startswith("attach://"):
        given = params.get(given.removeprefix("attach://"))
    if isinstance(given, str) and given in bot.files:
        return {"file_id": given, "file_unique_id": f"u{given}", "file_size": len(bot.files[given])}
    if not isinstance(given, tuple):
        raise Refused(f"Bad Request: there is no {name} in the request")
    file_name, content = given
    if not content:
        raise Refused("Bad Request: file must be non-empty")
    if len(content) > MAX_UPLOAD_BYTES:
        raise Refused("Request Entity Too Large", 413)
    file_id = f"sent{bot.next_message_id()}"
    bot.files[file_id] = content
    return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(content), "file_name": file_name}


def shown(params: Params) -> Params:
    """The parameters as tests see them: of a file its name and size."""
    return {
        name: {"file_name": value[0], "size": len(value[1])} if isinstance(value, tuple) else value
        for name, value in params.items()
    }
