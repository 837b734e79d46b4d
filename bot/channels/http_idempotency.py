"""Idempotency-Key: a write that is sent again with its key is not done again; its first answer comes back.

A layer around every route under /v1 that changes something. Answers of success are kept; a request that was refused or
failed did nothing, so its key is free again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.http_access import Asker
from bot.channels.http_problems import ProblemError, problem
from bot.channels.work_pool import WorkPool
from bot.state.replays import InFlight, KeptAnswer, Replays
from corpus.errors import StoreError

KEY = re.compile(r"^[!-~]+$")
MAX_KEY_CHARS = 255
METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MAX_KEPT_BYTES = 1024 * 1024
RETRY_SECONDS = 1
_API = "/v1/"
# Secrets that are shown once must not lie in the database; the shape of OpenAI's errors is not ours.
UNKEPT = ("/v1/admin/keys", "/v1/admin/accounts", "/v1/me", "/v1/chat/")
_KEPT_HEADERS = ("content-type", "location", "etag")
# Raises where an answer that was kept may not be told to the asker any more: asker, method, path, body.
StillTold = Callable[[Asker, str, str, bytes], None]
Keep = Callable[[int, dict[str, str], bytes], Awaitable[None]]
_BOUNDARY = re.compile(r'multipart/form-data\s*;.*?boundary="?([^";,\s]{1,200})', re.IGNORECASE)


def takes_key(path: str, method: str) -> bool:
    """Whether a request of that path and method may carry a key."""
    return method in METHODS and path.startswith(_API) and not path.startswith(UNKEPT)


class IdempotencyLayer:
    """Carries each request with a key out once for each owner."""

    def __init__(self, app: ASGIApp, *, replays: Replays, pool: WorkPool, still_told: StillTold) -> None:
        self._app = app
        self._replays = replays
        self._still_told = still_told
        self._pool = pool
        self._log = structlog.get_logger(__name__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asker = scope.get("state", {}).get("asker") if scope["type"] == "http" else None
        keys = _values(scope, b"idempotency-key") if isinstance(asker, Asker) else []
        if not isinstance(asker, Asker) or not keys or not takes_key(scope["path"], scope["method"]):
            await self._app(scope, receive, send)
            return
        if len(keys) != 1 or len(keys[0]) > MAX_KEY_CHARS or KEY.fullmatch(keys[0]) is None:
            detail = f"Idempotency-Key 应为 1 至 {MAX_KEY_CHARS} 个可见 ASCII 字符，只写一个。"
            raise ProblemError(problem(400, detail, code="idempotency_key"))
        await self._once(scope, receive, send, asker, keys[0])

    async def _once(self, scope: Scope, receive: Receive, send: Send, asker: Asker, key: str) -> None:
        owner = asker.owner
        body = _Fingerprint(scope, receive, asker)
        known = await self._pool.run(lambda: self._replays.begin(owner, key))
        if isinstance(known, InFlight):
            detail = "带有同一个 Idempotency-Key 的请求还在处理，请稍后再发。"
            headers = {"Retry-After": str(RETRY_SECONDS)}
            raise ProblemError(problem(409, detail, code="idempotency_in_flight", headers=headers))
        if known is not None:
            if await body.whole() != known.fingerprint:
                detail = "这个 Idempotency-Key 已用于另一个请求；新的请求请用新的键。"
                raise ProblemError(problem(422, detail, code="idempotency_key_reused"))
            content = known.body
            await self._pool.run(lambda: self._still_told(asker, scope["method"], scope["path"], content))
            await _replay(known, send)
            return
        kept = False

        async def keep(status: int, headers: dict[str, str], content: bytes) -> None:
            nonlocal kept
            answer = KeptAnswer(await body.whole(), status, headers, content)
            try:
                await self._pool.run(lambda: self._replays.keep(owner, key, answer))
                kept = True
            except StoreError as error:  # it is done; that it may not be sent again must not hide that
                self._log.warning("answer_not_kept", reason=str(error))

        try:
            await self._app(scope, body.receive, _Keeping(send, keep))
        finally:
            if not kept:
                await self._release(owner, key)

    async def _release(self, owner: str, key: str) -> None:
        try:
            await self._pool.run(lambda: self._replays.release(owner, key))
        except StoreError as error:
            self._log.warning("key_not_released", reason=str(error))


class _Fingerprint:
    """Counts a request's body into a hash while it is read. The boundary of a form, random each time, is left out."""

    def __init__(self, scope: Scope, receive: Receive, asker: Asker) -> None:
        # What the asker may see is part of it: an answer of yesterday must not show what was closed to them since.
        parts = (scope["method"], scope["path"], scope.get("query_string", b"").decode("latin-1"))
        seen = ",".join(asker.clearance.stated())
        self._digest = hashlib.sha256("\x1f".join((*parts, seen)).encode("utf-8", "surrogatepass"))
        kinds = _values(scope, b"content-type")
        found = _BOUNDARY.match(kinds[0]) if kinds else None
        self._boundary = found[1].encode("latin-1") if found else b""
        self._tail = b""
        self._receive = receive
        self._ended = False

    async def receive(self) -> Message:
        """The next part of the body, counted."""
        message = await self._receive()
        if message["type"] == "http.request" and not self._ended:
            self._add(message.get("body", b""))
            self._ended = not message.get("more_body", False)
        elif message["type"] != "http.request":
            self._ended = True
        return message

    async def whole(self) -> str:
        """The hash of all of it; what nobody has read is read now."""
        while not self._ended:
            await self.receive()
        digest = self._digest.copy()
        digest.update(self._tail)
        return digest.hexdigest()

    def _add(self, chunk: bytes) -> None:
        if not self._boundary:
            self._digest.update(chunk)
            return
        *done, rest = (self._tail + chunk).split(self._boundary)
        for part in done:
            self._digest.update(part + b"\x1f")
        # A boundary may begin at the end of one chunk and go on in the next.
        cut = max(len(rest) - len(self._boundary) + 1, 0)
        self._digest.update(rest[:cut])
        self._tail = rest[cut:]


class _Keeping:
    """Has an answer of success kept before it is sent; what comes in pieces goes on and is not kept."""

    def __init__(self, send: Send, keep: Keep) -> None:
        self._send = send
        self._keep = keep
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and 200 <= message["status"] < 300:
            self._start = message
            return
        start, self._start = self._start, None
        if start is not None:
            content = message.get("body", b"")
            if not message.get("more_body", False) and len(content) <= MAX_KEPT_BYTES:
                headers = MutableHeaders(raw=start["headers"])
                said = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
                await self._keep(start["status"], said, content)
            await self._send(start)
        await self._send(message)


async def _replay(known: KeptAnswer, send: Send) -> None:
    headers = {**known.headers, "idempotency-replayed": "true", "cache-control": "no-store"}
    if known.status != 204:
        headers["content-length"] = str(len(known.body))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": known.status, "headers": raw})
    await send({"type": "http.response.body", "body": known.body})


def _values(scope: Scope, name: bytes) -> Sequence[str]:
    return [value.decode("latin-1") for each, value in scope["headers"] if each.lower() == name]
