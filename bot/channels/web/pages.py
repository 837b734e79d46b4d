"""Makes pages from the templates `bot/channels/*/templates`: language, theme, who is signed in, where files are.

Everything a template is given is escaped. No script or style stands in a page, so that a strict
Content-Security-Policy holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

import structlog
from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from bot.answering.language import Language, day_in
from bot.channels.http_access import Asker
from bot.channels.http_problems import Problem, problem_of
from bot.channels.web.assets import CHANNELS_DIR, Assets
from bot.channels.web.languages import (
    COOKIE,
    LANGUAGES,
    PARAMETER,
    Words,
    chosen_language,
    in_language,
    language_of,
    translator,
)
from bot.channels.web.words import WORDS
from corpus.folding import to_traditional

THEME_COOKIE = "yiju_theme"
THEMES = ("light", "dark")
# Their details name scopes, which say nothing to people.
_TOLD_BY_KIND = frozenset({"scope"})
_A_YEAR_SECONDS = 365 * 24 * 3600
_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language, Cookie"}


class Pages:
    """The pages of every channel that has templates: `web/chat.html` is `bot/channels/web/templates/chat.html`."""

    def __init__(self, assets: Assets, folder: Path = CHANNELS_DIR) -> None:
        self.assets = assets
        loaders = {each.parent.name: FileSystemLoader(each) for each in sorted(folder.glob("*/templates"))}
        self._environment = Environment(
            loader=PrefixLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._log = structlog.get_logger(__name__)

    def html(
        self,
        request: Request,
        template: str,
        words: Words = WORDS,
        *,
        context: Mapping[str, object] | None = None,
        status: int = 200,
        address: str | None = None,
    ) -> Response:
        """A page. ``words`` are added to those that every page has; ``address``: where a GET finds it, if elsewhere."""
        language = language_of(request)
        table = {**WORDS, **words}
        found_at = address or _address(request)
        theme = request.cookies.get(THEME_COOKIE)
        asker = getattr(request.state, "asker", None)
        text = self._environment.get_template(template).render(
            t=translator(table, language),
            words=in_language(table, language),
            language=language,
            languages=LANGUAGES,
            theme=theme if theme in THEMES else None,
            asker=asker if isinstance(asker, Asker) else None,
            asset=self.assets.url,
            day=partial(day_in, language),
            here=quote(found_at, safe="/"),
            in_language_at=partial(_in_language_at, found_at),
            **(context or {}),
        )
        response = Response(text, status, dict(_HEADERS), "text/html; charset=utf-8")
        if (chosen := chosen_language(request)) is not None:
            response.set_cookie(
                COOKIE,
                chosen,
                max_age=_A_YEAR_SECONDS,
                samesite="lax",
                httponly=True,
                secure=request.url.scheme == "https",
            )
        return response

    def trouble(self, request: Request, error: Exception, words: Words = WORDS) -> Response:
        """A page that says what went wrong and what to do."""
        told = problem_of(error)
        if told.status == 500:
            self._log.error("page_failed", path=request.url.path, exc_info=error)
        return self.told(request, told, words)

    def told(self, request: Request, told: Problem, words: Words = WORDS) -> Response:
        """The page of a problem."""
        context = {"problem": told, "request_id": request.state.request_id, "said": _said(told, language_of(request))}
        response = self.html(request, "web/problem.html", words, context=context, status=told.status)
        response.headers.update(told.headers)
        return response


def _said(told: Problem, language: Language) -> str:
    """What happened, in that language; in English, and where a detail says little, what is said of all of the kind."""
    code = f"error_{told.code}"
    if language == "en" or told.code in _TOLD_BY_KIND:
        return translator(WORDS, language)(code if code in WORDS else "error_any")
    return told.detail if language == "zh-Hans" else to_traditional(told.detail)


def _address(request: Request) -> str:
    """The path of this page with its query, to come back to after signing in."""
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def _in_language_at(address: str, language: Language) -> str:
    """The page of that address in another language."""
    path, _, query = address.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != PARAMETER]
    return f"{quote(path, safe='/')}?{urlencode([*kept, (PARAMETER, language)])}"
