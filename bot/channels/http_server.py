"""Runs the HTTP application in this process until told to stop; requests that have begun are finished."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import uuid
from collections.abc import Iterator
from threading import Event

import h11
import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.channels.http_headers import ALWAYS
from bot.channels.http_problems import PROBLEM_JSON, problem
from bot.errors import BotError

GRACE_SECONDS = 10
# Longer than any time that a refusal names for coming back: who does so then finds the connection as it was.
KEEP_ALIVE_SECONDS = 75
# For the head of a request, from its first byte, or from the opening of a connection.
HEAD_SECONDS = 20.0
_BACKLOG = 128


class ListenError(BotError):
    """The address cannot be listened on."""


class HttpChannel:
    """The HTTP channel: an application on an address.

    ``stopping`` is set when it is told to stop; it goes on answering for ``drain_seconds``, so that whoever spreads
    load learns of it, then takes no more and finishes what has begun within ``grace_seconds``.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str,
        port: int,
        stopping: Event | None = None,
        drain_seconds: float = 0,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._stopping = stopping or Event()
        self._drain_seconds = drain_seconds
        self._grace_seconds = grace_seconds

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set. Raises: ListenError."""
        sockets = listen(self._host, self._port)
        # No proxy headers: uvicorn would believe them from loopback peers, and the loopback rule needs the true peer.
        config = uvicorn.Config(
            self._app,
            http=_Protocol,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            server_header=False,
            access_log=False,
            log_config=None,
            lifespan="on",
            timeout_graceful_shutdown=math.ceil(self._grace_seconds),
        )
        server = _Server(config)
        shown = f"[{self._host}]" if ":" in self._host else self._host
        structlog.get_logger(__name__).info("http_listening", url=f"http://{shown}:{self._port}/")
        serving = asyncio.ensure_future(server.serve(sockets=sockets))
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            self._stopping.set()
            if self._drain_seconds:
                await asyncio.wait({serving}, timeout=self._drain_seconds)
            server.should_exit = True
            await serving
        finally:
            stopping.cancel()
            for each in sockets:
                each.close()


class _Protocol(H11Protocol):
    """Answers what is no HTTP in the shape of every other error, and waits for the head of a request only so long."""

    _silence: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._silence is not None:
            self._silence.cancel()

    def _watch_head(self) -> None:
        """Until a head is there, however many pieces it comes in; a connection that was used may idle longer."""
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering and self._silence is not None:
            self._silence.cancel()
            self._silence = None
        elif not answering and self._silence is None:
            self._silence = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self._silence = None
        if not self.transport.is_closing():
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        request_id = uuid.uuid4().hex
        body = problem(400, "这不是有效的 HTTP 请求。").body(instance="", request_id=request_id)
        headers = [
            ("content-type", PROBLEM_JSON),
            ("content-length", str(len(body))),
            ("x-request-id", request_id),
            ("connection", "close"),
            ("cache-control", "no-store"),
            *ALWAYS.items(),
        ]
        for event in (h11.Response(status_code=400, headers=headers), h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class _Server(uvicorn.Server):
    """Leaves signals to the process: other channels have to stop too."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets on every address of the host. Raises: ListenError."""
    opened: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, address in dict.fromkeys((each[0], each[4]) for each in found):
            opened.append(_bound(family, address))
    except OSError as error:
        if not opened:
            raise ListenError(
                f"无法监听 {host}:{port}（{error.strerror or error}）。换一个端口：YIJU_HTTP__PORT=8001 yiju serve；"
                "或先停掉占用它的程序"
            ) from error
    return opened


def _bound(family: int, address: object) -> socket.socket:
    # With the protocol named, asyncio turns Nagle's algorithm off; without, each answer waits 40 ms for an ACK.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)  # type: ignore[arg-type]
        opened.listen(_BACKLOG)
        opened.setblocking(False)
    except OSError:
        opened.close()
        raise
    return opened
