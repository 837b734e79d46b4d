"""What every page of the console shares: templates, language, who looks, where in the menu, how errors are told.

A page is made on the server and works without scripts; an act is a form that ends in another page.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import jinja2
import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.channels.console import language, shown
from bot.channels.console.notices import NOTICES
from bot.channels.console.services import ConsoleServices
from bot.channels.http_access import ADMIN, DOCUMENTS, Asker
from bot.channels.http_problems import ProblemError, problem, problem_of
from bot.channels.http_requests import asker_or_none
from bot.channels.web.assets import Assets
from bot.channels.web.languages import COOKIE, chosen_language, language_of
from bot.channels.web.pages import THEME_COOKIE, THEMES
from bot.channels.work_pool import WorkPool

Result = TypeVar("Result")
Handler = Callable[[Request, Asker], Awaitable[Response]]
HOME = "/admin"
_TEMPLATES = Path(__file__).parent / "templates"
_LOG = structlog.get_logger(__name__)
_ASSETS, _SHARED = "console", "web"
_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
_A_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Page:
    """An address of the console and what answers there. ``scope``: what one needs to be let in."""

    method: str
    path: str
    handler: Handler
    scope: str = ADMIN


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of the menu."""

    path: str
    label: str
    scope: str = ADMIN


MENU: tuple[tuple[str, tuple[MenuEntry, ...]], ...] = (
    ("", (MenuEntry(HOME, "概览"),)),
    (
        "资料",
        (
            MenuEntry("/admin/documents", "文档", DOCUMENTS),
            MenuEntry("/admin/uploads", "上传", DOCUMENTS),
            MenuEntry("/admin/index", "更新索引"),
            MenuEntry("/admin/snapshots", "快照"),
        ),
    ),
    (
        "问答",
        (
            MenuEntry("/admin/gaps", "未答问题"),
            MenuEntry("/admin/feedback", "评价"),
            MenuEntry("/admin/usage", "用量"),
        ),
    ),
    (
        "权限",
        (
            MenuEntry("/admin/accounts", "账号"),
            MenuEntry("/admin/people", "Telegram 用户"),
            MenuEntry("/admin/keys", "密钥"),
        ),
    ),
    ("记录", (MenuEntry("/admin/audit", "审计"),)),
)


class Frame:
    """Makes pages. Work is done off the event loop, in ``pool``."""

    def __init__(self, services: ConsoleServices, pool: WorkPool, assets: Assets) -> None:
        self.services = services
        self._pool = pool
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(asset=lambda name: assets.url(f"{_ASSETS}/{name}"), here=_here)
        self._templates.globals.update(shared=lambda name: assets.url(f"{_SHARED}/{name}"))
        self._templates.filters.update(
            moment=shown.moment, size=shown.size, percent=shown.percent, ms=shown.milliseconds, query=_query
        )

    async def run(self, work: Callable[[], Result]) -> Result:
        """The result of ``work``, done in a thread. Raises: BusyError; what ``work`` raises."""
        return await self._pool.run(work)

    def page(
        self, request: Request, asker: Asker | None, template: str, /, *, code: int = 200, **values: object
    ) -> HTMLResponse:
        """A page, or a part of one, in the language of whoever looks."""
        chosen = language_of(request)
        theme = request.cookies.get(THEME_COOKIE)
        said = language.words_in(chosen)
        text = self._templates.get_template(template).render(
            _=said,
            language=chosen,
            theme=theme if theme in THEMES else None,
            languages=language.NAMES,
            asker=asker,
            csrf=None if asker is None else asker.csrf_token,
            menu=_menu(asker),
            path=request.url.path,
            section=_section(request.url.path),
            request=request,
            notice=_notice(request, said),
            duration=partial(shown.duration, words=said),
            **values,
        )
        response = HTMLResponse(text, code, dict(_HEADERS))
        if chosen_language(request) is not None:
            secure = request.url.scheme == "https"
            response.set_cookie(COOKIE, chosen, max_age=_A_YEAR_SECONDS, samesite="lax", httponly=True, secure=secure)
        return response

    def failure(self, request: Request, asker: Asker | None, error: Exception) -> HTMLResponse:
        """A page that says what went wrong and what to do."""
        told = problem_of(error)
        if told.status == 500:
            _LOG.error("console_failed", path=request.url.path, exc_info=error)
        response = self.page(request, asker, "error.html", code=told.status, problem=told)
        response.headers.update(told.headers)
        return response

    def guarded(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """The handler behind the rules: who is not signed in is asked to, who may not is told so."""

        async def handle(request: Request) -> Response:
            asker = asker_or_none(request)
            if asker is None:
                return RedirectResponse(f"/login?next={quote(request.url.path)}", 303)
            try:
                if page.scope not in asker.scopes:
                    raise ProblemError(problem(403, "这一页只对管理员开放。", code="scope"))
                return await page.handler(request, asker)
            except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for a page
                return self.failure(request, asker, error)

        return handle


def go(path: str, done: str | None = None, **query: object) -> RedirectResponse:
    """To another page, which says what was done: a name out of ``NOTICES``."""
    given = {name: str(value) for name, value in ({"done": done} | query).items() if value is not None}
    return RedirectResponse(f"{path}?{urlencode(given)}" if given else path, 303)


def whole(request: Request, name: str, default: int = 0, *, most: int = 10_000_000) -> int:
    """A whole number out of the address, from 0 to ``most``; the default where it is none."""
    text = request.query_params.get(name, "")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 12 else default


def wants_part(request: Request, target: str) -> bool:
    """Whether htmx asks for what goes into the element of that id."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-target") == target


def invalid(detail: str) -> ProblemError:
    """What was sent does not fit."""
    return ProblemError(problem(422, detail))


def _menu(asker: Asker | None) -> Sequence[tuple[str, Sequence[MenuEntry]]]:
    scopes = () if asker is None else asker.scopes
    parts = [(name, [each for each in part if each.scope in scopes]) for name, part in MENU]
    return [(name, part) for name, part in parts if part]


def _section(path: str) -> str:
    """The page of the menu that an address belongs to."""
    paths = (each.path for _, part in MENU for each in part if each.path != HOME)
    return next((each for each in paths if path == each or path.startswith(f"{each}/")), HOME)


def _notice(request: Request, said: language.Words) -> str | None:
    """What the act before this page did; the address can choose words of ours alone."""
    known = NOTICES.get(request.query_params.get("done", ""))
    return None if known is None else said(known)


def _here(request: Request, **changed: object) -> str:
    """The page's own address with other values in it; None takes one out."""
    query: dict[str, Any] = dict(request.query_params) | changed
    query.pop("done", None)
    kept = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path


def _query(value: object) -> str:
    return quote(str(value), safe="")
