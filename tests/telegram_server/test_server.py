"""The test server refuses what the Bot API documentation says is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.telegram_server.markup import MarkupError, entity_text, parse_html
from tests.telegram_server.methods import Refused, call
from tests.telegram_server.state import BotState

USER = 7


@pytest.fixture
def bot() -> BotState:
    state = BotState("1:token")
    chat = {"id": USER, "type": "private"}
    state.push({"message": {"message_id": 1, "chat": chat, "from": {"id": USER}, "text": "你好"}})
    return state


def send(bot: BotState, **params: Any) -> Any:
    return call(bot, "sendMessage", {"chat_id": str(USER), **params})


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b>粗", "Can't find end tag"),
        ("粗</b>", "Unexpected end tag"),
        ("<b><i>粗</b></i>", "Unmatched end tag"),
        ("<p>段</p>", "Unsupported start tag"),
        ("1 < 2", 'Unsupported start tag ""'),
        ("1 <2", "Unclosed start tag"),
        ("<b>粗</b", "Unclosed end tag"),
        ("<a href>链</a>", "Expected equal sign"),
        ("<span>暗</span>", "must have class"),
        ("<blockquote><blockquote>引</blockquote></blockquote>", "Nested blockquote"),
        ("<script>x</script>", "Unsupported start tag"),
    ],
)
def test_malformed_html_is_refused(bot: BotState, source: str, reason: str) -> None:
    with pytest.raises(MarkupError, match=reason):
        parse_html(source)
    with pytest.raises(Refused, match="can't parse entities"):
        send(bot, text=source, parse_mode="HTML")


def test_entities_are_counted_in_utf16() -> None:
    text, entities = parse_html('😀<b>粗 &amp; <a href="https://a.cn/?b=1&amp;c=2">链</a></b> &lt;x&gt; &#x27; &nbsp;')
    assert text == "😀粗 & 链 <x> ' &nbsp;"
    assert [(each["offset"], entity_text(text, each)) for each in entities] == [(6, "链"), (2, "粗 & 链")]
    assert entities[0]["url"] == "https://a.cn/?b=1&c=2"


def test_length_is_checked_after_markup_and_trimming(bot: BotState) -> None:
    assert send(bot, text=f"<b>{'长' * 4096}</b>\n\n", parse_mode="HTML")["entities"][0]["length"] == 4096
    for text, reason in (("长" * 4097, "too long"), ("😀" * 2049, "too long"), (" \n ", "empty"), ("<b></b>", "empty")):
        with pytest.raises(Refused, match=reason):
            send(bot, text=text, parse_mode="HTML")


@pytest.mark.parametrize(("data", "fits"), [("x" * 64, True), ("x" * 65, False), ("字" * 22, False), ("", False)])
def test_button_data_is_limited(bot: BotState, data: str, fits: bool) -> None:
    markup = json.dumps({"inline_keyboard": [[{"text": "按", "callback_data": data}]]})
    if fits:
        assert send(bot, text="好", reply_markup=markup)["reply_markup"]
    else:
        with pytest.raises(Refused, match="BUTTON_DATA_INVALID"):
            send(bot, text="好", reply_markup=markup)


def test_only_known_chats_and_own_messages_can_be_written_to(bot: BotState) -> None:
    with pytest.raises(Refused, match="chat not found"):
        call(bot, "sendMessage", {"chat_id": "8", "text": "好"})
    with pytest.raises(Refused, match="can't be edited"):
        call(bot, "editMessageText", {"chat_id": USER, "message_id": 1, "text": "改"})
    sent = send(bot, text="好")
    edit = {"chat_id": USER, "message_id": sent["message_id"], "text": "改"}
    assert call(bot, "editMessageText", edit)["text"] == "改"
    with pytest.raises(Refused, match="not modified"):
        call(bot, "editMessageText", edit)
    with pytest.raises(Refused, match="knows no parameter"):
        send(bot, text="好", disable_web_page_preview="true")


def test_a_callback_is_answered_once(bot: BotState) -> None:
    message = send(bot, text="好")
    bot.push({"callback_query": {"id": "c1", "from": {"id": USER}, "message": message, "data": "x"}})
    assert call(bot, "answerCallbackQuery", {"callback_query_id": "c1"})
    with pytest.raises(Refused, match="query is too old"):
        call(bot, "answerCallbackQuery", {"callback_query_id": "c1"})
