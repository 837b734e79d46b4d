"""Conversations against a Bot API server: replies, edits, passages page by page, related questions, languages."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from bot.channels.telegram.requests import Access
from tests.bot.channels.telegram.fakes import QUOTE, answered, not_found
from tests.bot.channels.telegram.world import ADMIN, GROUP, STRANGER, USER, World
from tests.telegram_server.client import buttons

FIRST, SECOND = "a" * 32, "b" * 32


def edited(world: World, holding: str) -> dict[str, Any]:
    """The next message that was edited to hold the words, as the reader sees it."""

    def fits(call: dict[str, Any]) -> bool:
        return bool(call["ok"]) and holding in call["result"]["text"]

    result: dict[str, Any] = world.server.expect("editMessageText", where=fits)["result"]
    return result


def menus(world: World) -> dict[str, dict[str, str]]:
    """The menus by scope, for those whose Telegram is not in English; a chat's by its id."""
    found = {}
    for scope, language, menu in world.server.state()["commands"]:
        if not language:
            kind = json.loads(scope)
            words = {command["command"]: command["description"] for command in menu}
            found[str(kind.get("chat_id", kind["type"]))] = words
    return found


def test_a_reply_to_an_old_answer_goes_on_from_it_also_after_a_restart(world: World) -> None:
    world.service.answers["面积？"] = answered(answer_id=SECOND)
    with world.running():
        world.server.say("产值？", user=USER)
        first = world.server.expect_message("超3000万元")
        world.server.say("面积？", user=USER)
        world.server.expect_message("超3000万元")
    with world.running():
        world.server.say("那明年呢？", user=USER, reply_to_message=first)
        world.server.expect_message("超3000万元")
        world.server.say("还有呢？", user=USER)
        world.server.expect_message("超3000万元")
    assert [follows for follows, _ in world.service.linked] == [None, None, FIRST, None]


def test_a_reply_to_ones_own_question_goes_on_from_its_answer(live: World) -> None:
    asked = live.server.say("产值？", user=USER)
    live.server.expect_message("超3000万元")
    live.server.say("那面积呢？", user=USER, reply_to_message=asked)
    live.server.expect_message("超3000万元")
    assert live.service.linked[-1] == (FIRST, None)


def test_an_edited_question_is_answered_anew_in_place(live: World) -> None:
    asked = live.server.say("产值？", user=USER)
    before = live.server.expect_message("超3000万元")
    live.service.answers["种植面积？"] = answered(
        answer_id=SECOND, text=f"1200亩 [1]\n{QUOTE}[1]", short_answer="1200亩"
    )
    live.server.edit(asked, "种植面积？")
    after = edited(live, "1200亩 [1]")

    assert after["message_id"] == before["message_id"]
    assert [button["text"] for button in buttons(after)] == ["[1] 青石镇苦瓜丰收", "👍", "👎"]
    assert live.service.linked == [(None, None), (None, FIRST)]
    # Edited once more, it is the new answer that gives way.
    live.server.edit(asked, "产值？")
    edited(live, "超3000万元 [1]")
    assert live.service.linked[-1] == (None, SECOND)
    assert len(live.server.calls("sendMessage")) == 1


def test_an_edited_question_may_need_more_messages_or_fewer(live: World) -> None:
    text = "超3000万元 [1]\n" + "\n\n".join("全镇工作稳步推进。" * 150 for _ in range(5))
    live.service.answers["长？"] = answered(answer_id=SECOND, text=text)
    asked = live.server.say("产值？", user=USER)
    first = live.server.expect_message("超3000万元")
    live.server.edit(asked, "长？")
    last = live.server.expect_message("出处")
    assert last["message_id"] != first["message_id"]
    assert buttons(last)
    assert not buttons(edited_first := live.server.calls("editMessageText")[0]["result"])
    assert edited_first["message_id"] == first["message_id"]

    live.server.edit(asked, "产值？")
    assert live.server.expect("deleteMessage")["ok"]
    assert buttons(live.server.calls("editMessageText")[-1]["result"])


def test_an_answer_that_was_deleted_is_sent_anew(live: World) -> None:
    asked = live.server.say("产值？", user=USER)
    live.server.expect_message("超3000万元")
    live.server.fail("editMessageText", status=400, description="Bad Request: message to edit not found")
    live.service.answers["面积？"] = answered(answer_id=SECOND)
    live.server.edit(asked, "面积？")
    live.server.expect_message("超3000万元")


def test_edits_that_change_no_answered_question_are_ignored(live: World) -> None:
    asked = live.server.say("产值？", user=USER)
    live.server.expect_message("超3000万元")
    command = live.server.say("/new", user=USER)
    live.server.expect_message("已经忘掉")
    chatted = live.server.say("大家早上好", user=USER, chat=GROUP)
    live.server.edit(asked, "产值？")
    live.server.edit(command, "产值呢？")
    live.server.edit(chatted, "@yiju_test_bot 产值？")
    live.server.say("面积？", user=USER)
    live.server.expect_message("超3000万元")
    assert [question for question, _, _ in live.service.asked] == ["产值？", "面积？"]


def test_a_strangers_edits_get_no_word(world: World) -> None:
    with world.running(access=Access(allowed_ids=frozenset({USER}))):
        asked = world.server.say("产值？", user=STRANGER)
        world.server.expect_message("没有使用权限")
        world.server.edit(asked, "面积？")
        world.server.say("产值？", user=USER)
        world.server.expect_message("超3000万元", chat=USER)
    assert len([call for call in world.server.calls("sendMessage") if call["params"]["chat_id"] == str(STRANGER)]) == 1


def test_an_edited_question_in_a_group_keeps_its_place(live: World) -> None:
    topic = {"message_thread_id": 5, "is_topic_message": True}
    asked = live.server.say("/ask 产值？", user=USER, chat=GROUP, **topic)
    before = live.server.expect_message("超3000万元", chat=GROUP)
    live.service.answers["面积？"] = answered(answer_id=SECOND, text=f"1200亩 [1]\n{QUOTE}[1]", short_answer="1200亩")
    live.server.edit(asked, "/ask 面积？")
    assert edited(live, "1200亩")["message_id"] == before["message_id"]
    assert live.service.asked[-1][:2] == ("面积？", f"telegram:{GROUP}:5")


def test_a_failure_on_an_edited_question_leaves_the_answer_and_is_told(live: World) -> None:
    asked = live.server.say("产值？", user=USER)
    live.server.expect_message("超3000万元")
    live.service.answers["崩溃"] = RuntimeError("disk on fire")
    live.server.edit(asked, "崩溃")
    live.server.expect_message("出了点问题")
    assert live.server.calls("editMessageText") == []


def test_a_passage_is_read_on_in_the_same_message(live: World) -> None:
    live.server.say("产值？", user=USER)
    live.server.press(live.server.expect_message("超3000万元"), "[1]", user=USER)
    shown = live.server.expect_message("青石镇地处河谷")
    live.server.press(shown, "下文 ▶", user=USER)
    turned = edited(live, "明年还要修建冷库。")
    assert turned["message_id"] == shown["message_id"]
    live.server.press(turned, "◀ 上文", user=USER)
    assert QUOTE in edited(live, "青石镇地处河谷")["text"]


def test_nearest_documents_open_at_their_passage(live: World) -> None:
    live.service.answers["镇长是谁？"] = replace(not_found(), ranking=(("d1", "0123456789abcdef0123"),))
    live.server.say("镇长是谁？", user=USER)
    live.server.press(live.server.expect_message("没有找到"), "📄", user=USER)
    live.server.expect_message("青石镇地处河谷")


def test_related_questions_that_are_known_come_with_the_answer_and_are_asked_when_pressed(world: World) -> None:
    world.related.questions = ("种植面积达多少亩？", "产量多少吨？")
    with world.running():
        world.server.say("产值？", user=USER)
        answer = world.server.expect_message("超3000万元")
        world.server.press(answer, "相关问题", user=USER)
        offered = world.server.expect_message("资料里也有答案")
        assert [button["text"] for button in buttons(offered)] == ["种植面积达多少亩？", "产量多少吨？"]
        world.server.press(offered, "产量多少吨？", user=USER)
        assert world.server.expect_message("超3000万元")["text"].startswith("问：产量多少吨？")
    assert [question for question, _, _ in world.service.asked] == ["产值？", "产量多少吨？"]
    assert world.server.calls("editMessageReplyMarkup") == []


def test_related_questions_found_later_add_their_button(world: World) -> None:
    world.related = type(world.related)(questions=("种植面积达多少亩？",), knows=False)
    with world.running():
        world.server.say("产值？", user=USER)
        call = world.server.expect("editMessageReplyMarkup")
        assert [button["text"] for button in buttons(call["result"])] == ["[1] 青石镇苦瓜丰收", "相关问题", "👍", "👎"]


def test_where_no_related_question_is_found_no_button_is_added(world: World) -> None:
    world.related = type(world.related)(knows=False)
    with world.running():
        for question in ("产值？", "面积？"):
            world.server.say(question, user=USER)
            world.server.expect_message("超3000万元")
        # The second search waits for the first to end.
        while world.related.looked < 2:
            world.server.say("/help", user=USER)
            world.server.expect_message("直接发问题")
    assert world.server.calls("editMessageReplyMarkup") == []


def test_a_related_button_of_an_answer_that_is_gone_says_so(live: World) -> None:
    live.server.say("产值？", user=USER)
    message = live.server.expect_message("超3000万元")
    for data in ("q:" + "f" * 32, f"q:{FIRST}:1"):
        live.server.press_data(message, data, user=USER)
        assert "已经过期" in live.server.expect("answerCallbackQuery")["params"]["text"]


def test_a_language_is_chosen_by_a_button_and_so_is_the_menu(live: World) -> None:
    live.server.say("/lang", user=USER)
    live.server.press(live.server.expect_message("请选择界面文字"), "繁體", user=USER)
    edited(live, "已設為繁體中文")
    assert "忘掉前面的對話" in menus(live)[str(USER)]["new"]
    live.server.say("产值？", user=USER)
    live.server.expect_message("出處")
    live.server.say("/lang auto", user=USER)
    live.server.expect_message("随提问的文字")
    # Everybody's menu again.
    assert str(USER) not in menus(live)


def test_the_frame_follows_the_language_of_the_persons_telegram_where_nothing_is_asked(live: World) -> None:
    def say_as(who: dict[str, Any]) -> None:
        more: dict[str, Any] = {"from": who}
        live.server.say("/new", user=USER, **more)

    person = {"id": USER, "is_bot": False, "first_name": "阿明", "language_code": "zh-hant"}
    say_as(person)
    live.server.expect_message("前面的對話已經忘掉")
    say_as({**person, "language_code": "pt-br"})
    live.server.expect_message("forgotten")


def test_menus_differ_by_place_by_role_and_by_language_also_after_a_restart(world: World) -> None:
    with world.running():
        # Menus are set before the first message of an administrator is answered in another language than the default.
        world.server.expect("setMyCommands", where=lambda call: f"{ADMIN}" in call["params"]["scope"])
        world.server.say("/lang en", user=ADMIN)
        world.server.expect_message("in English")
    with world.running():
        world.server.expect("setMyCommands", where=lambda call: "Forget" in call["params"]["commands"])
        world.server.say("/help", user=ADMIN)
        world.server.expect_message("Just send a question")
    shown = menus(world)
    assert shown[str(ADMIN)]["reindex"] == "Bring the index up to date"
    assert "reindex" not in shown["all_private_chats"] | shown["all_group_chats"]
    assert ("ask" in shown["all_group_chats"], "ask" in shown["all_private_chats"]) == (True, False)
