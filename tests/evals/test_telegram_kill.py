"""What the kill harness makes of what people got."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from evals.telegram_kill import APOLOGY, Kill, People, Replies, cost, figures

KILLS = [Kill(under_load=True, seconds=3.0, received=5, begun=1), Kill(False, 1.0, 4, 0)]
BUTTON = {"inline_keyboard": [[{"text": "再看一次回答", "callback_data": "z:a1"}]]}
APOLOGISED: dict[str, Any] = {"text": f"{APOLOGY}……", "reply_markup": BUTTON}


def people(*replies: Replies) -> People:
    made = People(None, random.Random(1))  # type: ignore[arg-type]
    made.replies = dict(enumerate(replies))
    return made


def found(*replies: Replies, before: list[int]) -> dict[str, Any]:
    return figures(people(*replies), KILLS, dict(enumerate(before)))


def test_answers_and_apologies_are_told_apart() -> None:
    counts = found(
        Replies(answers=1),
        Replies(answers=1, apologies=[APOLOGISED]),
        Replies(answers=1, apologies=[APOLOGISED]),
        before=[1, 1, 0],
    )
    assert counts["answered_once"] == 2
    assert counts["apologies_whose_answer_had_arrived"] == 1
    assert counts["apologies_whose_answer_was_lost"] == 1
    assert counts["lost_answers_shown_again_by_the_button"] == 1
    assert (counts["kills_under_load"], counts["kills_with_a_reply_on_its_way"]) == (1, 1)
    assert counts["failures"] == []


def test_somebody_without_a_word_is_a_failure() -> None:
    counts = found(Replies(answers=1), Replies(), before=[1, 0])
    assert counts["left_without_a_word"] == 1
    assert counts["failures"] == ["left without a word: [1]"]


def test_more_answers_twice_than_kills_are_a_failure() -> None:
    assert found(*[Replies(answers=2)] * 2, before=[2, 2])["failures"] == []
    assert found(*[Replies(answers=2)] * 3, before=[2, 2, 2])["failures"] == ["answered twice: 3 in 2 kills"]


def test_a_button_that_shows_nothing_is_a_failure() -> None:
    counts = found(Replies(apologies=[APOLOGISED]), before=[0])
    assert counts["failures"] == ["the button did not show a lost answer"]


def test_an_apology_before_there_was_an_answer_needs_no_button() -> None:
    counts = found(Replies(apologies=[{"text": APOLOGY}]), before=[0])
    assert counts["apologies_before_there_was_an_answer"] == 1
    assert counts["failures"] == []


def test_messages_are_known_by_their_buttons_and_words() -> None:
    asked = people(Replies())
    button = {"inline_keyboard": [[{"text": "👍", "callback_data": "u:a1"}]]}
    for message in ({"text": "1.3亿元", "reply_markup": button}, APOLOGISED, {"text": "请稍候"}):
        asked._note({**message, "chat": {"id": 0}})
    got = asked.replies[0]
    assert (got.answers, len(got.apologies), got.others) == (1, 1, ["请稍候"])


def test_the_cost_of_the_inbox_is_measured(tmp_path: Path) -> None:
    measured = cost(tmp_path, rounds=20)
    assert 0 < measured["p50"] <= measured["p95"]
