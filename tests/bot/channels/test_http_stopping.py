"""How the HTTP channel stops: it says so first, finishes what has begun, and gives a word to what it cannot finish."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from threading import Event

import pytest
from starlette.types import Receive, Scope, Send

from bot.channels import http_server
from bot.channels.http_meter import MeterLayer
from bot.channels.http_middleware import RequestIdLayer
from bot.channels.http_server import HttpChannel
from bot.channels.http_timeouts import TimeoutLayer
from bot.meters import Meters
from tests.bot.served import free_port

Reply = tuple[int, dict[str, str], bytes]
HEAD = b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class App:
    """Answers at once, or at ``/slow`` when it is told to; knows when somebody waits."""

    def __init__(self) -> None:
        self.waited_for = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for _ in range(2):
                kind = (await receive())["type"]
                await send({"type": f"{kind}.complete"})
            return
        if scope["path"] == "/slow":
            self.waited_for.set()
            await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


class Connection:
    """A connection that is kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, content: bytes) -> None:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        self._streams[1].write(content)

    async def reply(self) -> Reply:
        assert self._streams is not None
        head = (await self._streams[0].readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        return int(head[0].split()[1]), headers, await self._streams[0].readexactly(int(headers["content-length"]))

    async def get(self, path: str) -> Reply:
        await self.send(HEAD % path.encode())
        return await self.reply()

    async def is_closed(self) -> bool:
        """Once the other side has closed it."""
        assert self._streams is not None
        return await self._streams[0].read(1) == b""


Scenario = Callable[[App, int, asyncio.Event, Event], Awaitable[None]]


def served(scenario: Scenario, *, drain_seconds: float = 0, grace_seconds: float = 10) -> None:
    """Run the scenario beside the channel, which must have stopped by its end."""

    async def run() -> None:
        port, stop, stopping, app = free_port(), asyncio.Event(), Event(), App()
        layers = MeterLayer(
            RequestIdLayer(TimeoutLayer(app, seconds=60, stopping=stopping)), meters=Meters(), stopping=stopping
        )
        channel = HttpChannel(
            layers,
            host="127.0.0.1",
            port=port,
            stopping=stopping,
            drain_seconds=drain_seconds,
            grace_seconds=grace_seconds,
        )
        serving = asyncio.create_task(channel.run(stop))
        while True:
            try:
                await Connection(port).get("/")
                break
            except OSError:
                await asyncio.sleep(0.01)
        await scenario(app, port, stop, stopping)
        await asyncio.wait_for(serving, 30)

    asyncio.run(run())


def test_what_has_begun_is_finished_and_the_connection_closed() -> None:
    async def scenario(app: App, port: int, stop: asyncio.Event, _: Event) -> None:
        slow, idle = Connection(port), Connection(port)
        await idle.get("/")
        await slow.send(HEAD % b"/slow")
        await app.waited_for.wait()
        stop.set()
        assert await idle.is_closed()
        app.may_answer.set()
        status, headers, body = await slow.reply()
        assert (status, headers["connection"], body) == (200, "close", b"ok")

    served(scenario)


def test_while_it_drains_it_answers_also_new_connections() -> None:
    async def scenario(app: App, port: int, stop: asyncio.Event, stopping: Event) -> None:
        kept = Connection(port)
        first = await kept.get("/")
        stop.set()
        while not stopping.is_set():
            await asyncio.sleep(0.01)
        second, fresh = await kept.get("/"), await Connection(port).get("/")
        assert "connection" not in first[1]
        assert [each[0] for each in (first, second, fresh)] == [200, 200, 200]
        assert (second[1]["connection"], fresh[1]["connection"]) == ("close", "close")

    served(scenario, drain_seconds=3)


def test_what_cannot_be_finished_gets_a_problem_that_says_so() -> None:
    async def scenario(app: App, port: int, stop: asyncio.Event, _: Event) -> None:
        slow = Connection(port)
        await slow.send(HEAD % b"/slow")
        await app.waited_for.wait()
        stop.set()
        status, headers, body = await slow.reply()
        assert (status, json.loads(body)["code"], headers["content-type"]) == (
            503,
            "stopping",
            "application/problem+json",
        )
        assert int(headers["retry-after"]) > 0

    served(scenario, grace_seconds=1)


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "])
def test_who_sends_no_whole_head_is_hung_up_on(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "HEAD_SECONDS", 0.1)

    async def scenario(app: App, port: int, stop: asyncio.Event, _: Event) -> None:
        silent = Connection(port)
        await silent.send(sent)
        assert await asyncio.wait_for(silent.is_closed(), 20)
        stop.set()

    served(scenario)


def test_a_connection_that_was_used_is_kept_for_who_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "HEAD_SECONDS", 0.05)

    async def scenario(app: App, port: int, stop: asyncio.Event, _: Event) -> None:
        app.may_answer.set()
        refused = Connection(port)
        for _again in range(2):
            await refused.send(HEAD % b"/slow")
            assert (await refused.reply())[0] == 200
            await asyncio.sleep(0.2)
        stop.set()

    served(scenario)


def test_waiting_for_a_slow_answer_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "HEAD_SECONDS", 0.05)

    async def scenario(app: App, port: int, stop: asyncio.Event, _: Event) -> None:
        slow = Connection(port)
        await slow.send(HEAD % b"/slow")
        await app.waited_for.wait()
        await asyncio.sleep(0.2)
        app.may_answer.set()
        assert (await slow.reply())[0] == 200
        stop.set()

    served(scenario)
