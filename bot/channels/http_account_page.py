"""The page of one's own account: change the password, see where one is signed in, sign out there."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from bot.channels.http_requests import asker_of, client_behind, fields_of
from bot.channels.http_sign_in_frame import SignInFrame, said, see_other, throttled, word
from bot.channels.web.devices import device_name
from bot.errors import AccountError, SignInError, SignInThrottledError


class AccountPage:
    """The handlers."""

    def __init__(self, frame: SignInFrame) -> None:
        self._frame = frame

    async def account(self, request: Request) -> Response:
        """The page of one's own account."""
        return await self._account(request)

    async def _account(self, request: Request, *, fault: str | None = None, status: int = 200) -> Response:
        asker = asker_of(request)
        signed_in = asker.csrf_token is not None
        sessions = await self._frame.run(lambda desk: desk.own_sessions(asker.owner)) if signed_in else None
        return self._frame.page(
            request,
            "account",
            "door_account",
            status=status,
            address="/account",
            fault=fault,
            name=asker.name or asker.owner,
            token=asker.csrf_token,
            sessions=sessions,
            device=device_name,
        )

    async def change_password(self, request: Request) -> Response:
        """Change one's own password: one is signed out everywhere."""
        asker, fields, client = asker_of(request), await fields_of(request), client_behind(request)
        old, new = fields.get("old", ""), fields.get("password", "")
        if new != fields.get("again"):
            return await self._account(request, fault=word(request, "door_differ"), status=422)
        try:
            await self._frame.run(lambda desk: desk.change_password(asker.owner, old, new, address=client.address))
        except SignInThrottledError as error:
            return await self._account(request, fault=throttled(request, error), status=429)
        except SignInError:
            return await self._account(request, fault=word(request, "door_wrong"), status=403)
        except AccountError as error:
            return await self._account(request, fault=said(request, error, "door_unfit"), status=422)
        return see_other("/login?saved=1")

    async def end_session(self, session_id: str, request: Request) -> Response:
        """Sign out somewhere, from the page."""
        asker = asker_of(request)
        await self._frame.run(lambda desk: desk.end_own(asker.owner, session_id))
        return see_other("/account")


def add_account_page(app: FastAPI, page: AccountPage) -> None:
    """Put its routes into the application."""
    ends = "/account/sessions/{session_id}/end"
    for method, path, handler in (
        ("GET", "/account", page.account),
        ("POST", "/account/password", page.change_password),
        ("POST", ends, page.end_session),
    ):
        app.add_api_route(path, handler, methods=[method], response_model=None, include_in_schema=False)
