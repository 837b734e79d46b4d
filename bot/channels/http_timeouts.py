"""Bounds how long a request may take to arrive and to be answered, so that none holds its place for ever, also where
the server stops before it is answered.

Of a response that has begun the end is waited for: a stream may be slow.
"""

from __future__ import annotations

import asyncio
from threading import Event

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.http_problems import ProblemError, problem

RETRY_SECONDS = 5
# Administrators read whole snapshots and large files; nobody else waits behind them.
_UNHURRIED = ("/admin", "/v1/admin", "/v1/documents")
_UNHURRIED_TIMES = 10


class TimeoutLayer:
    """Gives up what takes longer: work in line is not begun, work that has begun is finished for nobody."""

    def __init__(self, app: ASGIApp, *, seconds: float, stopping: Event) -> None:
        self._app = app
        self._seconds = seconds
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request in time. Raises: ProblemError: 408 for the client's delay, 503 for the server's."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        loop, whole, arriving, begun = asyncio.get_running_loop(), False, False, False
        seconds = self._seconds * (_UNHURRIED_TIMES if scope["path"].startswith(_UNHURRIED) else 1)

        async def receive_in_time() -> Message:
            nonlocal arriving, whole
            if whole or begun:
                return await receive()
            # A long upload may take its time as long as something comes.
            limit.reschedule(loop.time() + self._seconds)
            arriving = True
            message = await receive()
            arriving, whole = False, not message.get("more_body", False)
            limit.reschedule(loop.time() + seconds)
            return message

        async def send_in_time(message: Message) -> None:
            nonlocal begun
            if not begun:
                begun = True
                limit.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(seconds) as limit:
                await self._app(scope, receive_in_time, send_in_time)
        except TimeoutError:
            if not limit.expired() or begun:
                raise
            raise _late(arriving, self._seconds if arriving else seconds) from None
        except asyncio.CancelledError:
            # The server gives up what it could not finish before its end; whoever waits for it gets a word.
            if not self._stopping.is_set() or begun:
                raise
            raise _stopped() from None


def _late(arriving: bool, seconds: float) -> ProblemError:
    if arriving:
        # Closed, because nobody knows what else of the request is still to come.
        detail = f"请求体 {seconds:g} 秒没有传完。"
        return ProblemError(problem(408, detail, headers={"Connection": "close"}))
    detail, headers = f"{seconds:g} 秒内没有处理完，请稍后再试。", {"Retry-After": str(RETRY_SECONDS)}
    return ProblemError(problem(503, detail, code="timeout", headers=headers))


def _stopped() -> ProblemError:
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return ProblemError(problem(503, "服务正在停止，请稍后再试。", code="stopping", headers=headers))
