"""The webhook's address, as a layer outside the rule of keys: its own secret says who may, before the body is read."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.http_middleware import headers_of, read_whole
from bot.channels.http_problems import ProblemError, problem
from bot.channels.http_services import Webhook

WEBHOOK_PATH = "/telegram/webhook"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of a header
# An update is a message of at most some thousand characters with what it replies to.
MAX_UPDATE_BYTES = 1024 * 1024


class WebhookLayer:
    """Serves the one address; everything else goes on inward."""

    def __init__(self, app: ASGIApp, *, webhook: Webhook) -> None:
        self._app = app
        self._webhook = webhook

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one update, or pass the request on."""
        if scope["type"] != "http" or scope["path"] != WEBHOOK_PATH:
            await self._app(scope, receive, send)
            return
        if scope["method"] != "POST":
            raise ProblemError(problem(405, "这里只接受 POST。", headers={"Allow": "POST"}))
        secrets = headers_of(scope).get(SECRET_HEADER, ())
        if len(secrets) != 1 or not self._webhook.admits(secrets[0]):
            raise ProblemError(problem(403, "不允许访问。", headers={"Connection": "close"}))
        await self._webhook.receive(await read_whole(scope, receive, MAX_UPDATE_BYTES))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
