"""Over HTTP: faults, files, inline queries, presses, as the bot and as the tests see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.telegram_server.client import TelegramServer, buttons, running_server

TOKEN, USER, GROUP = "1:token", 7, -100


@pytest.fixture(scope="module")
def started() -> Iterator[TelegramServer]:
    with running_server(TOKEN) as server:
        yield server


@pytest.fixture
def server(started: TelegramServer) -> Iterator[TelegramServer]:
    started.say("你好", user=USER)
    yield started
    started.mend()
    started.limit_floods(None)


def ask(server: TelegramServer, method: str, **params: Any) -> httpx.Response:
    return httpx.post(f"{server.base_url}{TOKEN}/{method}", data=params, trust_env=False, timeout=30)


def send(server: TelegramServer, text: str, **params: Any) -> Any:
    return ask(server, "sendMessage", chat_id=USER, text=text, **params).json()


def test_an_error_leaves_nothing_behind_and_says_when_to_come_again(server: TelegramServer) -> None:
    server.fail("sendMessage", status=429, description="Too Many Requests: retry after 3", retry_after=3)
    refused = ask(server, "sendMessage", chat_id=USER, text="一")
    assert (refused.status_code, refused.json()["parameters"]) == (429, {"retry_after": 3})
    assert send(server, "二")["ok"]
    assert [call["ok"] for call in server.calls("sendMessage")[-2:]] == [False, True]


@pytest.mark.parametrize(("kind", "done"), [("lost", True), ("reset", False)])
def test_connections_end_without_an_answer(server: TelegramServer, kind: str, done: bool) -> None:
    server.fail("*", kind=kind, chat_id=USER)
    with pytest.raises(httpx.TransportError):
        send(server, "三")
    call = server.calls("sendMessage")[-1]
    assert (call["ok"], call["fault"]) == (done, kind)


def test_faults_may_be_for_one_chat(server: TelegramServer) -> None:
    server.fail("sendMessage", status=502, description="Bad Gateway", chat_id=USER + 1)
    assert send(server, "四")["ok"]
    server.say("你好", user=USER + 1)
    assert ask(server, "sendMessage", chat_id=USER + 1, text="五").status_code == 502


def test_flood_limits_can_be_switched_on(server: TelegramServer) -> None:
    server.limit_floods({})
    assert [send(server, "六")["ok"] for _ in range(2)] == [True, False]
    assert server.flood_refusals() == 1


def test_files_go_both_ways(server: TelegramServer) -> None:
    album = server.send_album([("甲.txt", "甲".encode()), ("乙.txt", b"")], user=USER)
    assert len({message["media_group_id"] for message in album}) == 1
    path = ask(server, "getFile", file_id=album[0]["document"]["file_id"]).json()["result"]["file_path"]
    root = server.base_url.removesuffix("/bot")
    assert httpx.get(f"{root}/file/bot{TOKEN}/{path}", trust_env=False).content == "甲".encode()
    assert ask(server, "getFile", file_id="none").json()["description"] == "Bad Request: invalid file_id"
    sent = httpx.post(
        f"{server.base_url}{TOKEN}/sendDocument",
        data={"chat_id": USER, "caption": "<b>表</b>", "parse_mode": "HTML", "document": "attach://file0"},
        files={"file0": ("表.csv", "年,值\n".encode())},
        trust_env=False,
    ).json()["result"]
    assert (sent["document"]["file_name"], sent["document"]["file_size"], sent["caption"]) == ("表.csv", 8, "表")


def test_a_press_carries_the_message_as_it_stands(server: TelegramServer) -> None:
    keyboard = '{"inline_keyboard": [[{"text": "第一页", "callback_data": "n:1"}]]}'
    sent = send(server, "旧", reply_markup=keyboard)["result"]
    ask(server, "editMessageText", chat_id=USER, message_id=sent["message_id"], text="新", reply_markup=keyboard)
    server.press(sent, "第一页", user=USER)
    update = ask(server, "getUpdates", offset=-1).json()["result"][0]
    assert update["callback_query"]["message"]["text"] == "新"
    assert ask(server, "answerCallbackQuery", callback_query_id=update["callback_query"]["id"]).json()["ok"]


def test_inline_results_are_checked_chosen_and_edited(server: TelegramServer) -> None:
    query = server.inline("凉瓜", user=USER)
    article = {
        "type": "article",
        "id": "1",
        "title": "产值",
        "input_message_content": {"message_text": "<b>1.3亿元</b>", "parse_mode": "HTML"},
        "reply_markup": {"inline_keyboard": [[{"text": "出处", "callback_data": "p:1"}]]},
    }

    def answer(*results: dict[str, Any]) -> Any:
        import json

        return ask(server, "answerInlineQuery", inline_query_id=query, results=json.dumps(results)).json()

    assert answer(article, article)["description"] == "Bad Request: RESULT_ID_DUPLICATE"
    assert (
        "can't parse"
        in answer({**article, "input_message_content": {"message_text": "<b>", "parse_mode": "HTML"}})["description"]
    )
    assert answer(article)["ok"]
    assert "too old" in answer(article)["description"]
    message = server.choose(query, "1", user=USER, chat=GROUP)
    assert (message["text"], message["via_bot"]["is_bot"], buttons(message)[0]["text"]) == ("1.3亿元", True, "出处")
    server.press(message, "出处", user=USER)
    update = ask(server, "getUpdates", offset=-1).json()["result"][0]
    assert "message" not in update["callback_query"]
    inline_id = update["callback_query"]["inline_message_id"]
    assert (
        ask(server, "editMessageText", inline_message_id=inline_id, text="1.3亿元，详见出处").json()["result"] is True
    )


def test_queries_that_waited_too_long_cannot_be_answered(server: TelegramServer) -> None:
    callback = server.press_data(server.say("甲", user=USER), "x", user=USER)
    server.expire_queries()
    assert "too old" in ask(server, "answerCallbackQuery", callback_query_id=callback).json()["description"]


def test_topics_replies_and_groups_are_as_people_made_them(server: TelegramServer) -> None:
    asked = server.say("@yiju_test_bot 产值？", user=USER, chat=GROUP, message_thread_id=5, is_topic_message=True)
    reply = f'{{"message_id": {asked["message_id"]}}}'
    sent = ask(server, "sendMessage", chat_id=GROUP, text="好", message_thread_id=5, reply_parameters=reply).json()
    assert sent["result"]["reply_to_message"]["message_id"] == asked["message_id"]
    assert "thread not found" in ask(server, "sendMessage", chat_id=GROUP, text="好", message_thread_id=6).text
    gone = '{"message_id": 999999}'
    assert "replied not found" in ask(server, "sendMessage", chat_id=GROUP, text="好", reply_parameters=gone).text
    server.block(GROUP)
    assert "kicked" in ask(server, "sendMessage", chat_id=GROUP, text="好").text
    server.block(GROUP, blocked=False)


def test_menus_are_kept_by_scope_and_language(server: TelegramServer) -> None:
    menu = '[{"command": "ask", "description": "提问"}]'
    scope = '{"type": "all_private_chats"}'
    assert ask(server, "setMyCommands", commands=menu, scope=scope, language_code="zh").json()["ok"]
    assert ask(server, "getMyCommands", scope=scope, language_code="zh").json()["result"][0]["command"] == "ask"
    assert ask(server, "getMyCommands").json()["result"] == []
    for refused in ({"scope": '{"type": "town"}'}, {"scope": '{"type": "chat"}'}, {"language_code": "zh-Hans"}):
        assert not ask(server, "setMyCommands", commands=menu, **refused).json()["ok"]
