"""Outermost: the headers by which a browser keeps our pages from others' hands, on every response."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.http_access_layer import arrival_of
from bot.channels.http_clients import DoorRules, client_of

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
# What is not said to be kept must not be: answers, documents, pages with somebody's name.
_UNLESS_SAID = {"cache-control": "no-store"}
_STRICT = (b"strict-transport-security", b"max-age=31536000")
_ENCODED = [(name.encode(), value.encode()) for name, value in (ALWAYS | _UNLESS_SAID).items()]


class HeadersLayer:
    """Adds what a response does not say itself."""

    def __init__(self, app: ASGIApp, *, rules: DoorRules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        arrival = arrival_of(scope)
        client = client_of(arrival, self._rules)
        # Worked out once for all layers.
        scope.setdefault("state", {}).update(arrival=arrival, client=client)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                said = {name.lower() for name, _ in headers}
                headers += [pair for pair in _ENCODED if pair[0] not in said]
                if client.secure:
                    headers.append(_STRICT)
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, send_with_headers)
