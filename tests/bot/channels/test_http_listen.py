from __future__ import annotations

import asyncio
import socket

import httpx
import pytest

from bot.channels.http_server import HttpChannel, ListenError, listen
from tests.bot.served import free_port


async def bare(scope: object, receive: object, send: object) -> None:
    """An application that is never asked."""


def test_every_address_of_the_host_is_listened_on() -> None:
    sockets = listen("localhost", free_port())
    try:
        assert "127.0.0.1" in {each.getsockname()[0] for each in sockets}
        assert {each.getsockname()[0] for each in sockets} <= {"127.0.0.1", "::1"}
    finally:
        for each in sockets:
            each.close()


def test_sockets_name_their_protocol_so_that_answers_are_sent_at_once() -> None:
    (opened,) = listen("127.0.0.1", free_port())

    with opened:
        assert opened.proto == socket.IPPROTO_TCP


def test_taken_port_and_unknown_host_are_told_with_the_cure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ListenError, match=f"127.0.0.1:{port}.*YIJU_HTTP__PORT"):
            listen("127.0.0.1", port)
    with pytest.raises(ListenError, match="no-such-host"):
        listen("no-such-host.invalid", 8000)


def test_channel_ends_when_it_is_told_to_and_frees_its_port() -> None:
    port = free_port()

    async def run() -> None:
        stop = asyncio.Event()
        serving = asyncio.ensure_future(HttpChannel(bare, host="127.0.0.1", port=port).run(stop))
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(100):
                try:
                    await client.get(f"http://127.0.0.1:{port}/")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        stop.set()
        await asyncio.wait_for(serving, 20)

    asyncio.run(run())
    for each in listen("127.0.0.1", port):
        each.close()
