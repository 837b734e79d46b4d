"""The pages of the door: sign in, sign out, set a password by a link.

No rules here: ``http_doors`` judges who may, the desk knows accounts and sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response

from bot.channels.http_clients import set_cookie
from bot.channels.http_doors import SESSION_COOKIE
from bot.channels.http_requests import asker_or_none, client_behind, cookie_value, fields_of
from bot.channels.http_sign_in_frame import (
    FORM_COOKIE,
    SignInFrame,
    form_fits,
    safe_target,
    said,
    see_other,
    throttled,
    word,
)
from bot.errors import AccountError, SignInError, SignInThrottledError, UnknownAccountError
from bot.state.sessions import NewSession


class SignInPages:
    """The handlers. ``provider``: whether an OpenID provider can vouch."""

    def __init__(self, frame: SignInFrame, *, provider: bool = False) -> None:
        self._frame = frame
        self._provider = provider

    async def form(self, request: Request) -> Response:
        """The page that asks who one is."""
        target = safe_target(request.query_params.get("next"))
        asker = asker_or_none(request)
        if asker is not None and asker.csrf_token is not None:
            return see_other(target)
        if asker is not None and asker.owner == "local":
            return self._frame.page(request, "refused", "door_title", detail=word(request, "door_nobody"), first=True)
        note = word(request, "door_saved") if request.query_params.get("saved") == "1" else None
        return self._form(request, target, note=note)

    async def sign_in(self, request: Request) -> Response:
        """Begin a session."""
        fields = await fields_of(request)
        target, name = safe_target(fields.get("next")), fields.get("name", "")
        if not form_fits(request, fields):
            return self._form(request, target, name=name, fault=word(request, "door_stale"), status=403)
        client, agent = client_behind(request), request.headers.get("user-agent", "")
        try:
            begun = await self._frame.run(
                lambda desk: desk.with_password(name, fields.get("password", ""), address=client.address, agent=agent),
                asker=client.address,
            )
        except SignInThrottledError as error:
            wait = {"Retry-After": str(error.retry_after_seconds)}
            return self._form(request, target, name=name, fault=throttled(request, error), status=429, headers=wait)
        except SignInError:
            return self._form(request, target, name=name, fault=word(request, "door_wrong"), status=401)
        return await self.begun(request, begun, target)

    async def begun(self, request: Request, begun: NewSession, target: str) -> Response:
        """On to where one wanted to go, with the session's cookie; an earlier session of this browser ends."""
        client = client_behind(request)
        earlier = cookie_value(request, SESSION_COOKIE)
        if earlier is not None:
            await self._frame.run(lambda desk: desk.out(earlier))
        response = see_other(target)
        seconds = int((begun.session.expires_at - begun.session.created_at).total_seconds())
        for name, value, age in ((SESSION_COOKIE, begun.token, seconds), (FORM_COOKIE, "", 0)):
            response.headers.append("set-cookie", set_cookie(name, value, secure=client.secure, max_age=age))
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        token = cookie_value(request, SESSION_COOKIE)
        if token is not None:
            await self._frame.run(lambda desk: desk.out(token))
        response = see_other("/login")
        secure = client_behind(request).secure
        response.headers.append("set-cookie", set_cookie(SESSION_COOKIE, "", secure=secure, max_age=0))
        # Whoever uses this browser next finds nothing of it.
        response.headers["clear-site-data"] = '"cache", "storage"'
        return response

    async def link_form(self, request: Request) -> Response:
        """The page to set a password by a link."""
        link = request.query_params.get("token", "")
        try:
            account = await self._frame.run(lambda desk: desk.of_link(link))
        except UnknownAccountError as error:
            return self._link_over(request, error)
        return self._password_form(request, link, account.name)

    async def use_link(self, request: Request) -> Response:
        """Set a password by a link."""
        fields = await fields_of(request)
        link, password = fields.get("link", ""), fields.get("password", "")
        try:
            account = await self._frame.run(lambda desk: desk.of_link(link))
            if not form_fits(request, fields):
                return self._password_form(request, link, account.name, fault=word(request, "door_stale"), status=403)
            if password != fields.get("again"):
                return self._password_form(request, link, account.name, fault=word(request, "door_differ"), status=422)
            await self._frame.run(lambda desk: desk.use_link(link, password))
        except UnknownAccountError as error:
            return self._link_over(request, error)
        except AccountError as error:
            fault = said(request, error, "door_unfit")
            return self._password_form(request, link, account.name, fault=fault, status=422)
        return see_other("/login?saved=1")

    def failed(self, request: Request, detail: str) -> Response:
        """The page that says why signing in came to nothing."""
        told = said(request, SignInError(detail), "door_failed")
        return self._frame.page(request, "refused", "door_title", status=401, address="/login", detail=told, again=True)

    def _link_over(self, request: Request, error: UnknownAccountError) -> Response:
        told = said(request, error, "door_link_over")
        return self._frame.page(request, "refused", "door_set_password", status=404, detail=told)

    def _form(
        self,
        request: Request,
        target: str,
        *,
        name: str = "",
        fault: str | None = None,
        note: str | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        shown: dict[str, Any] = {
            "next": target,
            "name": name[:64],
            "fault": fault,
            "note": note,
            "provider": self._provider,
        }
        address = f"/login?next={quote(target, safe='')}"
        response = self._frame.page(
            request, "sign_in", "door_title", status=status, address=address, own_form=True, **shown
        )
        response.headers.update(headers or {})
        return response

    def _password_form(
        self, request: Request, link: str, name: str, *, fault: str | None = None, status: int = 200
    ) -> Response:
        shown: dict[str, Any] = {"link": link, "name": name, "fault": fault}
        address = f"/login/link?token={quote(link, safe='')}"
        return self._frame.page(
            request, "password", "door_set_password", status=status, address=address, own_form=True, **shown
        )


def add_sign_in(app: FastAPI, pages: SignInPages) -> None:
    """Put the routes of the door into the application."""
    table: tuple[tuple[str, str, Callable[..., object]], ...] = (
        ("GET", "/login", pages.form),
        ("POST", "/login", pages.sign_in),
        ("GET", "/login/link", pages.link_form),
        ("POST", "/login/link", pages.use_link),
        ("POST", "/logout", pages.sign_out),
    )
    for method, path, handler in table:
        app.add_api_route(path, handler, methods=[method], response_model=None, include_in_schema=False)
