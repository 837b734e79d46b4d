"""The channel against a Bot API server: who is answered, with what, in which words."""

from __future__ import annotations

from typing import Any

from bot.channels.telegram.requests import Access
from tests.bot.channels.telegram.fakes import QUOTE, answered, not_found
from tests.bot.channels.telegram.world import GROUP, OTHER_GROUP, STRANGER, USER, World
from tests.telegram_server.client import buttons
from tests.telegram_server.markup import entity_text


def words(message: dict[str, Any], kind: str) -> list[str]:
    return [entity_text(message["text"], entity) for entity in message["entities"] if entity["type"] == kind]


def test_a_question_gets_its_answer_with_sources_and_buttons(live: World) -> None:
    live.server.say("青石镇苦瓜产值多少？", user=USER)
    message = live.server.expect_message(chat=USER)
    assert message["text"].startswith("超3000万元 [1]\n\n" + QUOTE)
    assert words(message, "bold") == ["超3000万元", "超3000万元"]
    assert [button["text"] for button in buttons(message)] == ["[1] 青石镇苦瓜丰收", "👍", "👎"]
    assert "reply_to_message" not in message
    question, owner, conversation_id = live.service.asked[0]
    assert (question, owner) == ("青石镇苦瓜产值多少？", f"telegram:{USER}")
    assert conversation_id


def test_link_previews_are_off(live: World) -> None:
    live.server.say("产值？", user=USER)
    call = live.server.expect("sendMessage")
    assert call["params"]["link_preview_options"] == '{"is_disabled": true}'


def test_typing_is_shown_and_kept_alive_while_answering(live: World) -> None:
    live.service.gate.clear()
    live.server.say("产值？", user=USER)
    for _ in range(3):
        assert live.server.expect("sendChatAction")["params"]["action"] == "typing"
    live.service.gate.set()
    live.server.expect_message("超3000万元")


def test_a_source_button_shows_the_passage_also_after_a_restart(world: World) -> None:
    with world.running():
        world.server.say("产值？", user=USER)
        message = world.server.expect_message("超3000万元")
    with world.running():
        callback = world.server.press(message, "[1]", user=USER)
        assert world.server.expect("answerCallbackQuery")["params"]["callback_query_id"] == callback
        shown = world.server.expect_message("特色农业", chat=USER)
        assert words(shown, "bold") == ["《青石镇苦瓜丰收》", QUOTE]


def test_feedback_is_kept_under_the_chat(live: World) -> None:
    live.server.say("产值？", user=USER)
    message = live.server.expect_message()
    live.server.press(message, "👍", user=USER)
    assert "谢谢" in live.server.expect("answerCallbackQuery")["params"]["text"]
    live.server.press(message, "👎", user=USER)
    live.server.expect("answerCallbackQuery")
    assert live.service.ratings == [("a" * 32, f"telegram:{USER}", rating) for rating in ("up", "down")]


def test_not_found_offers_documents(live: World) -> None:
    live.service.answers["镇长是谁？"] = not_found()
    live.server.say("镇长是谁？", user=USER)
    assert "最接近的资料" in live.server.expect_message("没有找到")["text"]


def test_a_long_answer_comes_in_pieces_with_the_buttons_below_the_last(live: World) -> None:
    text = "超3000万元 [1]\n" + "\n\n".join("全镇工作<稳步>推进&提升。" * 150 for _ in range(5))
    live.service.answers["长？"] = answered(text=text)
    live.server.say("长？", user=USER)
    last = live.server.expect_message("出处")
    calls = live.server.calls("sendMessage")
    assert len(calls) > 1
    assert all(call["ok"] for call in calls)
    assert [bool(buttons(call["result"])) for call in calls] == [False] * (len(calls) - 1) + [True]
    assert buttons(last)


def test_messages_of_one_chat_are_served_in_order(live: World) -> None:
    live.service.gate.clear()
    live.server.say("第一问", user=USER)
    live.server.say("/new", user=USER)
    live.server.say("第二问", user=USER)
    live.server.expect("sendChatAction")
    live.service.gate.set()
    live.server.expect_message("超3000万元")
    live.server.expect_message("已经忘掉")
    live.server.expect_message("超3000万元")
    first, second = (conversation for _, _, conversation in live.service.asked)
    assert first != second


def test_conversation_goes_on_until_new_also_after_a_restart(world: World) -> None:
    for _ in range(2):
        with world.running():
            world.server.say("产值？", user=USER)
            world.server.expect_message("超3000万元")
    with world.running():
        world.server.say("/new", user=USER)
        world.server.say("面积？", user=USER)
        world.server.expect_message("超3000万元")
    conversations = [conversation for _, _, conversation in world.service.asked]
    assert conversations[0] == conversations[1] != conversations[2]


def test_a_stranger_learns_the_id_and_is_not_answered(live: World) -> None:
    for text in ("/start", "产值？", "/reindex"):
        live.server.say(text, user=STRANGER)
        assert f"{STRANGER}" in live.server.expect_message("没有使用权限", chat=STRANGER)["text"]
    assert live.service.asked == []
    assert live.admin.started == []


def test_open_access_answers_strangers_but_makes_nobody_an_admin(world: World) -> None:
    with world.running(access=Access(open_to_all=True)):
        world.server.say("产值？", user=STRANGER)
        world.server.expect_message("超3000万元", chat=STRANGER)
        world.server.say("/reindex", user=STRANGER)
        world.server.expect_message("只有管理员", chat=STRANGER)
    assert world.admin.started == []


def test_a_strangers_button_shows_nothing(live: World) -> None:
    live.server.say("产值？", user=USER)
    message = live.server.expect_message("超3000万元")
    live.server.press({**message, "chat": {"id": STRANGER, "type": "private"}}, "[1]", user=STRANGER)
    assert "text" not in live.server.expect("answerCallbackQuery")["params"]
    assert len(live.server.calls("sendMessage")) == 1


def test_in_a_group_only_commands_mentions_and_replies_are_for_the_bot(live: World) -> None:
    live.server.say("大家早上好", user=USER, chat=GROUP)
    live.server.say("@someone_else 产值多少？", user=USER, chat=GROUP)
    live.server.say("/new@another_bot", user=USER, chat=GROUP)
    asked = live.server.say("@yiju_test_bot 产值多少？", user=USER, chat=GROUP)
    message = live.server.expect_message("超3000万元", chat=GROUP)
    assert message["reply_to_message"]["message_id"] == asked["message_id"]
    live.server.say("那面积呢？", user=USER, chat=GROUP, reply_to_message=message)
    live.server.expect_message("超3000万元", chat=GROUP)
    live.server.say("/ask@yiju_test_bot 产量呢？", user=USER, chat=GROUP)
    live.server.expect_message("超3000万元", chat=GROUP)
    assert [question for question, _, _ in live.service.asked] == ["产值多少？", "那面积呢？", "产量呢？"]
    assert {owner for _, owner, _ in live.service.asked} == {f"telegram:{GROUP}"}
    assert len(live.server.calls("sendMessage")) == 3


def test_a_group_that_is_not_allowed_is_told_its_id_on_start_only(live: World) -> None:
    live.server.say("@yiju_test_bot 产值多少？", user=STRANGER, chat=OTHER_GROUP)
    live.server.say("/start", user=STRANGER, chat=OTHER_GROUP)
    assert f"{OTHER_GROUP}" in live.server.expect_message("没有使用权限", chat=OTHER_GROUP)["text"]
    assert [call["params"]["chat_id"] for call in live.server.calls("sendMessage") if call["ok"]] == [str(OTHER_GROUP)]
    assert live.service.asked == []


def test_topics_of_a_forum_are_conversations_of_their_own(live: World) -> None:
    for topic in (5, 6):
        live.server.say("/ask 产值？", user=USER, chat=GROUP, message_thread_id=topic, is_topic_message=True)
        assert live.server.expect_message("超3000万元")["message_thread_id"] == topic
    assert [owner for _, owner, _ in live.service.asked] == [f"telegram:{GROUP}:5", f"telegram:{GROUP}:6"]
    assert live.service.asked[0][2] != live.service.asked[1][2]


def test_language_of_the_frame_follows_the_question_or_the_choice(live: World) -> None:
    live.server.say("產值是多少？", user=USER)
    live.server.expect_message("出處")
    live.server.say("/lang en", user=USER)
    live.server.expect_message("in English")
    live.server.say("产值？", user=USER)
    live.server.expect_message("Sources")
    live.server.say("/lang auto", user=USER)
    live.server.say("产值？", user=USER)
    live.server.expect_message("出处")
    live.server.say("/lang 火星文", user=USER)
    live.server.expect_message("/lang 繁")


def test_sources_shows_the_last_answers_and_the_corpus(live: World) -> None:
    live.server.say("/sources", user=USER)
    text = live.server.expect_message("还没有带出处的回答")["text"]
    assert "文档: 17" in text
    assert "job1" not in text
    live.service.answers["镇长是谁？"] = not_found()
    live.server.say("产值？", user=USER)
    live.server.say("镇长是谁？", user=USER)
    live.server.say("/sources", user=USER)
    assert "《青石镇苦瓜丰收》" in live.server.expect_message("文档: 17")["text"]
    live.server.say("/new", user=USER)
    live.server.say("/sources", user=USER)
    live.server.expect_message("还没有带出处的回答")


def test_what_is_not_text_is_declined(live: World) -> None:
    live.server.say("", user=USER, voice={"file_id": "v", "file_unique_id": "u", "duration": 3})
    live.server.expect_message("文字问题")
    assert live.service.asked == []
