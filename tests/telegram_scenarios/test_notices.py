"""Questions that found nothing are kept; once a switch brings the answer, whoever waits is told, once."""

from __future__ import annotations

import json

from tests.telegram_scenarios.chats import Chat, Message
from tests.telegram_scenarios.town import Town
from tests.telegram_server.client import buttons

KEEP, CANCEL = "有答案时通知我", "等待答案中"


def waits_for(chat: Chat, question: str, *, command: str = "") -> Message:
    """Ask what nobody knows yet and press the button; the message with what it became."""
    chat.says(f"{command}{question}")
    nothing = chat.expect_reply("没有找到")
    assert "已记下" in chat.presses(nothing, KEEP)
    return chat.expect_edit(nothing, "没有找到")


def brings(town: Town, documents: dict[str, str]) -> None:
    """New documents, indexed by another process."""
    for name, text in documents.items():
        (town.program.corpus / name).write_text(text, encoding="utf-8")
    indexed = town.program.run("index", "--json")
    assert indexed.returncode == 0, indexed.stderr


def labels(message: Message) -> set[str]:
    return {button["text"] for button in buttons(message)}


def with_buttons(chat: Chat, message: Message, *wanted: str) -> Message:
    """The message once it has these buttons; the one for related questions may come at any time."""
    while True:
        edited = chat.expect_edit(message)
        if set(wanted) <= labels(edited):
            return edited


def test_the_answer_comes_once_after_another_process_has_indexed_it(town: Town) -> None:
    town.tolerates("bot was blocked")
    waiting, cancelling, hopeless, blocking, member = (town.person() for _ in range(5))
    forum = town.group(member=member, topic=5)
    kept = waits_for(waiting, "云溪小学有多少名学生？")
    given_up = waits_for(cancelling, "云溪小学创办于哪一年？")
    assert "已取消" in cancelling.presses(given_up, CANCEL)
    waits_for(hopeless, "月球背面的火山有多高？")
    waits_for(blocking, "云溪小学有多少名学生？")
    town.server.block(blocking.chat)
    below = waits_for(forum, "白鹭湿地公园占地多少亩？", command="/ask ")

    brings(
        town,
        {
            "小学.txt": "云溪小学迎来校庆\n\n云溪小学创办于1923年，现有学生338名。\n",
            "湿地.txt": "白鹭湿地公园建成开放\n\n白鹭湿地公园占地2750亩，由县林业局管理。\n",
        },
    )

    notice = waiting.expect_reply("🔔", "问过的“云溪小学有多少名学生？”", "338名", "《云溪小学迎来校庆》")
    assert notice["reply_to_message"]["message_id"] == kept["message_id"]
    assert waiting.presses(notice, "[1]") == ""
    waiting.expect_reply("创办于1923年")
    in_topic = forum.expect_reply("🔔", "白鹭湿地公园占地多少亩？", "2750亩")
    assert (in_topic["message_thread_id"], in_topic["reply_to_message"]["message_id"]) == (5, below["message_id"])

    brings(town, {"小学二.txt": "青石小学迎来校庆\n\n青石小学创办于1931年，现有学生410名。\n"})
    waiting.says("/mine")
    waiting.expect_reply("没有在等答案的问题")
    waiting.says("它是哪一年创办的？", replying_to=notice)
    waiting.expect_reply("1923年")
    hopeless.says("/mine")
    hopeless.expect_reply("1. 月球背面的火山有多高？")
    town.settle()


def test_kept_questions_are_listed_and_cancelled(town: Town) -> None:
    person = town.person()
    for number in range(7):
        waits_for(person, f"月球第{number + 1}号火山有多高？")
    person.says("/mine")
    page = person.expect_reply("1. 月球第1号火山有多高？", "6. 月球第6号火山有多高？")
    person.presses(page, "后面")
    second = person.expect_edit(page, "7. 月球第7号火山有多高？")
    assert "已取消" in person.presses(second, "✕ 7")
    first = person.expect_edit(second, "1. 月球第1号火山有多高？")
    assert [button["text"] for button in buttons(first)] == [f"✕ {number}" for number in range(1, 7)]


def test_the_same_question_is_kept_once_and_old_buttons_do_no_harm(town: Town) -> None:
    person, other = town.person(), town.person()
    kept = waits_for(person, "火星上有几座桥？")
    person.says("火星上有幾座橋")
    again = person.expect_reply("沒有找到")
    assert person.presses(again, "有答案時通知我")
    waiting = person.expect_edit(again, "沒有找到")
    assert [button["callback_data"] for button in buttons(waiting)][-3] == [
        button["callback_data"] for button in buttons(kept)
    ][-3]
    (cancel,) = [button["callback_data"] for button in buttons(kept) if CANCEL in button["text"]]
    other.says("火星上有几条河？")
    others = other.expect_reply("没有找到")
    assert "没有可取消的" in other.presses_data(others, cancel)
    assert "已取消" in person.presses(kept, CANCEL)
    assert "没有可取消的" in person.presses_data(kept, cancel)


def test_english_questions_get_an_english_notice(town: Town) -> None:
    person = town.person()
    person.says("How many lamps are there in the Shiyan tunnel?")
    nothing = person.expect_reply("The documents do not answer this question")
    assert "you will hear of it" in person.presses(nothing, "Tell me once")
    assert "Waiting for an answer" in "".join(
        button["text"] for button in buttons(person.expect_edit(nothing, "The documents"))
    )


def test_a_thumb_down_gets_its_reason_and_administrators_see_it(town: Town) -> None:
    person, admin = town.person(), town.administrator()
    person.says("杜阮凉瓜全产业链的总产值是多少？")
    answer = person.expect_reply("1.3亿元")
    assert "哪里不好" in person.presses(answer, "👎")
    asked = with_buttons(person, answer, "👎 ✓", "已过时")
    assert person.presses(asked, "已过时")
    chosen = with_buttons(person, answer, "👎 ✓", "已过时 ✓", "👍")
    person.says("/feedback 今年的数字已经发布了")
    person.expect_reply("附在最近一次评价上")

    admin.says("/feedback")
    admin.expect_reply("👎", "已过时", "今年的数字已经发布了", "杜阮凉瓜全产业链的总产值是多少？")
    listed = json.loads(town.program.run("feedback", "--json").stdout)
    rated = next(each for each in listed["answers"] if each["comment"] == "今年的数字已经发布了")
    assert (rated["rating"], rated["reason"]) == ("down", "outdated")

    assert person.presses(chosen, "👍")
    thanked = with_buttons(person, answer, "👍 ✓", "👎")
    assert "已过时 ✓" not in labels(thanked)
