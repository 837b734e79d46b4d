"""The pages `/` and `/p/{passage_id}`, and the files they load."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response

from bot.channels.http_access import ADMIN, DOCUMENTS, Asker
from bot.channels.http_requests import asker_of, asker_or_none
from bot.channels.http_services import HttpServices
from bot.channels.web.assets import Assets, add_assets
from bot.channels.web.marking import Range, marked_paragraphs
from bot.channels.web.pages import Pages
from bot.channels.wire import CiteBody
from bot.channels.wire_reading import source_of
from bot.channels.work_pool import WorkPool
from bot.passage_view import PassageView
from bot.responding import MAX_QUESTION_CHARS

_RANGE = re.compile(r"(\d{1,9})-(\d{1,9})")
# Nobody highlights more; an address may be made by anyone.
_MAX_RANGES = 20
_GUEST = "guest:"
Handler = Callable[..., Awaitable[Response]]


class WebPages:
    """The handlers, with what they need."""

    def __init__(self, services: HttpServices, pages: Pages, pool: WorkPool) -> None:
        self._services = services
        self._pages = pages
        self._pool = pool

    async def chat(self, request: Request) -> Response:
        """The page people ask on; without a way in, a page that leads to one."""
        asker = asker_or_none(request)
        asking = asker or Asker("", ())
        context = {
            "max_chars": MAX_QUESTION_CHARS,
            "guest": asking.owner.startswith(_GUEST),
            "console": _console(asking),
        }
        return self._pages.html(request, "web/locked.html" if asker is None else "web/chat.html", context=context)

    async def passage(self, passage_id: str, request: Request) -> Response:
        """A passage in its document. ``?q=96-130&a=124-129`` marks the quote and the answer."""
        try:
            clearance = asker_of(request).clearance
            view = await self._pool.run(lambda: self._services.questions.passage(passage_id, clearance=clearance))
        except Exception as error:  # noqa: BLE001 - a person reads this: whatever it is, it is told on a page
            return self._pages.trouble(request, error)
        return self._pages.html(request, "web/passage.html", context=_shown(view, request))


def _console(asker: Asker) -> str | None:
    """Where the console begins for whoever may see some of it."""
    if ADMIN in asker.scopes:
        return "/admin"
    return "/admin/documents" if DOCUMENTS in asker.scopes else None


def _shown(view: PassageView, request: Request) -> dict[str, object]:
    passage, document = view.passage, view.document
    quotes, answers = _ranges(request, "q", "quote"), _ranges(request, "a", "answer")
    ranges = [Range(passage.start, passage.end, "passage"), *quotes, *answers]
    quote = document.text[quotes[0].start : quotes[0].end] if quotes else ""
    return {
        "document": document,
        "original": document.url if re.match(r"https?://", document.url or "") else None,
        "passage": passage,
        "paragraphs": marked_paragraphs(document.text, ranges),
        "cite": CiteBody.of(source_of(document), quote=quote),
        "quoted": bool(quotes),
        "answered": bool(answers),
    }


def _ranges(request: Request, name: str, kind: str) -> list[Range]:
    found = [_RANGE.fullmatch(value) for value in request.query_params.getlist(name)[:_MAX_RANGES]]
    return [Range(int(each[1]), int(each[2]), kind) for each in found if each is not None]


def add_pages(app: FastAPI, services: HttpServices, pool: WorkPool, *, plain: Handler) -> Pages:
    """Put pages and files into the application; `/` is ``plain`` for clients that do not ask for HTML."""
    assets = Assets.of_channels()
    pages = Pages(assets)
    web = WebPages(services, pages, pool)

    async def home(request: Request) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return await web.chat(request)
        return await plain(request)

    add_assets(app, assets)
    for path, handler in (("/", home), ("/p/{passage_id}", web.passage)):
        app.add_api_route(path, handler, methods=["GET", "HEAD"], response_model=None, include_in_schema=False)
    return pages
