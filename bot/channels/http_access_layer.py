"""The layer at the door, as plain ASGI: lets through who may, and keeps pages of other sites from acting by cookies."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Sequence
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.http_access import Arrival, Asker
from bot.channels.http_clients import Client, cookie_name, cookie_of, set_cookie
from bot.channels.http_doors import GUEST, GUEST_COOKIE, Doors, guest_of
from bot.channels.http_middleware import FORM, MULTIPART, content_type, headers_of, read_whole, replayed
from bot.channels.http_problems import ProblemError, problem
from bot.channels.work_pool import WorkPool

CSRF_HEADER, CSRF_FIELD = "x-csrf-token", "csrf_token"
# Forms that are sent before there is a session; their routes check a token of their own.
OWN_CSRF = frozenset({"/login", "/login/link"})
_MAX_FORM_BYTES = 1024 * 1024
# The field stands first in a form with files: what comes before the end of it is small.
_MAX_FIRST_PART_BYTES = 4096
_FIRST_PART = re.compile(
    rb"--[^\r\n]{1,70}\r\n[Cc]ontent-[Dd]isposition: form-data; name=\"csrf_token\"\r\n"
    rb"(?:[^\r\n]+\r\n)*\r\n([0-9a-f]+)\r\n"
)
_GUEST_DAYS = 30
_GUEST_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


class AccessLayer:
    """Leaves the asker in ``scope["state"]["asker"]``; ``HeadersLayer`` left arrival and client there."""

    def __init__(self, app: ASGIApp, *, doors: Doors, pool: WorkPool) -> None:
        self._app = app
        self._doors = doors
        self._pool = pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge one request before anything of its body is read, a form's token aside."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        arrival: Arrival = scope["state"]["arrival"]
        client: Client = scope["state"]["client"]
        scope["state"]["asker"] = None
        asker = await self._asker(arrival, client)
        if asker is not None and asker.owner == GUEST.owner:
            asker, send = _with_guest_cookie(asker, arrival, client, send)
        scope["state"]["asker"] = asker
        if asker is not None and asker.csrf_token is not None and arrival.changes_something:
            receive = await _checked(asker.csrf_token, arrival, scope, receive)
        await self._app(scope, receive, send)

    async def _asker(self, arrival: Arrival, client: Client) -> Asker | None:
        credential = self._doors.credential(arrival, client)
        known = self._doors.remembered(credential)
        if known is None:
            known = await self._pool.run(lambda: self._doors.look_up(credential))
        return self._doors.admit(arrival, client, credential, known)


def arrival_of(scope: Scope) -> Arrival:
    """A request as the rules look at it."""
    peer = scope["client"][0] if scope.get("client") else None
    return Arrival(scope["path"], peer, headers_of(scope), scope["method"], scope.get("scheme", "http"))


def _with_guest_cookie(guest: Asker, arrival: Arrival, client: Client, send: Send) -> tuple[Asker, Send]:
    """The guest by their cookie; the response brings one to who has none yet."""
    name = cookie_name(GUEST_COOKIE, secure=client.secure)
    token = cookie_of(arrival.headers.get("cookie", ()), name)
    if token is not None and _GUEST_TOKEN.fullmatch(token):
        return guest_of(guest, token), send
    token = secrets.token_urlsafe(24)
    header = set_cookie(GUEST_COOKIE, token, secure=client.secure, max_age=_GUEST_DAYS * 24 * 3600)

    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), (b"set-cookie", header.encode("latin-1"))]
        await send(message)

    return guest_of(guest, token), send_with_cookie


async def _checked(token: str, arrival: Arrival, scope: Scope, receive: Receive) -> Receive:
    """Let a request through that carries the token of its session. Raises: ProblemError: 403."""
    headers = arrival.headers
    given = headers.get(CSRF_HEADER, ())
    if given:
        _compare(token, given)
        return receive
    if arrival.path in OWN_CSRF:
        return receive
    kind = content_type(headers)
    if kind == FORM:
        body = await read_whole(scope, receive, _MAX_FORM_BYTES)
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=1000)
        _compare(token, fields.get(CSRF_FIELD, ()))
        return replayed(body, receive)
    if kind == MULTIPART:
        return await _checked_upload(token, receive)
    raise _refused()


async def _checked_upload(token: str, receive: Receive) -> Receive:
    """The token of a form with files is its first field, so that the files need not be kept to find it."""
    held: list[Message] = []
    beginning = b""
    found = None
    while found is None:
        message = await receive()
        held.append(message)
        beginning += message.get("body", b"")[:_MAX_FIRST_PART_BYTES]
        found = _FIRST_PART.match(beginning)
        if found is None and (len(beginning) >= _MAX_FIRST_PART_BYTES or not message.get("more_body", False)):
            raise _refused()
    _compare(token, [found[1].decode("ascii")])

    async def replay() -> Message:
        return held.pop(0) if held else await receive()

    return replay


def _compare(token: str, given: Sequence[str]) -> None:
    if len(given) != 1 or not hmac.compare_digest(given[0].encode("utf-8", "replace"), token.encode("ascii")):
        raise _refused()


def _refused() -> ProblemError:
    return ProblemError(
        problem(403, "请求没有带上本页的令牌；请刷新页面后再试。", code="csrf", headers={"Connection": "close"})
    )
