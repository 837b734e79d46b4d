"""Work off the event loop: bounded, counted until it ends, and refused above the bound."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.work_pool import WorkPool
from bot.errors import BusyError


def test_work_beyond_the_queue_is_refused_until_some_is_done() -> None:
    gate = threading.Event()

    async def scenario() -> list[object]:
        pool = WorkPool("test", workers=1, waiting=1)
        begun = [asyncio.create_task(pool.run(gate.wait)) for _ in range(2)]
        await asyncio.sleep(0.05)
        with pytest.raises(BusyError, match="2 个"):
            await pool.run(lambda: None)
        gate.set()
        done = await asyncio.gather(*begun)
        last = await pool.run(lambda: "又有空了")
        pool.close()
        return [*done, last]

    assert asyncio.run(scenario()) == [True, True, "又有空了"]


def test_a_call_that_nobody_waits_for_any_more_still_counts_until_it_ends() -> None:
    gate = threading.Event()

    async def scenario() -> None:
        pool = WorkPool("test", workers=1, waiting=0)
        task = asyncio.create_task(pool.run(gate.wait))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await pool.run(lambda: None)
        gate.set()
        pool.close()

    asyncio.run(scenario())


def test_work_that_waits_in_line_is_dropped_with_whoever_waited_for_it() -> None:
    gate, done = threading.Event(), threading.Event()

    async def scenario() -> None:
        pool = WorkPool("test", workers=1, waiting=1)
        first = asyncio.create_task(pool.run(gate.wait))
        second = asyncio.create_task(pool.run(done.set))
        await asyncio.sleep(0.05)
        second.cancel()
        await asyncio.sleep(0)
        gate.set()
        await first
        await pool.run(lambda: None)
        pool.close()

    asyncio.run(scenario())
    assert not done.is_set()


def test_work_sees_the_context_of_the_caller() -> None:
    request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")

    async def scenario() -> str:
        request_id.set("r1")
        pool = WorkPool("test", workers=1, waiting=0)
        seen = await pool.run(request_id.get)
        pool.close()
        return seen

    assert asyncio.run(scenario()) == "r1"


class Counted:
    """Writes down what a pool counts."""

    def __init__(self) -> None:
        self.refusals: list[str] = []
        self.waits: list[float] = []

    def waited(self, pool: str, seconds: float) -> None:
        self.waits.append(seconds)

    def refused(self, pool: str, reason: str) -> None:
        self.refusals.append(reason)


def test_those_who_wait_take_turns_however_much_each_has_sent() -> None:
    gate, order = threading.Event(), list[str]()

    async def scenario() -> None:
        pool = WorkPool("test", workers=1, waiting=20)
        first = asyncio.create_task(pool.run(gate.wait))
        await asyncio.sleep(0)
        sent = [("贪", n) for n in range(5)] + [("乙", n) for n in range(2)] + [("丙", 0)]
        begun = [asyncio.create_task(pool.run(partial(order.append, f"{who}{n}"), asker=who)) for who, n in sent]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(first, *begun)
        pool.close()

    asyncio.run(scenario())
    assert order == ["贪0", "乙0", "丙0", "贪1", "乙1", "贪2", "贪3", "贪4"]


def test_who_has_most_in_a_full_line_gives_up_the_last_of_it_to_who_has_less() -> None:
    gate, counted = threading.Event(), Counted()

    async def scenario() -> list[object]:
        pool = WorkPool("test", workers=1, waiting=3, counts=counted)
        first = asyncio.create_task(pool.run(gate.wait))
        await asyncio.sleep(0)
        greedy = [asyncio.create_task(pool.run(lambda: "贪", asker="贪")) for _ in range(3)]
        await asyncio.sleep(0)
        modest = asyncio.create_task(pool.run(lambda: "乙", asker="乙"))
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await pool.run(lambda: "贪", asker="贪")
        gate.set()
        told = await asyncio.gather(*greedy, modest, return_exceptions=True)
        await first
        pool.close()
        return [type(each).__name__ if isinstance(each, Exception) else each for each in told]

    assert asyncio.run(scenario()) == ["贪", "贪", "BusyError", "乙"]
    assert counted.refusals == ["displaced", "full"]
    assert len(counted.waits) == 4


def test_an_asker_alone_displaces_nobody() -> None:
    gate = threading.Event()

    async def scenario() -> None:
        pool = WorkPool("test", workers=1, waiting=2)
        first = asyncio.create_task(pool.run(gate.wait))
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(pool.run(lambda: None, asker=who)) for who in ("甲", "乙")]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await pool.run(lambda: None, asker="丙")
        gate.set()
        await asyncio.gather(first, *waiting)
        pool.close()

    asyncio.run(scenario())


def test_a_place_in_line_is_free_as_soon_as_nobody_waits_for_it() -> None:
    gate, counted = threading.Event(), Counted()

    async def scenario() -> str:
        pool = WorkPool("test", workers=1, waiting=1, counts=counted)
        first = asyncio.create_task(pool.run(gate.wait))
        await asyncio.sleep(0)
        gone = asyncio.create_task(pool.run(lambda: "走了"))
        await asyncio.sleep(0)
        gone.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await gone
        assert (pool.waiting, pool.busy) == (0, 1)
        later = asyncio.create_task(pool.run(lambda: "来了"))
        await asyncio.sleep(0)
        gate.set()
        await first
        told = await later
        pool.close()
        return told

    assert asyncio.run(scenario()) == "来了"
    assert counted.refusals == ["given_up"]


def test_a_refusal_says_when_to_come_back_by_how_long_work_takes() -> None:
    gate = threading.Event()

    async def scenario() -> int | None:
        pool = WorkPool("test", workers=1, waiting=0)
        task = asyncio.create_task(pool.run(gate.wait))
        await asyncio.sleep(0)
        with pytest.raises(BusyError) as refused:
            await pool.run(lambda: None)
        gate.set()
        await task
        pool.close()
        return refused.value.retry_after_seconds

    assert asyncio.run(scenario()) == 1


def test_closing_drops_what_waits_and_takes_no_more() -> None:
    gate = threading.Event()

    async def scenario() -> tuple[bool, bool]:
        pool = WorkPool("test", workers=1, waiting=1)
        first = asyncio.create_task(pool.run(gate.wait))
        await asyncio.sleep(0)
        second = asyncio.create_task(pool.run(lambda: None))
        await asyncio.sleep(0)
        pool.close()
        with pytest.raises(RuntimeError, match="closed"):
            await pool.run(lambda: None)
        gate.set()
        finished = await first
        with contextlib.suppress(asyncio.CancelledError):
            await second
        return finished, second.cancelled()

    assert asyncio.run(scenario()) == (True, True)


@settings(max_examples=30)
@given(st.lists(st.sampled_from("甲乙丙丁"), max_size=40), st.integers(1, 3), st.integers(0, 6))
def test_everything_is_done_or_refused_and_never_both(askers: list[str], workers: int, waiting: int) -> None:
    done, guard = list[int](), threading.Lock()

    def work(number: int) -> int:
        with guard:
            done.append(number)
        return number

    async def scenario() -> list[int | BaseException]:
        pool = WorkPool("test", workers=workers, waiting=waiting)
        begun = [asyncio.create_task(pool.run(partial(work, n), asker=who)) for n, who in enumerate(askers)]
        told = await asyncio.gather(*begun, return_exceptions=True)
        assert pool.busy == 0
        pool.close()
        return told

    told = asyncio.run(scenario())
    answered = [each for each in told if isinstance(each, int)]
    assert sorted(done) == sorted(answered)
    assert all(isinstance(each, BusyError) for each in told if not isinstance(each, int))
    assert len(answered) >= min(len(askers), workers + waiting)
