"""The pages of the door: sign in, out, set a password, look after one's account; and who one is, as JSON.

No rules here: ``http_doors`` judges who may, the desk knows accounts and sessions.
"""

from __future__ import annotations

import functools
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any, TypeVar
from urllib.parse import quote

import jinja2
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from bot.channels.http_access import Asker
from bot.channels.http_clients import Client, cookie_name, cookie_of, set_cookie
from bot.channels.http_doors import SESSION_COOKIE, csrf_token_of
from bot.channels.http_openapi import Operation, add_operations
from bot.channels.http_problems import ProblemError, problem
from bot.channels.http_services import SignInDesk
from bot.channels.http_sign_in_words import WORDS, language_of
from bot.channels.work_pool import WorkPool
from bot.errors import AccountError, SignInError, SignInThrottledError, UnknownAccountError
from bot.state.sessions import NewSession, Session

Result = TypeVar("Result")
FORM_COOKIE = "yiju_form"
_FORM_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_FORM_SECONDS = 3600
_MAX_NEXT_CHARS = 2000
_PAGES = "bot.channels"


class MeBody(BaseModel):
    """Who one is, as the server sees it."""

    owner: str
    name: str
    scopes: list[str]
    clearance: list[str]
    csrf_token: str | None


class SessionBody(BaseModel):
    """One place where one is signed in."""

    id: str
    address: str
    agent: str
    created_at: str
    last_seen_at: str
    expires_at: str

    @classmethod
    def of(cls, session: Session) -> SessionBody:
        """As JSON."""
        return cls(
            id=session.id,
            address=session.address,
            agent=session.agent,
            created_at=session.created_at.isoformat(),
            last_seen_at=session.last_seen_at.isoformat(),
            expires_at=session.expires_at.isoformat(),
        )


class SessionListBody(BaseModel):
    """Where one is signed in."""

    sessions: list[SessionBody]


class SignInPages:
    """The handlers. ``desk`` None: nobody can sign in here. ``provider``: whether an OpenID provider can vouch."""

    def __init__(self, desk: SignInDesk | None, pool: WorkPool, *, provider: bool = False) -> None:
        self._desk = desk
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
            return self._page(request, "refused.html", "title", detail=_words(request)["nobody"])
        note = _words(request)["saved"] if request.query_params.get("saved") == "1" else None
        return self._form(request, target, note=note)

    async def sign_in(self, request: Request) -> Response:
        """Begin a session."""
        fields = await _fields(request)
        target, name = safe_target(fields.get("next")), fields.get("name", "")
        if not _form_fits(request, fields):
            return self._form(request, target, name=name, fault=_words(request)["stale"], status=403)
        client, agent = _client(request), request.headers.get("user-agent", "")
        try:
            begun = await self._run(
                lambda desk: desk.with_password(name, fields.get("password", ""), address=client.address, agent=agent),
                asker=client.address,
            )
        except SignInThrottledError as error:
            wait = {"Retry-After": str(error.retry_after_seconds)}
            return self._form(request, target, name=name, fault=str(error), status=429, headers=wait)
        except SignInError:
            return self._form(request, target, name=name, fault=_words(request)["wrong"], status=401)
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
            return self._page(request, "refused.html", "set_password", status=404, detail=str(error))
        return self._password_form(request, link, account.name)

    async def use_link(self, request: Request) -> Response:
        """Set a password by a link."""
        fields, words = await _fields(request), _words(request)
        link, password = fields.get("link", ""), fields.get("password", "")
        try:
            account = await self._run(lambda desk: desk.of_link(link))
            if not _form_fits(request, fields):
                return self._password_form(request, link, account.name, fault=words["stale"], status=403)
            if password != fields.get("again"):
                return self._password_form(request, link, account.name, fault=words["differ"], status=422)
            await self._run(lambda desk: desk.use_link(link, password))
        except UnknownAccountError as error:
            return self._page(request, "refused.html", "set_password", status=404, detail=str(error))
        except AccountError as error:
            return self._password_form(request, link, account.name, fault=str(error), status=422)
        return _see_other("/login?saved=1")

    async def account(self, request: Request) -> Response:
        """The page of one's own account."""
        return await self._account(request)

    async def _account(self, request: Request, *, fault: str | None = None, status: int = 200) -> Response:
        asker = _known(request)
        signed_in = asker.csrf_token is not None
        sessions = await self._run(lambda desk: desk.own_sessions(asker.owner)) if signed_in else []
        return self._page(
            request,
            "account.html",
            "account",
            status=status,
            fault=fault,
            name=asker.name or asker.owner,
            token=asker.csrf_token,
            sessions=sessions,
            has_sessions=signed_in,
        )

    async def change_password(self, request: Request) -> Response:
        """Change one's own password: one is signed out everywhere."""
        asker, fields, client = _known(request), await _fields(request), _client(request)
        old, new = fields.get("old", ""), fields.get("password", "")
        if new != fields.get("again"):
            return await self._account(request, fault=_words(request)["differ"], status=422)
        try:
            await self._run(lambda desk: desk.change_password(asker.owner, old, new, address=client.address))
        except SignInThrottledError as error:
            return await self._account(request, fault=str(error), status=429)
        except SignInError:
            return await self._account(request, fault=_words(request)["wrong"], status=403)
        except AccountError as error:
            return await self._account(request, fault=str(error), status=422)
        return _see_other("/login?saved=1")

    async def end_session(self, session_id: str, request: Request) -> Response:
        """Sign out somewhere, from the page."""
        asker = _known(request)
        await self._run(lambda desk: desk.end_own(asker.owner, session_id))
        return _see_other("/account")

    async def me(self, request: Request) -> Response:
        """Who one is."""
        asker = _known(request)
        return _json(
            MeBody(
                owner=asker.owner,
                name=asker.name,
                scopes=list(asker.scopes),
                clearance=list(asker.clearance.stated()),
                csrf_token=asker.csrf_token,
            )
        )

    async def my_sessions(self, request: Request) -> Response:
        """Where one is signed in."""
        asker = _known(request)
        found = await self._run(lambda desk: desk.own_sessions(asker.owner))
        return _json(SessionListBody(sessions=[SessionBody.of(session) for session in found]))

    async def end_my_session(self, session_id: str, request: Request) -> Response:
        """Sign out somewhere."""
        asker = _known(request)
        await self._run(lambda desk: desk.end_own(asker.owner, session_id))
        return Response(status_code=204)

    async def style(self) -> Response:
        """How these pages look."""
        return Response(_style(), headers={"Cache-Control": "public, max-age=3600"}, media_type="text/css")

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
        return self._page(request, "sign_in.html", "title", status=status, headers=headers, own_form=True, **shown)

    def _password_form(
        self, request: Request, link: str, name: str, *, fault: str | None = None, status: int = 200
    ) -> Response:
        shown: dict[str, Any] = {"link": link, "name": name, "fault": fault}
        return self._page(request, "password.html", "set_password", status=status, own_form=True, **shown)

    def _page(
        self,
        request: Request,
        template: str,
        title: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        own_form: bool = False,
        **shown: object,
    ) -> Response:
        language = language_of(request.state.arrival.headers)
        cookie = _form_cookie(request) or secrets.token_urlsafe(24)
        shown = {
            "fault": None,
            "note": None,
            "signed_in": False,
            **({"token": csrf_token_of(cookie)} if own_form else {}),
            **shown,
        }
        words = WORDS[language]
        html = _templates().get_template(template).render(lang=language, words=words, title=words[title], **shown)
        response = Response(html, status, headers, "text/html; charset=utf-8")
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
        ("GET", "/login/style.css", pages.style),
        ("POST", "/logout", pages.sign_out),
        ("GET", "/account", pages.account),
        ("POST", "/account/password", pages.change_password),
        ("POST", "/account/sessions/{session_id}/end", pages.end_session),
    )
    for method, path, handler in table:
        app.add_api_route(path, handler, methods=[method], response_model=None)
    mine, one, tag = "/v1/me/sessions", "/v1/me/sessions/{session_id}", "access"
    described = (
        Operation("GET", "/v1/me", pages.me, "get_me", "自己是谁，能做什么", tag, MeBody),
        Operation(
            "GET", mine, pages.my_sessions, "list_my_sessions", "自己登录在哪里", tag, SessionListBody, problems=(404,)
        ),
        Operation("DELETE", one, pages.end_my_session, "end_my_session", "在那里退出登录", tag, None, 204, (404,)),
    )
    add_operations(app, described)


def safe_target(target: str | None) -> str:
    """Where to go on to: a path of this server, never another site; "/" for anything else."""
    if not target or len(target) > _MAX_NEXT_CHARS or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    if any(mark.isspace() or not mark.isprintable() or mark == "\\" for mark in target):
        return "/"
    return target


@functools.cache
def _templates() -> jinja2.Environment:
    loader = jinja2.PackageLoader(_PAGES, "sign_in_pages")
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)


@functools.cache
def _style() -> bytes:
    return (resources.files(_PAGES) / "sign_in_pages" / "style.css").read_bytes()


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


def _words(request: Request) -> Mapping[str, str]:
    return WORDS[language_of(request.state.arrival.headers)]


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


def _json(body: BaseModel) -> Response:
    return Response(body.model_dump_json(), headers={"Cache-Control": "no-store"}, media_type="application/json")
