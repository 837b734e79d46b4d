"""Token buckets: never more than the limit, never less than what has come in since."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import rate_limits
from bot.rate_limits import RateLimit, RateLimits


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def limits(clock: Clock, *, user: int, chat: int) -> RateLimits:
    return RateLimits(RateLimit(user, clock), RateLimit(chat, clock))


def test_a_minutes_worth_at_once_then_one_at_a_time() -> None:
    clock = Clock()
    each = limits(clock, user=20, chat=0)
    assert all(each.admit(user=1, chat=1).allowed for _ in range(20))
    refused = each.admit(user=1, chat=1)
    assert (refused.allowed, refused.wait_seconds, refused.first) == (False, 3.0, True)
    assert each.admit(user=2, chat=1).allowed
    clock.now += 3
    assert each.admit(user=1, chat=1).allowed
    assert not each.admit(user=1, chat=1).allowed


def test_who_goes_on_and_on_is_told_once_until_rested() -> None:
    clock = Clock()
    each = limits(clock, user=4, chat=0)
    told = []
    for _ in range(600):
        told.append(each.admit(user=1, chat=1).first)
        clock.now += 1
    assert told.count(True) == 1
    clock.now += 60
    told = [each.admit(user=1, chat=1).first for _ in range(10)]
    assert told.count(True) == 1


def test_a_chat_has_a_limit_for_all_its_users_together() -> None:
    clock = Clock()
    each = limits(clock, user=5, chat=6)
    assert [each.admit(user=user, chat=-1).allowed for user in range(8)] == [True] * 6 + [False] * 2
    assert each.admit(user=7, chat=-2).allowed, "what a chat refuses costs the user nothing"
    assert each.admit(user=0, chat=-2, cost=4).allowed
    assert not each.admit(user=0, chat=-2).allowed


def test_no_limit_is_no_limit() -> None:
    each = limits(Clock(), user=0, chat=0)
    assert all(each.admit(user=1, chat=1).allowed for _ in range(1000))


def test_what_costs_more_than_the_limit_is_allowed_when_rested() -> None:
    clock = Clock()
    each = limits(clock, user=2, chat=0)
    assert each.admit(user=1, chat=1, cost=4).allowed
    assert each.admit(user=1, chat=1, cost=4).wait_seconds == pytest.approx(60)


def test_buckets_of_the_rested_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "_MAX_BUCKETS", 3)
    clock = Clock()
    limit = RateLimit(1, clock)
    for user in range(3):
        limit.take(user)
    clock.now += 60
    limit.take(3)
    assert len(limit._buckets) == 1
    assert not limit.look(3).allowed


@given(
    st.integers(1, 30),
    st.lists(st.tuples(st.floats(0, 30), st.sampled_from([0.25, 1.0])), min_size=1, max_size=200),
)
def test_over_any_time_no_more_than_the_limit_and_a_minutes_worth(
    per_minute: int, steps: list[tuple[float, float]]
) -> None:
    clock = Clock()
    each = limits(clock, user=per_minute, chat=0)
    taken = 0.0
    for pause, cost in steps:
        clock.now += pause
        verdict = each.admit(user=1, chat=1, cost=cost)
        if verdict.allowed:
            taken += cost
        else:
            assert taken + cost > per_minute, "nobody is refused before the limit is reached"
            clock.now += verdict.wait_seconds
            assert each.admit(user=1, chat=1, cost=cost).allowed, "after the time that was told it is allowed"
            taken += cost
        assert taken <= per_minute + clock.now * per_minute / 60 + 1e-6
