"""Conversations: follow-ups, replies, edits, passages page by page, related questions, languages, inline mode."""

from __future__ import annotations

import json

from tests.telegram_scenarios.town import Town
from tests.telegram_server.client import buttons
from tests.telegram_server.markup import marked

_LEDGERS = (
    {"id": "rice-2023", "title": "石岭村稻米账本", "publisher": "石岭村委会", "published_at": "2023-11-02"},
    {"id": "rice-2024", "title": "石岭村富硒米调查", "publisher": "农业农村局", "published_at": "2024-03-15"},
)
_AREAS = ("石岭村富硒稻米的种植面积是820亩。", "石岭村富硒稻米的种植面积是960亩。")


def test_a_follow_up_goes_on_from_the_last_question_until_new_forgets_it(town: Town) -> None:
    person = town.person()
    person.says("杜阮凉瓜的种植面积是多少？")
    person.expect_reply("650亩")
    person.says("那产值呢？")
    person.expect_reply("1.3亿元")
    person.says("/sources")
    person.expect_reply("杜阮凉瓜")
    person.says("/new")
    person.expect_reply("前面的对话已经忘掉")
    person.says("/sources")
    person.expect_reply("还没有带出处的回答")


def test_a_reply_to_an_old_answer_goes_on_from_that_one(town: Town) -> None:
    person = town.person()
    person.says("杜阮凉瓜的种植面积是多少？")
    melons = person.expect_reply("650亩")
    person.says("蓬江区摩托车和零配件的规模以上工业产值去年是多少？")
    person.expect_reply("284亿元")
    person.says("/new")
    person.expect_reply("忘掉")
    person.says("那产值呢？", replying_to=melons)
    assert "1.3亿元" in person.expect_reply("出处")["text"].partition("\n")[0]


def test_an_edited_question_is_answered_anew_in_place(town: Town) -> None:
    person = town.person()
    asked = person.says("摩托车试车场占地多少亩？")
    answer = person.expect_reply("200多亩")
    person.edits(asked, "杜阮凉瓜全产业链的总产值是多少？")
    changed = person.expect_edit(answer, "1.3亿元", "2024-06-12")
    assert "1.3亿元" in marked(changed, "bold")[0]
    # What follows, follows the question as it stands now.
    person.says("那种植面积呢？")
    person.expect_reply("650亩")


def test_an_edited_question_in_a_topic_keeps_its_place(town: Town) -> None:
    group = town.group(topic=7)
    asked = group.says("/ask 摩托车试车场占地多少亩？")
    answer = group.expect_reply("200多亩")
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]
    group.edits(asked, "/ask 摩托车试车场总投资多少？")
    group.expect_edit(answer, "4000多万元")


def test_edits_of_what_was_no_question_are_ignored(town: Town) -> None:
    person, group = town.person(), town.group()
    command = person.says("/new")
    person.expect_reply("忘掉")
    chatter = group.says("大家早上好")
    person.edits(command, "杜阮凉瓜全产业链的总产值是多少？")
    group.edits(chatter, "@yiju_test_bot 杜阮凉瓜全产业链的总产值是多少？")
    town.settle()


def test_a_passage_is_read_on_in_the_same_message(town: Town) -> None:
    person = town.person()
    person.says("蓬江区参加高考的考生有多少名？")
    answer = person.expect_reply("1618名")
    person.presses(answer, "[1]")
    passage = person.expect_reply("1618名考生")
    ways = [button["text"] for button in buttons(passage)]
    assert set(ways) <= {"◀ 上文", "下文 ▶"}
    for way in ways[:1]:
        assert person.presses(passage, way) == ""
        turned = person.expect_edit(passage, "蓬江新闻" if "蓬江新闻" in passage["text"] else "《")
        back = next(button["text"] for button in buttons(turned) if button["text"] != way)
        person.presses(turned, back)
        person.expect_edit(passage, "1618名考生")


def test_what_is_not_found_offers_documents_that_open(town: Town) -> None:
    person = town.person()
    person.says("杜阮镇凉瓜博览馆的馆长叫什么名字？")
    answer = person.expect_reply("没有找到", "最接近的资料")
    assert person.presses(answer, "📄") == ""
    assert "文件：" in person.expect_reply("《")["text"]


def test_related_questions_are_found_and_answered(town: Town) -> None:
    person = town.person()
    person.says("检察院支持起诉了多少件？")
    answer = person.expect_reply("108件")
    if not any("相关问题" in button["text"] for button in buttons(answer)):
        answer = person.expect_edit(answer)
    person.presses(answer, "相关问题")
    offered = person.expect_reply("资料里也有答案")
    question = buttons(offered)[0]["text"]
    person.presses(offered, question)
    found = person.expect_reply(f"问：{question}", "出处")
    assert "没有找到" not in found["text"]


def test_documents_that_differ_are_a_dated_list(town: Town) -> None:
    lines = [{**ledger, "text": text} for ledger, text in zip(_LEDGERS, _AREAS, strict=True)]
    path = town.program.corpus / "ledgers.jsonl"
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    assert town.program.run("index", "--json").returncode == 0
    person = town.person()
    person.says("石岭村富硒稻米的种植面积是多少？")
    answer = person.expect_reply("资料说法不一", "· 2024-03-15（最新） 960亩", "· 2023-11-02 820亩")
    for label, quote in (("[1]", "种植面积是"), ("[2]", "种植面积是")):
        person.presses(answer, label)
        person.expect_reply(quote)


def test_the_frame_is_chosen_by_a_button_and_the_quote_stays_as_printed(town: Town) -> None:
    person = town.person()
    person.says("/lang")
    assert person.presses(person.expect_reply("请选择界面文字"), "English") == ""
    person.says("摩托车试车场占地多少亩？")
    person.expect_reply("Sources", "试车场由珠峰摩托车有限公司和区属国有企业共同建设")
    person.says("/lang 繁")
    person.expect_reply("已設為繁體中文")
    person.says("/lang auto")
    person.expect_reply("随提问的文字")


def test_somebody_allowed_gets_cards_in_any_chat(town: Town) -> None:
    person = town.person()
    cards = person.types_inline("摩托车试车场占地多少亩？")
    assert cards[0]["title"] == "200多亩"
    assert "200多亩" in person.chooses(cards[0])["text"]
    assert person.types_inline("摩托") == []


def test_a_stranger_who_types_learns_how_to_get_access(town: Town) -> None:
    (card,) = town.stranger().types_inline("摩托车试车场占地多少亩？")
    assert card["title"] == "您还没有使用权限"
