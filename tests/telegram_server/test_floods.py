"""Flood limits, against a count of what was let through."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.telegram_server.floods import Floods
from tests.telegram_server.methods import Refused, call
from tests.telegram_server.state import BotState


def test_a_second_message_within_a_second_waits_and_another_chat_does_not() -> None:
    floods = Floods()
    assert floods.take(7, 0.0) is None
    assert floods.take(7, 0.5) == 1
    assert floods.take(8, 0.5) is None
    assert floods.take(7, 1.0) is None
    assert floods.refused == 1


def test_a_group_takes_twenty_a_minute_and_then_says_how_long_to_wait() -> None:
    floods = Floods()
    assert [floods.take(-5, float(second)) for second in range(20)] == [None] * 20
    assert floods.take(-5, 20.0) == 40
    assert floods.take(-5, 60.0) is None


def test_thirty_a_second_over_all_chats() -> None:
    floods = Floods()
    assert [floods.take(chat, 0.0) for chat in range(1, 31)] == [None] * 30
    assert floods.take(31, 0.9) == 1
    assert floods.take(31, 1.0) is None


# Pauses in 1024ths of a second, whose sums are exact.
@given(st.lists(st.tuples(st.integers(-3, 3).filter(bool), st.integers(0, 2048)), max_size=300))
def test_never_more_than_the_limits_and_after_the_wait_it_is_let_through(steps: list[tuple[int, int]]) -> None:
    floods, now, through = Floods(per_second=4, group_per_minute=5), 0.0, defaultdict[int, list[float]](list)
    for chat, pause in steps:
        now += pause / 1024
        wait = floods.take(chat, now)
        if wait is not None:
            assert 1 <= wait <= 60
            now += wait
            assert floods.take(chat, now) is None
        through[chat].append(now)
    every = sorted(time for times in through.values() for time in times)
    assert all(sum(start <= time < start + 1 for time in every) <= 4 for start in every)
    for chat, times in through.items():
        assert all(sum(start <= time < start + 1 for time in times) <= 1 for start in times)
        assert chat > 0 or all(sum(start <= time < start + 60 for time in times) <= 5 for start in times)


def test_what_is_malformed_does_not_count() -> None:
    bot = BotState("1:token", floods=Floods())
    bot.push({"message": {"chat": {"id": 7, "type": "private"}, "from": {"id": 7}, "text": "你好"}})
    with pytest.raises(Refused, match="can't parse entities"):
        call(bot, "sendMessage", {"chat_id": "7", "text": "<b>粗", "parse_mode": "HTML"})
    call(bot, "sendMessage", {"chat_id": "7", "text": "好"})
    with pytest.raises(Refused, match="Too Many Requests: retry after 1") as refused:
        call(bot, "sendMessage", {"chat_id": "7", "text": "好"})
    assert (refused.value.status, refused.value.retry_after) == (429, 1)
    assert call(bot, "sendChatAction", {"chat_id": "7", "action": "typing"})
