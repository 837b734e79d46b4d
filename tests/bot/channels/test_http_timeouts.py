"""What does not come, or is not answered in time, ends with a problem; a response that has begun does not."""

from __future__ import annotations

import asyncio
from threading import Event
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from bot.channels.http_problems import ProblemError
from bot.channels.http_timeouts import TimeoutLayer

SOON = 0.05
ANSWER = ({"type": "http.response.start", "status": 200}, {"type": "http.response.body", "body": b""})


def scope(path: str = "/v1/ask") -> dict[str, Any]:
    return {"type": "http", "path": path, "method": "POST"}


async def nothing_comes() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def whole_body() -> Message:
    return {"type": "http.request", "body": b"{}", "more_body": False}


async def answered(layer: TimeoutLayer, receive: Receive, path: str = "/v1/ask") -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await layer(scope(path), receive, send)
    return sent


async def reads_and_answers(_: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    for message in ANSWER:
        await send(message)


async def reads_and_hangs(_: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await asyncio.Event().wait()


def problem_in(layer: TimeoutLayer, receive: Receive, path: str = "/v1/ask") -> tuple[int, str, str | None]:
    with pytest.raises(ProblemError) as told:
        asyncio.run(answered(layer, receive, path))
    found = told.value.problem
    return found.status, found.code, found.headers.get("Retry-After")


def test_a_body_that_does_not_come_is_408() -> None:
    assert problem_in(TimeoutLayer(reads_and_answers, seconds=SOON, stopping=Event()), nothing_comes) == (
        408,
        "request_timeout",
        None,
    )


def test_an_answer_that_does_not_come_is_503_with_a_time_to_come_back() -> None:
    status, code, after = problem_in(TimeoutLayer(reads_and_hangs, seconds=SOON, stopping=Event()), whole_body)

    assert (status, code) == (503, "timeout")
    assert after is not None


def test_administrators_have_more_time() -> None:
    async def slow(_: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(SOON * 3)
        for message in ANSWER:
            await send(message)

    layer = TimeoutLayer(slow, seconds=SOON, stopping=Event())

    assert asyncio.run(answered(layer, whole_body, "/v1/admin/status")) == list(ANSWER)


def test_a_slow_stream_of_a_response_goes_on() -> None:
    async def stream(_: Scope, receive: Receive, send: Send) -> None:
        await send(ANSWER[0])
        await asyncio.sleep(SOON * 3)
        await send(ANSWER[1])

    assert asyncio.run(answered(TimeoutLayer(stream, seconds=SOON, stopping=Event()), whole_body)) == list(ANSWER)


def test_a_long_body_may_take_its_time_while_something_comes() -> None:
    pieces = iter(range(6))

    async def drip() -> Message:
        await asyncio.sleep(SOON / 2)
        return {"type": "http.request", "body": b"x", "more_body": next(pieces) < 5}

    layer = TimeoutLayer(reads_and_answers, seconds=SOON * 2, stopping=Event())

    assert asyncio.run(answered(layer, drip)) == list(ANSWER)


def test_a_timeout_of_the_application_itself_stays_one() -> None:
    async def fails(_: Scope, receive: Receive, send: Send) -> None:
        raise TimeoutError("of a database")

    with pytest.raises(TimeoutError, match="of a database"):
        asyncio.run(answered(TimeoutLayer(fails, seconds=5, stopping=Event()), whole_body))


@pytest.mark.parametrize("stopping", [True, False])
def test_whoever_waits_when_the_server_gives_up_gets_a_word(stopping: bool) -> None:
    said = Event()
    if stopping:
        said.set()

    async def scenario() -> BaseException | None:
        layer = TimeoutLayer(reads_and_hangs, seconds=60, stopping=said)
        task = asyncio.create_task(answered(layer, whole_body))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        (told,) = await asyncio.gather(task, return_exceptions=True)
        return told if isinstance(told, BaseException) else None

    told = asyncio.run(scenario())
    if stopping:
        assert isinstance(told, ProblemError)
        assert (told.problem.status, told.problem.code) == (503, "stopping")
    else:
        assert isinstance(told, asyncio.CancelledError)


def test_what_is_no_request_goes_through() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def send(_: Message) -> None: ...

    asyncio.run(TimeoutLayer(app, seconds=1, stopping=Event())({"type": "lifespan"}, nothing_comes, send))
    assert seen == ["lifespan"]
