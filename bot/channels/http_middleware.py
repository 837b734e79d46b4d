"""Two layers around every route, as plain ASGI: request id and last resort, body bounds. Between them is access.

They answer with problems themselves; routes see only requests that are allowed and bounded.
"""

from __future__ import annotations

import re
import time
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.http_error_pages import Page, send_page, wants_page
from bot.channels.http_problems import Problem, ProblemError, problem, problem_of
from bot.channels.http_services import HttpLimits
from bot.channels.openai_errors import rendered

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
UPLOAD_PATHS = frozenset({"/v1/documents", "/v1/uploads"})
# Monitors ask these all the time.
_QUIET_PATHS = frozenset({"/livez", "/readyz", "/metrics"})
# Counted, and in the line of the request: with too much to do, another line for each refusal is more of it.
_BUSY = "busy"
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
_JSON = re.compile(r"application/(json|[\w.+-]+\+json)")


def headers_of(scope: Scope) -> Mapping[str, Sequence[str]]:
    """Header values by lower-case name."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, value in scope["headers"]:
        found[name.decode("latin-1").lower()].append(value.decode("latin-1"))
    return found


async def send_problem(scope: Scope, send: Send, told: Problem) -> None:
    """Answer with a problem; for HEAD its headers alone."""
    status, kind, body = rendered(told, path=scope["path"], request_id=scope["state"]["request_id"])
    headers = {"content-type": kind, "content-length": str(len(body)), "cache-control": "no-store"}
    headers |= {name.lower(): value for name, value in told.headers.items()}
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


class RequestIdLayer:
    """Outermost: names each request, logs it, and turns every error into a problem, for a browser into a ``page``."""

    def __init__(self, app: ASGIApp, *, page: Page | None = None) -> None:
        self._app = app
        self._page = page
        self._log = structlog.get_logger(__name__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens inside."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = headers_of(scope).get("x-request-id", [""])
        request_id = given[0] if len(given) == 1 and REQUEST_ID.fullmatch(given[0]) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        status: int | None = None

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", request_id.encode("ascii"))]
            await send(message)

        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_named)
            except Exception as error:
                if status is not None:
                    raise
                await self._tell(error, scope, receive, send_named)
            finally:
                elapsed_ms = round((time.perf_counter() - started) * 1000, 1)
                log = self._log.debug if scope["path"] in _QUIET_PATHS else self._log.info
                log("http", method=scope["method"], path=scope["path"], status=status, ms=elapsed_ms)

    async def _tell(self, error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        told = problem_of(error)
        if told.status == 500:
            self._log.error("http_failed", path=scope["path"], exc_info=error)
        elif told.status == 503 and told.code != _BUSY and scope["path"] not in _QUIET_PATHS:
            self._log.warning("http_unavailable", path=scope["path"], code=told.code, reason=str(error))
        if self._page is not None and wants_page(scope):
            await send_page(self._page, told, scope, receive, send)
        else:
            await send_problem(scope, send, told)


class BodyLayer:
    """Bounds bodies while they arrive and refuses content types no route reads."""

    def __init__(self, app: ASGIApp, *, limits: HttpLimits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """JSON bodies are read whole here; uploads are counted as they stream."""
        if scope["type"] != "http" or scope["method"] not in _BODY_METHODS:
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        # Pages have forms, routes under /v1 do not.
        page = not scope["path"].startswith("/v1/")
        if scope["path"] in UPLOAD_PATHS or (page and content_type(headers) == MULTIPART):
            limit = self._limits.max_upload_bytes
            _check_declared_length(headers, limit)
            _check_type(headers, {MULTIPART})
            await self._app(scope, _counted(receive, limit), send)
            return
        body = await read_whole(scope, receive, self._limits.max_body_bytes)
        if body:
            _check_type(headers, {JSON, FORM} if page else {JSON})
        await self._app(scope, replayed(body, receive), send)


def _check_declared_length(headers: Mapping[str, Sequence[str]], limit: int) -> None:
    declared = headers.get("content-length", ["0"])[0]
    if declared.isascii() and declared.isdigit() and (len(declared) > 18 or int(declared) > limit):
        raise _too_large(limit)


def content_type(headers: Mapping[str, Sequence[str]]) -> str:
    """The content type without its parameters; any JSON is ``JSON``, "" where there is none or several."""
    values = headers.get("content-type", ())
    kind = values[0].partition(";")[0].strip().lower() if len(values) == 1 else ""
    return JSON if _JSON.fullmatch(kind) else kind


def _check_type(headers: Mapping[str, Sequence[str]], wanted: Collection[str]) -> None:
    if any(coding.strip().lower() != "identity" for coding in headers.get("content-encoding", ())):
        raise ProblemError(problem(415, "不支持压缩的请求体（Content-Encoding）。"))
    kind = content_type(headers)
    if kind not in wanted:
        fitting = " 或 ".join(sorted(wanted))
        raise ProblemError(problem(415, f"Content-Type 应为 {fitting}，收到的是 {kind or '空'}。"))


def _too_large(limit: int) -> ProblemError:
    # Closed, because the rest of the body is not read.
    return ProblemError(problem(413, f"请求体超过上限 {limit} 字节。", headers={"Connection": "close"}))


async def read_whole(scope: Scope, receive: Receive, limit: int) -> bytes:
    """A body of at most ``limit`` bytes. Raises: ProblemError: 413 where it is longer, 400 where it breaks off."""
    _check_declared_length(headers_of(scope), limit)
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ProblemError(problem(400, "请求体没有传完。"))
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        more = message.get("more_body", False)
    return bytes(body)


def replayed(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was read already, then what comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _counted(receive: Receive, limit: int) -> Receive:
    total = 0

    async def count() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > limit:
            raise _too_large(limit)
        return message

    return count
