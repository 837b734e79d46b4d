"""Questions in private: answers with sources, passages, feedback, follow-ups."""

from __future__ import annotations

import pytest

from tests.telegram_scenarios.questions import EVERY, OUTPUT, PRIZE, SEATS, TRACK, UNANSWERED, Asked
from tests.telegram_scenarios.town import Town
from tests.telegram_server.client import buttons
from tests.telegram_server.markup import marked


@pytest.mark.parametrize("asked", EVERY, ids=lambda asked: asked.answer)
def test_a_question_gets_the_short_answer_first_then_its_source(town: Town, asked: Asked) -> None:
    person = town.person()
    person.says(asked.question)
    answer = person.expect_reply(asked.answer, "出处", "[1] 《", asked.source)
    assert asked.answer in marked(answer, "bold")[0]
    assert answer["text"].index(marked(answer, "bold")[0]) == 0
    labels = [button["text"] for button in buttons(answer)]
    assert labels[0].startswith("[1]")
    assert {"👍", "👎"} <= set(labels)
    assert "reply_to_message" not in answer


def test_the_words_of_the_answer_are_marked_in_the_quote(town: Town) -> None:
    person = town.person()
    person.says(OUTPUT.question)
    answer = person.expect_reply(OUTPUT.answer)
    assert any("1.3亿元" in words for words in marked(answer, "underline"))
    assert "总产值为1.3亿元" in answer["text"]


def test_a_source_with_an_address_is_a_link(town: Town) -> None:
    person = town.person()
    person.says(PRIZE.question)
    answer = person.expect_reply(PRIZE.answer)
    links = {entity["url"] for entity in answer["entities"] if entity["type"] == "text_link"}
    assert "https://example.org/notices/2025-001" in links


def test_a_source_button_shows_the_passage_with_the_quote_marked(town: Town) -> None:
    person = town.person()
    person.says(TRACK.question)
    answer = person.expect_reply(TRACK.answer)
    assert person.presses(answer, "[1]") == ""
    passage = person.expect_reply("试车场由珠峰摩托车有限公司", "2025-06-20")
    assert any("占地200多亩" in words for words in marked(passage, "bold"))


@pytest.mark.parametrize("thumb", ["👍", "👎"])
def test_feedback_is_thanked_for(town: Town, thumb: str) -> None:
    person = town.person()
    person.says(SEATS.question)
    answer = person.expect_reply(SEATS.answer)
    assert "谢谢" in person.presses(answer, thumb)
    assert "谢谢" in person.presses(answer, thumb)
    person.forgets_unread()


def test_what_the_documents_do_not_say_is_not_made_up(town: Town) -> None:
    person = town.person()
    person.says(UNANSWERED)
    answer = person.expect_reply("没有找到")
    assert "出处" not in answer["text"]


def test_a_follow_up_goes_on_from_the_question_before(town: Town) -> None:
    person = town.person()
    person.says("杜阮凉瓜种植面积是多少？")
    person.expect_reply("650亩")
    person.says("那总产值呢？")
    person.expect_reply("1.3亿元")


def test_new_forgets_the_conversation(town: Town) -> None:
    person = town.person()
    person.says(TRACK.question)
    person.expect_reply(TRACK.answer)
    person.says("/new")
    person.expect_reply("已经忘掉")
    person.says("/sources")
    person.expect_reply("还没有带出处的回答")


def test_conversations_of_two_people_are_kept_apart(town: Town) -> None:
    first, second = town.person(), town.person()
    first.says("杜阮凉瓜种植面积是多少？")
    first.expect_reply("650亩")
    second.says(SEATS.question)
    second.expect_reply(SEATS.answer)
    first.says("那总产值呢？")
    first.expect_reply("1.3亿元")


def test_sources_lists_those_of_the_last_answer(town: Town) -> None:
    person = town.person()
    person.says(PRIZE.question)
    person.expect_reply(PRIZE.answer)
    person.says("/sources")
    person.expect_reply("杜阮镇人民政府", "文档", "段落")


def test_a_greeting_is_returned_without_sources(town: Town) -> None:
    person = town.person()
    person.says("你好")
    assert "[1]" not in person.expect_reply("依据")["text"]


def test_help_says_what_can_be_done_and_keeps_the_rest_from_users(town: Town) -> None:
    person = town.person()
    for command in ("/start", "/help"):
        person.says(command)
        assert "/reindex" not in person.expect_reply("/new", "/lang")["text"]


def test_ask_takes_its_question_from_the_command(town: Town) -> None:
    person = town.person()
    person.says(f"/ask {SEATS.question}")
    person.expect_reply(SEATS.answer)
    person.says("/ask")
    person.expect_reply("/ask")


def test_an_unknown_command_is_said_to_be(town: Town) -> None:
    person = town.person()
    person.says("/fly")
    person.expect_reply("没有这个命令")


def test_questions_of_one_person_are_answered_in_order(town: Town) -> None:
    person = town.person()
    for asked in EVERY[:4]:
        person.says(asked.question)
    for asked in EVERY[:4]:
        person.expect_reply(asked.answer)


def test_many_people_at_once_each_get_their_own_answer(town: Town) -> None:
    people = [(town.person(), EVERY[number % len(EVERY)]) for number in range(16)]
    for person, asked in people:
        person.says(asked.question)
    for person, asked in people:
        person.expect_reply(asked.answer, asked.source)


def test_typing_is_shown_before_the_answer(town: Town) -> None:
    person = town.person()
    first = town.server.state()["calls"]
    person.says(OUTPUT.question)
    person.expect_reply(OUTPUT.answer)
    methods = [call["method"] for call in town.server.calls_from(first, 0, chat=person.chat)]
    assert methods.index("sendChatAction") < methods.index("sendMessage")
