"""Work off the event loop: bounded, counted until it ends, and refused above the bound."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

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
