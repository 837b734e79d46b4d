from __future__ import annotations

from bot.earlier import LAST_EXCHANGES, Exchange, last_asked


def test_nothing_was_asked_before() -> None:
    assert last_asked([]) is None
    assert last_asked([Exchange("你好", None), Exchange("谢谢", None), Exchange("  ", None)]) is None


def test_a_follow_up_of_a_follow_up_is_completed_from_the_first_question() -> None:
    said = [
        Exchange("荷塘镇花茶产值是多少？", "8600万元"),
        Exchange("那种植面积呢？", "1200亩"),
        Exchange("谢谢", None),
    ]

    assert last_asked(said) == ("荷塘镇花茶的种植面积是多少", "1200亩")


def test_what_cannot_have_been_a_question_is_passed_over() -> None:
    said = [Exchange("荷塘镇花茶产值是多少？", "8600万元"), Exchange("问" * 2001, None)]

    assert last_asked(said) == ("荷塘镇花茶产值是多少？", "8600万元")


def test_no_more_is_looked_at_than_a_remembered_conversation_holds() -> None:
    said = [Exchange("荷塘镇花茶产值是多少？", None), *[Exchange("谢谢", None)] * LAST_EXCHANGES]

    assert last_asked(said) is None
