"""Groups and forums: only what is meant for the bot is answered, as a reply, in its topic."""

from __future__ import annotations

from tests.telegram_scenarios.questions import OUTPUT, PRIZE, SEATS, TRACK
from tests.telegram_scenarios.town import Town

BOT = "@yiju_test_bot"


def test_a_command_is_answered_as_a_reply(town: Town) -> None:
    group = town.group()
    asked = group.says(f"/ask {OUTPUT.question}")
    answer = group.expect_reply(OUTPUT.answer, "出处")
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]


def test_a_command_with_the_bots_name_is_for_it_and_with_anothers_is_not(town: Town) -> None:
    group = town.group()
    group.says(f"/ask@another_bot {OUTPUT.question}")
    town.settle()
    group.says(f"/ask{BOT} {SEATS.question}")
    group.expect_reply(SEATS.answer)


def test_a_mention_is_a_question_without_the_name(town: Town) -> None:
    group = town.group()
    group.says(f"{BOT} {TRACK.question}")
    group.expect_reply(TRACK.answer)
    group.says(f"{SEATS.question} {BOT}")
    group.expect_reply(SEATS.answer)


def test_a_reply_to_the_bot_is_a_follow_up(town: Town) -> None:
    group = town.group()
    group.says(f"{BOT} 杜阮凉瓜种植面积是多少？")
    answer = group.expect_reply("650亩")
    group.says("那总产值呢？", replying_to=answer)
    group.expect_reply("1.3亿元")


def test_talk_among_members_is_left_alone(town: Town) -> None:
    group = town.group()
    group.says("大家早上好")
    group.says(SEATS.question)
    group.says(f"@someone_else {SEATS.question}")
    hers = group.says("明天几点开会？")
    group.says("九点。", replying_to=hers)
    group.says("/fly")
    group.sends_file("名单.txt", "名单".encode())
    town.settle()
    group.says(f"/ask {SEATS.question}")
    group.expect_reply(SEATS.answer)


def test_members_of_an_allowed_group_may_ask_there_and_not_in_private(town: Town) -> None:
    stranger = town.stranger()
    group = town.group(member=stranger)
    group.says(f"/ask {SEATS.question}")
    group.expect_reply(SEATS.answer)
    stranger.says(SEATS.question)
    assert SEATS.answer not in stranger.expect_reply()["text"]


def test_an_allowed_person_may_ask_in_any_group(town: Town) -> None:
    person = town.person()
    group = town.group(member=person, allowed=False)
    group.says(f"/ask {SEATS.question}")
    group.expect_reply(SEATS.answer)


def test_in_a_group_that_is_not_allowed_the_bot_is_no_nuisance(town: Town) -> None:
    group = town.group(allowed=False)
    group.says(f"{BOT} {SEATS.question}")
    group.says(f"/ask {SEATS.question}")
    town.settle()
    group.says("/start")
    group.expect_reply("没有使用权限")


def test_topics_are_conversations_of_their_own(town: Town) -> None:
    first = town.group(topic=5)
    second = town.same_group(first, topic=6)
    first.says("/ask 杜阮凉瓜种植面积是多少？")
    assert first.expect_reply("650亩")["message_thread_id"] == 5
    second.says(f"/ask {PRIZE.question}")
    assert second.expect_reply(PRIZE.answer)["message_thread_id"] == 6
    first.says(f"{BOT} 那总产值呢？")
    first.expect_reply("1.3亿元")


def test_the_general_topic_of_a_forum_has_no_thread(town: Town) -> None:
    group = town.group()
    # Outside topics a thread id only names a chain of replies.
    group.says(f"/ask {SEATS.question}", message_thread_id=77)
    assert "message_thread_id" not in group.expect_reply(SEATS.answer)


def test_a_passage_asked_for_in_a_topic_is_shown_there(town: Town) -> None:
    group = town.group(topic=5)
    group.says(f"/ask {TRACK.question}")
    answer = group.expect_reply(TRACK.answer)
    group.presses(answer, "[1]")
    assert group.expect_reply("试车场由珠峰摩托车有限公司")["message_thread_id"] == 5


def test_another_member_may_press_the_buttons_of_an_answer(town: Town) -> None:
    group = town.group()
    group.says(f"/ask {TRACK.question}")
    answer = group.expect_reply(TRACK.answer)
    other = town.same_group(group, member=town.stranger())
    other.presses(answer, "[1]")
    other.expect_reply("试车场由珠峰摩托车有限公司")
    group.forgets_unread()


def test_a_question_whose_message_was_deleted_is_answered_without_a_reply(town: Town) -> None:
    group = town.group()
    asked = group.says(f"/ask {SEATS.question}")
    town.server.forget_message(group.chat, asked["message_id"])
    group.expect_reply(SEATS.answer)


def test_administration_in_a_group_is_for_administrators(town: Town) -> None:
    group = town.group()
    for command in ("/status", "/reindex", "/gaps"):
        group.says(command)
        group.expect_reply("管理员")


def test_languages_are_chosen_for_the_group(town: Town) -> None:
    group = town.group()
    group.says("/lang en")
    group.expect_reply("English")
    group.says(f"/ask {SEATS.question}")
    group.expect_reply(SEATS.answer, "Sources")
