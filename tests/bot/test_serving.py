from __future__ import annotations

import asyncio
import os
import signal
import threading
import time

import pytest

from bot.errors import NotReadyError
from bot.gate import Gate
from bot.serving import end_background, in_background, run_until_stopped


def test_signal_stops_all_works() -> None:
    ended: list[str] = []

    async def work(stop: asyncio.Event) -> None:
        await stop.wait()
        ended.append("work")

    async def other(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()
        ended.append("other")

    run_until_stopped(work, other)

    assert sorted(ended) == ["other", "work"]


def test_failure_of_one_stops_the_others_and_is_raised() -> None:
    ended: list[str] = []

    async def work(stop: asyncio.Event) -> None:
        await stop.wait()
        ended.append("work")

    async def failing(_: asyncio.Event) -> None:
        raise NotReadyError("没有模型")

    with pytest.raises(NotReadyError):
        run_until_stopped(work, failing)

    assert ended == ["work"]


def test_work_that_ends_does_not_stop_the_others() -> None:
    order: list[str] = []

    async def short(_: asyncio.Event) -> None:
        order.append("short")

    async def long(stop: asyncio.Event) -> None:
        await asyncio.sleep(0.05)
        order.append("stopped" if stop.is_set() else "long")

    run_until_stopped(short, long)

    assert order == ["short", "long"]


def test_background_work_is_waited_for_and_its_error_told() -> None:
    done: list[int] = []

    def failing() -> None:
        raise NotReadyError("没有模型")

    async def run() -> None:
        assert await in_background(lambda: done.append(1), asyncio.Event())
        with pytest.raises(NotReadyError):
            await in_background(failing, asyncio.Event())

    asyncio.run(run())
    assert done == [1]


def test_background_work_is_left_behind_when_stopped() -> None:
    gate = threading.Event()

    def work() -> None:
        gate.wait(30)

    async def run() -> bool:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, stop.set)
        return await in_background(work, stop)

    started = time.monotonic()
    assert asyncio.run(run()) is False
    assert time.monotonic() - started < 5
    gate.set()


def test_closed_gate_refuses_with_its_reason() -> None:
    gate = Gate("正在加载")

    for call in (
        gate.ready,
        lambda: gate.ask("问", owner="local"),
        lambda: gate.passage("p"),
        lambda: gate.feedback("a", owner="local", rating="up"),
    ):
        with pytest.raises(NotReadyError, match="正在加载"):
            call()


def test_what_a_stop_left_behind_is_waited_for() -> None:
    release = threading.Event()
    ended: list[str] = []

    def load() -> None:
        release.wait(5)
        ended.append("load")

    async def stopped_while_loading() -> bool:
        stop = asyncio.Event()
        stop.set()
        return await in_background(load, stop)

    assert asyncio.run(stopped_while_loading()) is False
    release.set()
    end_background(end_process=False)

    assert ended == ["load"]


def test_a_load_that_takes_too_long_does_not_keep_an_error_from_being_told() -> None:
    release = threading.Event()

    def load() -> None:
        release.wait(5)

    async def stopped_while_loading() -> bool:
        stop = asyncio.Event()
        stop.set()
        return await in_background(load, stop)

    asyncio.run(stopped_while_loading())
    end_background(end_process=False, timeout_seconds=0.05)
    still_there = [thread for thread in threading.enumerate() if thread.name == "yiju-load"]
    release.set()

    assert len(still_there) == 1
