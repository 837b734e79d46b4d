"""The plan of a load run, and how replies are given to questions."""

from __future__ import annotations

from collections import Counter
from typing import Any

from evals.telegram_asking import FIRST_USER, Outcome, Planned, match_replies, plan
from evals.telegram_load import latencies, settings, wrong_with


def planned(chat: int, question: str = "青溪村新修公路多少公里？", fact: str = "12.3公里") -> Planned:
    return Planned(user=FIRST_USER, chat=chat, question=question, fact=fact, at_seconds=0.0)


def sent(chat: int, text: str, at: float, *, reply_to: int | None = None) -> dict[str, Any]:
    replied = {} if reply_to is None else {"reply_to_message": {"message_id": reply_to}}
    return {"chat_id": chat, "at": at, "result": {"text": text, **replied}}


def test_everybody_asks_equally_often_at_the_rate_and_some_in_groups() -> None:
    made = plan(users=40, questions=400, documents=50, rate=5, in_groups=0.25, seed=1)
    assert set(Counter(each.user for each in made).values()) == {10}
    assert made == sorted(made, key=lambda each: each.at_seconds)
    assert 75 <= made[-1].at_seconds <= 80
    in_groups = [each for each in made if each.chat < 0]
    assert len(in_groups) == 100
    assert set(Counter(each.chat for each in in_groups).values()) == {50}
    assert all(each.chat == each.user for each in made if each.chat > 0)
    allowed = settings(40, "http://127.0.0.1:1/bot")["YIJU_TELEGRAM__ALLOWED_IDS"].split(",")
    assert {str(each.chat) for each in made} | {str(each.user) for each in made} <= set(allowed)


def test_hasty_people_ask_again_at_once() -> None:
    made = plan(users=20, questions=80, documents=50, rate=1, in_groups=0, seed=1)
    hasty = [each for each in made if each.hasty]
    assert len(hasty) == 2
    for each in hasty:
        others = [other.at_seconds for other in made if other.user == each.user and not other.hasty]
        assert min(abs(each.at_seconds - other) for other in others) < 0.31


def test_replies_in_private_come_in_order_and_too_many_are_seen() -> None:
    outcomes = [Outcome(planned(7)), Outcome(planned(8)), Outcome(planned(7))]
    places = [(0.0, 7, 1), (0.5, 8, 2), (1.0, 7, 3)]
    calls = [sent(7, "甲", 0.2), sent(7, "乙", 1.5), sent(7, "丙", 2.0), sent(9, "丁", 2.0)]
    for_nobody = match_replies(calls, outcomes, places)
    assert [[text for _, text in each.replies] for each in outcomes] == [["甲"], [], ["乙", "丙"]]
    assert outcomes[2].replies[0][0] == 0.5
    assert [message["text"] for message in for_nobody] == ["丁"]


def test_replies_in_groups_say_what_they_reply_to() -> None:
    outcomes = [Outcome(planned(-7)), Outcome(planned(-7))]
    calls = [sent(-7, "乙", 1.0, reply_to=2), sent(-7, "甲", 1.2, reply_to=1), sent(-7, "丙", 1.3)]
    for_nobody = match_replies(calls, outcomes, [(0.0, -7, 1), (0.5, -7, 2)])
    assert [[text for _, text in each.replies] for each in outcomes] == [["甲"], ["乙"]]
    assert [message["text"] for message in for_nobody] == ["丙"]


def test_what_is_lost_double_or_not_the_answer_is_a_failure() -> None:
    right = Outcome(planned(1, "甲？"), [(0.1, "12.3公里 [1]")])
    lost = Outcome(planned(2, "乙？"))
    twice = Outcome(planned(3, "丙？"), [(0.1, "9.1公里"), (0.2, "9.1公里")])
    wrong = Outcome(planned(4, "丁？"), [(0.1, "9.1公里")])
    answers = {"甲？": "12.3公里", "丙？": "9.1公里", "丁？": "40.5公里"}
    found = "\n".join(wrong_with([right, lost, twice, wrong], answers))
    assert "甲？" not in found
    for words in ("lost: 乙？", "answered twice: 丙？", "not the answer to 丁？"):
        assert words in found


def test_latencies_stand_beside_each_other() -> None:
    def outcomes(*seconds: float) -> list[Outcome]:
        return [Outcome(planned(1), [(each, "")]) for each in seconds]

    figures = latencies(outcomes(0.1, 0.2, 0.3), [*outcomes(0.2, 0.4, 0.6), Outcome(planned(2))])
    assert figures["http"]["p50"] == 200.0
    assert figures["ratio"] == {"p50": 2.0, "p95": 2.0}
    assert figures["telegram_hasty"]["p50"] is None
