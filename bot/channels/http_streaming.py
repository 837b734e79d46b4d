"""Answers that are told while they are made, as server-sent events: how far they are, then the text in pieces.

An error that comes before the first event is told with its status, as without a stream; a later one is the last event.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from enum import Enum

import structlog
from fastapi import Request
from fastapi.sse import format_sse_event
from starlette.responses import StreamingResponse

from bot.answers import Answer
from bot.channels.http_problems import Problem, problem_of
from bot.channels.openai_chat import pieces
from bot.channels.wire import AnswerBody
from bot.channels.work_pool import WorkPool
from bot.stages import Stage, heard_by

EVENT_STREAM = "text/event-stream"
# Proxies and browsers give up on connections that are silent for long.
KEEP_ALIVE_SECONDS = 10.0
_LOG = structlog.get_logger(__name__)


class Beat(Enum):
    """Nothing new for some time, and still at it."""

    BEAT = "beat"


Progress = Stage | Beat | Answer


async def progress_of(pool: WorkPool, ask: Callable[[], Answer], *, asker: str) -> AsyncIterator[Progress]:
    """What is being done for an answer, then the answer. Work that has not begun is dropped where nobody listens.

    Raises: what ``ask`` and the pool raise.
    """
    loop = asyncio.get_running_loop()
    heard: asyncio.Queue[Stage | None] = asyncio.Queue()

    def hear(stage: Stage) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended before the answer
            loop.call_soon_threadsafe(heard.put_nowait, stage)

    with heard_by(hear):
        working = asyncio.ensure_future(pool.run(ask, asker=asker))
    # By the same way as the stages, so that it comes after them.
    working.add_done_callback(lambda _: heard.put_nowait(None))
    try:
        while True:
            try:
                stage = await asyncio.wait_for(heard.get(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                yield Beat.BEAT
                continue
            if stage is None:
                break
            yield stage
        yield await working
    finally:
        working.cancel()


async def begun(progress: AsyncIterator[Progress]) -> AsyncIterator[Progress]:
    """The same, once there is something to tell: until then an error is raised here, and no stream has begun."""
    while (first := await anext(progress)) is Beat.BEAT:
        pass

    async def all_of_it() -> AsyncIterator[Progress]:
        yield first
        async for each in progress:
            yield each

    return all_of_it()


def wants_events(request: Request) -> bool:
    """Whether the client asks for a stream."""
    accepted = ",".join(request.headers.getlist("accept")).lower()
    return any(part.partition(";")[0].strip() == EVENT_STREAM for part in accepted.split(","))


def event_stream(events: AsyncIterator[bytes]) -> StreamingResponse:
    """A response that no cache keeps and no proxy holds back."""
    return StreamingResponse(
        events, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}, media_type=EVENT_STREAM
    )


def keep_alive() -> bytes:
    """A comment, which every client passes over."""
    return format_sse_event(comment="")


def event(data: str, *, name: str | None = None) -> bytes:
    """One event."""
    return format_sse_event(data_str=data, event=name)


def as_json(value: object) -> str:
    """On one line; what cannot be encoded is escaped."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def logged_problem(error: Exception, request: Request) -> Problem:
    """What the client of a stream that has begun is told; the log hears of it as of every other failure."""
    told = problem_of(error)
    path = request.url.path
    if told.status == 500:
        _LOG.error("http_failed", path=path, exc_info=error)
    elif told.status == 503:
        _LOG.warning("http_unavailable", path=path, code=told.code, reason=str(error))
    return told


async def answer_events(progress: AsyncIterator[Progress], request: Request) -> AsyncIterator[bytes]:
    """The events of ``POST /v1/ask``: ``stage``, ``delta``, and last ``answer`` or ``problem``."""
    try:
        async for each in progress:
            if isinstance(each, Stage):
                yield event(as_json({"stage": each.value}), name="stage")
            elif isinstance(each, Answer):
                for piece in pieces(each.text):
                    yield event(as_json({"text": piece}), name="delta")
                yield event(AnswerBody.of(each).model_dump_json(), name="answer")
            else:
                yield keep_alive()
    except Exception as error:  # noqa: BLE001 - whatever it is, the stream ends with it
        told = logged_problem(error, request)
        body = told.body(instance=request.url.path, request_id=request.state.request_id)
        yield event(body.decode(), name="problem")
