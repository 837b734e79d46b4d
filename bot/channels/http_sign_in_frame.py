"""What the pages of the door share: their frame, their forms, and work at the desk off the event loop."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import quote

from fastapi import Request, Response

from bot.channels.http_clients import set_cookie
from bot.channels.http_doors import csrf_token_of
from bot.channels.http_requests import client_behind, cookie_value
from bot.channels.http_services import SignInDesk
from bot.channels.web.door_words import DOOR_WORDS
from bot.channels.web.languages import language_of, translator
from bot.channels.web.pages import Pages
from bot.channels.work_pool import WorkPool
from bot.errors import SignInThrottledError, UnknownAccountError
from corpus.folding import to_traditional

Result = TypeVar("Result")
FORM_COOKIE = "yiju_form"
_FORM_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_FORM_SECONDS = 3600
_MAX_NEXT_CHARS = 2000


class SignInFrame:
    """Makes the pages. ``desk`` None: nobody can sign in here."""

    def __init__(self, desk: SignInDesk | None, pool: WorkPool, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages
        # Comparing a password takes much memory: few at once, few in line.
        self._slow = pool

    async def run(self, work: Callable[[SignInDesk], Result], *, asker: str = "") -> Result:
        """The result of ``work``, done in a thread. Raises: UnknownAccountError: there is no desk; BusyError."""
        desk = self._desk
        if desk is None:
            raise UnknownAccountError("这里没有账号登录。")
        return await self._slow.run(lambda: work(desk), asker=asker)

    def page(
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
        """A page under that heading, a key of the words; ``address``: where a GET finds it, if elsewhere.

        ``own_form``: with a form that is sent before there is a session.
        """
        cookie = _form_cookie(request) or secrets.token_urlsafe(24)
        token = {"token": csrf_token_of(cookie)} if own_form else {}
        context = {"heading": heading, "fault": None, "note": None, "first": False, "again": False, **token, **shown}
        template = f"web/door/{template}.html"
        response = self._pages.html(request, template, DOOR_WORDS, context=context, status=status, address=address)
        if own_form:
            secure = client_behind(request).secure
            response.headers.append("set-cookie", set_cookie(FORM_COOKIE, cookie, secure=secure, max_age=_FORM_SECONDS))
        return response


def form_fits(request: Request, fields: Mapping[str, str]) -> bool:
    """Whether the form came from a page that this browser was given (a double-submitted cookie)."""
    cookie = _form_cookie(request)
    given = fields.get("csrf_token", "").encode("utf-8", "replace")
    return cookie is not None and hmac.compare_digest(given, csrf_token_of(cookie).encode())


def word(request: Request, key: str, **fields: object) -> str:
    """The words of that key in the language of who looks."""
    return translator(DOOR_WORDS, language_of(request))(key, **fields)


def said(request: Request, error: Exception, key: str) -> str:
    """What an error says, in the language of who looks; in English what is said of all errors of its kind."""
    language = language_of(request)
    if language == "en":
        return word(request, key)
    return to_traditional(str(error)) if language == "zh-Hant" else str(error)


def throttled(request: Request, error: SignInThrottledError) -> str:
    """That one has to wait, and how long."""
    return word(request, "door_throttled", seconds=error.retry_after_seconds)


def see_other(target: str) -> Response:
    """On to another address of this server."""
    # Written as browsers do, so that no character of it ends the header.
    return Response(status_code=303, headers={"Location": quote(target, safe="/?#&=%:;,+@!$'()*[]~-._")})


def safe_target(target: str | None) -> str:
    """Where to go on to: a path of this server, never another site; "/" for anything else."""
    if not target or len(target) > _MAX_NEXT_CHARS or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    if any(mark.isspace() or not mark.isprintable() or mark == "\\" for mark in target):
        return "/"
    return target


def _form_cookie(request: Request) -> str | None:
    value = cookie_value(request, FORM_COOKIE)
    return value if value is not None and _FORM_TOKEN.fullmatch(value) else None
