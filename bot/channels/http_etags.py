"""ETags: a mark of what a GET answered, so that a client need not load what it has, nor overwrite what it has not seen.

A layer for every JSON answer under /v1. A mark is the hash of the body, so it fits any answer and costs one hash.
"""

from __future__ import annotations

import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.http_problems import ProblemError, problem

# May be stored by the client itself, but asked about each time: documents are retired, labels change.
REVALIDATE = "private, no-cache"
VARY = "Authorization, Cookie, Accept"
_PATHS = ("/v1/", "/openapi.json")
# Says which token a page's forms carry: no copy of that is to lie in a browser's cache.
_UNMARKED = "/v1/me"
_ETAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_LIST = re.compile(r'\s*(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"\s*(?:,\s*(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"\s*)*')


def etag_of(body: bytes) -> str:
    """The strong mark of a body, with its quotes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def named_in(field: str, etag: str) -> bool:
    """Whether an If-None-Match or If-Match names the mark; ``*`` names all. Weak marks count as strong ones."""
    field = field.strip()
    return field == "*" or f"{etag[1:-1]}" in _ETAG.findall(field)


def check_if_match(field: str | None, etag: str) -> None:
    """Raises: ProblemError: 412 where the field names another state, 400 where it is no list of marks."""
    if field is None:
        return
    if field.strip() != "*" and _LIST.fullmatch(field) is None:
        raise ProblemError(problem(400, 'If-Match 应为 ETag（带双引号），如 "9f0b2c"，或 *。'))
    if not named_in(field, etag):
        detail = "内容在您读取之后已经变了，没有修改。请重新读取（GET），再带上新的 ETag 提交。"
        raise ProblemError(problem(412, detail))


class EtagLayer:
    """Marks JSON answers to GET, and answers 304 where the client has the same already."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        wanted = scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].startswith(_PATHS)
        if not wanted or scope["path"] == _UNMARKED:
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Marking(scope, send))


class _Marking:
    """Holds the beginning of an answer back until its body is there; what comes in pieces goes on as it is."""

    def __init__(self, scope: Scope, send: Send) -> None:
        fields = [value.decode("latin-1") for name, value in scope["headers"] if name == b"if-none-match"]
        self._asked = ", ".join(fields)
        self._send = send
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_marked(message):
            self._start = message
            return
        start, self._start = self._start, None
        if start is None:
            await self._send(message)
            return
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            await self._answer(start, message)
            return
        await self._send(start)
        await self._send(message)

    async def _answer(self, start: Message, message: Message) -> None:
        headers = MutableHeaders(raw=start["headers"])
        etag = headers.get("etag") or etag_of(message.get("body", b""))
        headers["ETag"], headers["Cache-Control"] = etag, REVALIDATE
        headers.add_vary_header(VARY)
        if self._asked and named_in(self._asked, etag):
            for name in ("content-length", "content-type"):
                del headers[name]
            await self._send({**start, "status": 304, "headers": headers.raw})
            await self._send({"type": "http.response.body", "body": b""})
            return
        await self._send({**start, "headers": headers.raw})
        await self._send(message)


def _is_marked(start: Message) -> bool:
    kind = MutableHeaders(raw=start["headers"]).get("content-type", "") if start["status"] == 200 else ""
    return kind.startswith("application/json")
