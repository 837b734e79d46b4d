"""Questions in private: answers with sources, passages, feedback, follow-ups."""

from __future__ import annotations

from tests.telegram_scenarios.town import Town
from tests.telegram_server.client import buttons
from tests.telegram_server.markup import marked


def test_a_question_gets_the_short_answer_first_then_its_source(town: Town) -> None:
    person = town.person()
    person.says("杜阮凉瓜全产业链的总产值是多少？")
    answer = person.expect_reply("1.3亿元", "出处", "2024-06-12")
    assert "1.3亿元" in marked(answer, "bold")[0]
    assert [button["text"] for button in buttons(answer)][-2:] == ["👍", "👎"]


def test_a_source_button_shows_the_passage(town: Town) -> None:
    person = town.person()
    person.says("摩托车试车场占地多少亩？")
    answer = person.expect_reply("200多亩")
    assert person.presses(answer, "[1]") == ""
    person.expect_reply("试车场由珠峰摩托车有限公司", "2025-06-20")
