"""Runs channels side by side in one event loop until the process is told to stop.

Knows no channel: work is anything that runs until an event is set.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable

_LOADING = "yiju-load"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


Work = Callable[[asyncio.Event], Awaitable[None]]


def run_until_stopped(*works: Work) -> None:
    """Run all until SIGINT, SIGTERM, or until one fails; the others are stopped then.

    A second signal ends the process at once. Raises: what the first of them raised.
    """
    asyncio.run(_run(works))


async def _run(works: tuple[Work, ...]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked_to_stop() -> None:
        stop.set()
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, asked_to_stop)
    tasks = [asyncio.ensure_future(work(stop)) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        stop.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    failed = next((result for result in results if isinstance(result, BaseException)), None)
    if failed is not None:
        raise failed


async def in_background(work: Callable[[], None], stop: asyncio.Event) -> bool:
    """Run ``work`` in a thread; False when ``stop`` is set before it is done, which then nobody waits for.

    A daemon thread: loading a model must not keep a process alive that was told to stop. Raises: what ``work`` raised.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[object] = loop.create_future()

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the end of a thread: told to whoever waits
            _tell(loop, done, error)
        else:
            _tell(loop, done, None)

    threading.Thread(target=run, name=_LOADING, daemon=True).start()
    stopping: asyncio.Future[object] = asyncio.ensure_future(stop.wait())
    await asyncio.wait((done, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not done.done():
        return False
    done.result()
    return True


def _tell(loop: asyncio.AbstractEventLoop, done: asyncio.Future[object], error: BaseException | None) -> None:
    def settle() -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    if not loop.is_closed():
        loop.call_soon_threadsafe(settle)


def end_background(*, end_process: bool, timeout_seconds: float = 5.0) -> None:
    """Wait for work that a stop left behind; with ``end_process``, end the process where it takes longer.

    Native libraries abort when the interpreter is torn down under a thread that is inside them. Nothing is lost by
    ending at once: whatever is written is written beside the old and renamed.
    """
    for thread in threading.enumerate():
        if thread.name == _LOADING:
            thread.join(timeout_seconds)
            if end_process and thread.is_alive():
                logging.shutdown()
                os._exit(0)
