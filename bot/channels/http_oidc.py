"""The two addresses of signing in through an OpenID provider: away to it, and back."""

from __future__ import annotations

import base64
import hmac
import re

from fastapi import FastAPI, Request, Response

from bot.channels.http_clients import set_cookie
from bot.channels.http_requests import client_behind, cookie_value
from bot.channels.http_services import ProviderDesk
from bot.channels.http_sign_in import SignInPages
from bot.channels.http_sign_in_frame import safe_target
from bot.channels.work_pool import WorkPool
from bot.errors import SignInError
from bot.sign_in import CALLBACK_PATH

COOKIE = "yiju_oidc"
_SECONDS = 600
_PART = re.compile(r"[A-Za-z0-9_-]{43}")


class OidcPages:
    """The handlers. ``pages`` begin the session and tell what went wrong."""

    def __init__(self, desk: ProviderDesk, pages: SignInPages, pool: WorkPool) -> None:
        self._desk = desk
        self._pages = pages
        self._pool = pool

    async def away(self, request: Request) -> Response:
        """To the provider."""
        try:
            begun = await self._pool.run(self._desk.begin_with_provider)
        except SignInError as error:
            return self._pages.failed(request, str(error))
        target = base64.urlsafe_b64encode(safe_target(request.query_params.get("next")).encode()).decode().rstrip("=")
        value = ".".join((begun.state, begun.nonce, begun.verifier, target))
        response = Response(status_code=303, headers={"Location": begun.address})
        self._set(request, response, value, _SECONDS)
        return response

    async def back(self, request: Request) -> Response:
        """From the provider, with a code that it is asked about."""
        client = client_behind(request)
        kept = (cookie_value(request, COOKIE) or "").split(".")
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        fits = len(kept) == 4 and all(_PART.fullmatch(part) for part in kept[:3])
        if not fits or not code or not hmac.compare_digest(state.encode(), kept[0].encode()):
            return self._pages.failed(request, "这次登录没有完成或已过期，请重新登录。")
        agent = request.headers.get("user-agent", "")
        try:
            begun = await self._pool.run(
                lambda: self._desk.with_provider(
                    code, nonce=kept[1], verifier=kept[2], address=client.address, agent=agent
                ),
                asker=client.address,
            )
        except SignInError as error:
            return self._pages.failed(request, str(error))
        response = await self._pages.begun(request, begun, safe_target(_decoded(kept[3])))
        self._set(request, response, "", 0)
        return response

    def _set(self, request: Request, response: Response, value: str, seconds: int) -> None:
        header = set_cookie(COOKIE, value, secure=client_behind(request).secure, max_age=seconds)
        response.headers.append("set-cookie", header)


def add_oidc(app: FastAPI, pages: OidcPages) -> None:
    """Put the two addresses into the application."""
    app.add_api_route("/login/oidc", pages.away, methods=["GET"], response_model=None, include_in_schema=False)
    app.add_api_route(CALLBACK_PATH, pages.back, methods=["GET"], response_model=None, include_in_schema=False)


def _decoded(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return "/"
