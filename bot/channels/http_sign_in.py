"""The pages of the door: sign in, out, set a password, look after one's account.

No rules here: ``http_doors`` judges who may, the desk knows accounts and sessions.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from fastapi import FastAPI, Request, Response

from bot.channels.http_access import Asker
from bot.channels.http_clients import Client, cookie_name, cookie_of, set_cookie
from bot.channels.http_doors import SESSION_COOKIE, csrf_token_of
from bot.channels.http_problems import ProblemError, problem
from bot.channels.http_services import SignInDesk
from bot.channels.web.devices import device_name
from bot.channels.web.door_words import DOOR_WORDS
from bot.channels.web.languages import language_of, translator
from bot.channels.web.pages import Pages
from bot.channels.work_pool import WorkPool
from bot.errors import AccountError, SignInError, SignInThrottledError, UnknownAccountError
from bot.state.sessions import NewSession
from corpus.folding import to_traditional

Result = TypeVar("Result")
FORM_COOKIE = "yiju_form"
_FORM_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_FORM_SECONDS = 3600
_MAX_NEXT_CHARS = 2000


class SignInPages:
    """The handlers. ``desk`` None: nobody can sign in here. ``provider``: whether an OpenID provider can vouch."""

    def __init__(self, desk: SignInDesk | None, pool: WorkPool, pages: Pages, *, provider: bool = False) -> None:
        self._desk = desk
        self._pages = pages
        # Comparing a password takes much memory: few at once, few in line.
        self._slow = pool
        self._provider = provider

    async def form(self, request: Request) -> Response:
        """The page that asks who one is."""
        target = safe_target(request.query_params.get("next"))
        asker = _asker(request)
        if asker is not None and asker.csrf_token is not None:
            return _see_other(target)
        if asker is not None and asker.owner == "local":
            return self._page(request, "refused", "door_title", detail=_word(request, "door_nobody"), first=True)
        note = _word(request, "door_saved") if request.query_params.get("saved") == "1" else None
        return self._form(request, target, note=note)

    async def sign_in(self, request: Request) -> Response:
        """Begin a session."""
        fields = await _fields(request)
        target, name = safe_target(fields.get("next")), fields.get("name", "")
        if not _form_fits(request, fields):
            return self._form(request, target, name=name, fault=_word(request, "door_stale"), status=403)
        client, agent = _client(request), request.headers.get("user-agent", "")
        try:
            begun = await self._run(
                lambda desk: desk.with_password(name, fields.get("password", ""), address=client.address, agent=agent),
                asker=client.address,
            )
        except SignInThrottledError as error:
            wait = {"Retry-After": str(error.retry_after_seconds)}
            return self._form(request, target, name=name, fault=_throttled(request, error), status=429, headers=wait)
        except SignInError:
            return self._form(request, target, name=name, fault=_word(request, "door_wrong"), status=401)
        return await self.begun(request, begun, target)

    async def begun(self, request: Request, begun: NewSession, target: str) -> Response:
        """On to where one wanted to go, with the session's cookie; an earlier session of this browser ends."""
        client = _client(request)
        earlier = _session_token(request)
        if earlier is not None:
            await self._run(lambda desk: desk.out(earlier))
        response = _see_other(target)
        seconds = int((begun.session.expires_at - begun.session.created_at).total_seconds())
        for name, value, age in ((SESSION_COOKIE, begun.token, seconds), (FORM_COOKIE, "", 0)):
            response.headers.append("set-cookie", set_cookie(name, value, secure=client.secure, max_age=age))
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        token = _session_token(request)
        if token is not None:
            await self._run(lambda desk: desk.out(token))
        response = _see_other("/login")
        secure = _client(request).secure
        response.headers.append("set-cookie", set_cookie(SESSION_COOKIE, "", secure=secure, max_age=0))
        # Whoever uses this browser next finds nothing of it.
        response.headers["clear-site-data"] = '"cache", "storage"'
        return response

    async def link_form(self, request: Request) -> Response:
        """The page to set a password by a link."""
        link = request.query_params.get("token", "")
        try:
            account = await self._run(lambda desk: desk.of_link(link))
        except UnknownAccountError as error:
            return self._link_over(request, error)
        return self._password_form(request, link, account.name)

    async def use_link(self, request: Request) -> Response:
        """Set a password by a link."""
        fields = await _fields(request)
        link, password = fields.get("link", ""), fields.get("password", "")
        try:
            account = await self._run(lambda desk: desk.of_link(link))
            if not _form_fits(request, fields):
                return self._password_form(request, link, account.name, fault=_word(request, "door_stale"), status=403)
            if password != fields.get("again"):
                return self._password_form(request, link, account.name, fault=_word(request, "door_differ"), status=422)
            await self._run(lambda desk: desk.use_link(link, password))
        except UnknownAccountError as error:
            return self._link_over(request, error)
        except AccountError as error:
            return self._password_form(
                request, link, account.name, fault=_said(request, error, "door_unfit"), status=422
            )
        return _see_other("/login?saved=1")

    async def account(self, request: Request) -> Response:
        """The page of one's own account."""
        return await self._account(request)

    async def _account(self, request: Request, *, fault: str | None = None, status: int = 200) -> Response:
        asker = _known(request)
        signed_in = asker.csrf_token is not None
        sessions = await self._run(lambda desk: desk.own_sessions(asker.owner)) if signed_in else None
        return self._page(
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
        asker, fields, client = _known(request), await _fields(request), _client(request)
        old, new = fields.get("old", ""), fields.get("password", "")
        if new != fields.get("again"):
            return await self._account(request, fault=_word(request, "door_differ"), status=422)
        try:
            await self._run(lambda desk: desk.change_password(asker.owner, old, new, address=client.address))
        except SignInThrottledError as error:
            return await self._account(request, fault=_throttled(request, error), status=429)
        except SignInError:
            return await self._account(request, fault=_word(request, "door_wrong"), status=403)
        except AccountError as error:
            return await self._account(request, fault=_said(request, error, "door_unfit"), status=422)
        return _see_other("/login?saved=1")

    async def end_session(self, session_id: str, request: Request) -> Response:
        """Sign out somewhere, from the page."""
        asker = _known(request)
        await self._run(lambda desk: desk.end_own(asker.owner, session_id))
        return _see_other("/account")

    def failed(self, request: Request, detail: str) -> Response:
        """The page that says why signing in came to nothing."""
        said = _said(request, SignInError(detail), "door_failed")
        return self._page(request, "refused", "door_title", status=401, address="/login", detail=said, again=True)

    def _link_over(self, request: Request, error: UnknownAccountError) -> Response:
        said = _said(request, error, "door_link_over")
        return self._page(request, "refused", "door_set_password", status=404, detail=said)

    async def _run(self, work: Callable[[SignInDesk], Result], *, asker: str = "") -> Result:
        desk = self._desk
        if desk is None:
            raise UnknownAccountError("这里没有账号登录。")
        return await self._slow.run(lambda: work(desk), asker=asker)

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
        response = self._page(request, "sign_in", "door_title", status=status, address=address, own_form=True, **shown)
        response.headers.update(headers or {})
        return response

    def _password_form(
        self, request: Request, link: str, name: str, *, fault: str | None = None, status: int = 200
    ) -> Response:
        shown: dict[str, Any] = {"link": link, "name": name, "fault": fault}
        address = f"/login/link?token={quote(link, safe='')}"
        return self._page(
            request, "password", "door_set_password", status=status, address=address, own_form=True, **shown
        )

    def _page(
        self,
        request: Request,
        template: str,
        heading: str,
        *,
        status: int = 200,
        address: str | None = None,
        own_form: bool = False,
        **shown: object,
    ) -> Response:
        cookie = _form_cookie(request) or secrets.token_urlsafe(24)
        token = {"token": csrf_token_of(cookie)} if own_form else {}
        context = {"heading": heading, "fault": None, "note": None, "first": False, "again": False, **token, **shown}
        template = f"web/door/{template}.html"
        response = self._pages.html(request, template, DOOR_WORDS, context=context, status=status, address=address)
        if own_form:
            secure = _client(request).secure
            response.headers.append("set-cookie", set_cookie(FORM_COOKIE, cookie, secure=secure, max_age=_FORM_SECONDS))
        return response


def add_sign_in(app: FastAPI, pages: SignInPages) -> None:
    """Put the routes of the door into the application."""
    table: tuple[tuple[str, str, Callable[..., object]], ...] = (
        ("GET", "/login", pages.form),
        ("POST", "/login", pages.sign_in),
        ("GET", "/login/link", pages.link_form),
        ("POST", "/login/link", pages.use_link),
        ("POST", "/logout", pages.sign_out),
        ("GET", "/account", pages.account),
        ("POST", "/account/password", pages.change_password),
        ("POST", "/account/sessions/{session_id}/end", pages.end_session),
    )
    for method, path, handler in table:
        app.add_api_route(path, handler, methods=[method], response_model=None, include_in_schema=False)


def safe_target(target: str | None) -> str:
    """Where to go on to: a path of this server, never another site; "/" for anything else."""
    if not target or len(target) > _MAX_NEXT_CHARS or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    if any(mark.isspace() or not mark.isprintable() or mark == "\\" for mark in target):
        return "/"
    return target


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a form, each once; files are none."""
    async with request.form(max_files=0, max_fields=20) as form:
        return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def _form_fits(request: Request, fields: Mapping[str, str]) -> bool:
    """Whether the form came from a page that this browser was given (a double-submitted cookie)."""
    cookie = _form_cookie(request)
    given = fields.get("csrf_token", "").encode("utf-8", "replace")
    return cookie is not None and hmac.compare_digest(given, csrf_token_of(cookie).encode())


def _form_cookie(request: Request) -> str | None:
    value = _cookie(request, FORM_COOKIE)
    return value if value is not None and _FORM_TOKEN.fullmatch(value) else None


def _session_token(request: Request) -> str | None:
    return _cookie(request, SESSION_COOKIE)


def _cookie(request: Request, name: str) -> str | None:
    cookies = request.state.arrival.headers.get("cookie", ())
    return cookie_of(cookies, cookie_name(name, secure=_client(request).secure))


def _client(request: Request) -> Client:
    client: Client = request.state.client
    return client


def _word(request: Request, key: str, **fields: object) -> str:
    return translator(DOOR_WORDS, language_of(request))(key, **fields)


def _said(request: Request, error: Exception, key: str) -> str:
    """What an error says, in the language of the page; in English what is said of all errors of its kind."""
    language = language_of(request)
    if language == "en":
        return _word(request, key)
    return to_traditional(str(error)) if language == "zh-Hant" else str(error)


def _throttled(request: Request, error: SignInThrottledError) -> str:
    return _word(request, "door_throttled", seconds=error.retry_after_seconds)


def _asker(request: Request) -> Asker | None:
    asker: Asker | None = request.state.asker
    return asker


def _known(request: Request) -> Asker:
    asker = _asker(request)
    if asker is None:  # a route outside the rules of access must fail, not answer
        raise ProblemError(problem(401, "没有经过身份检查的请求。"))
    return asker


def _see_other(target: str) -> Response:
    # Written as browsers do, so that no character of it ends the header.
    return Response(status_code=303, headers={"Location": quote(target, safe="/?#&=%:;,+@!$'()*[]~-._")})
