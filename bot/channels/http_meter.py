"""The outermost layer: counts and times requests by their route, and has connections closed while the server stops."""

from __future__ import annotations

import time
from threading import Event

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.meters import Meters

# What is none of these has no bound to its number.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
_NO_STATUS = 499  # as proxies write it where a client went away before its answer


class MeterLayer:
    """Around everything else, so that what is refused is counted too."""

    def __init__(self, app: ASGIApp, *, meters: Meters, stopping: Event) -> None:
        self._app = app
        self._meters = meters
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = _NO_STATUS

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if self._stopping.is_set():
                    kept = [each for each in message.get("headers", ()) if each[0].lower() != b"connection"]
                    message["headers"] = [*kept, (b"connection", b"close")]
            await send(message)

        started = time.perf_counter()
        self._meters.in_flight.inc()
        try:
            await self._app(scope, receive, send_counted)
        finally:
            self._meters.in_flight.dec()
            method = scope["method"] if scope["method"] in _METHODS else OTHER
            self._meters.answered(method, route_of(scope), status, time.perf_counter() - started)


def route_of(scope: Scope) -> str:
    """The pattern of the route that took the request; ``other`` where none did: paths are whatever people write."""
    route = scope.get("route")
    path = getattr(route, "path_format", None) or getattr(route, "path", None)
    return path if isinstance(path, str) and path else OTHER
