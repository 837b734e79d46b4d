"""Many clients that ask over kept connections, from one event loop, and what became of each request.

Plain sockets: a library's client would take more of the processor than the server that is measured.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

# A response that has not come by then counts as lost.
PATIENCE_SECONDS = 60.0
LOST = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """``status`` is ``LOST`` where no response came. ``retry_after``: seconds, None where the response names none."""

    status: int
    seconds: float
    began: float
    retry_after: float | None = None
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked, and as whom."""

    port: int
    path: str
    key: str | None = None

    def request(self, body: object) -> bytes:
        """The bytes of a request."""
        content = json.dumps(body, ensure_ascii=False).encode()
        lines = [
            f"POST {self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
        ]
        if self.key is not None:
            lines.append(f"Authorization: Bearer {self.key}")
        return "\r\n".join([*lines, "", ""]).encode() + content


class Connection:
    """A connection that is opened when it is used, and again where it was closed. One request at a time."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, body: object) -> Reply:
        """Send, and wait for the response. Never raises for what the server does."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                status, headers, said = await self._exchange(self._target.request(body))
        except (OSError, ValueError, asyncio.IncompleteReadError, TimeoutError):
            self.close()
            return Reply(LOST, time.monotonic() - began, began)
        if headers.get("connection", "").lower() == "close":
            self.close()
        after = headers.get("retry-after")
        return Reply(status, time.monotonic() - began, began, float(after) if after is not None else None, said)

    async def _exchange(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        if self._streams is not None and self._streams[0].at_eof():
            self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._target.port)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest if line)}
        if "content-length" not in headers:
            raise ValueError("a response without its length")
        return int(first.split()[1]), headers, await reader.readexactly(int(headers["content-length"]))

    def close(self) -> None:
        """Leave it."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def closed_loop(
    target: Target, bodies: Callable[[], object], *, clients: int, seconds: float, patient: bool = True
) -> list[Reply]:
    """Each client asks the next question as soon as it has its answer, for so long.

    ``patient``: who is refused comes back when it was told to, otherwise at once.
    """
    end = time.monotonic() + seconds

    async def client() -> list[Reply]:
        connection, replies = Connection(target), list[Reply]()
        while time.monotonic() < end:
            reply = await connection.ask(bodies())
            replies.append(reply)
            if reply.status == 503 and patient:
                await asyncio.sleep(min(reply.retry_after or 1.0, max(0.0, end - time.monotonic())))
        connection.close()
        return replies

    return [reply for each in await asyncio.gather(*(client() for _ in range(clients))) for reply in each]


async def open_loop(target: Target, bodies: Callable[[], object], *, rate: float, seconds: float) -> list[Reply]:
    """So many requests a second, whatever becomes of the earlier ones; free connections are used again."""
    free, begun = list[Connection](), list[asyncio.Task[Reply]]()

    async def one() -> Reply:
        connection = free.pop() if free else Connection(target)
        reply = await connection.ask(bodies())
        free.append(connection)
        return reply

    start = time.monotonic()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
        begun.append(asyncio.create_task(one()))
    replies = await asyncio.gather(*begun)
    for connection in free:
        connection.close()
    return list(replies)


def in_turn(values: Sequence[object]) -> Callable[[], object]:
    """One after the other, and again from the first."""

    def forever() -> Iterator[object]:
        while True:
            yield from values

    following = forever()
    return lambda: next(following)
