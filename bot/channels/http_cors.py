"""Cross-origin requests: off, unless the settings name the web pages that may send them, with a key of their own.

Cookies never count for another origin. A preflight says nothing of who may ask, so it is answered before the doors.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from bot.channels.http_problems import PROBLEM_JSON, problem

EXPOSED = ("ETag", "Location", "Retry-After", "X-Request-ID", "Idempotency-Replayed")
TAKEN = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-ID")
METHODS = ("GET", "POST", "PATCH", "DELETE")
_PREFLIGHT_LASTS = 600


class CorsLayer(CORSMiddleware):
    """Starlette's, with refusals as problems and a request id on preflights."""

    def __init__(self, app: ASGIApp, *, origins: Sequence[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=TAKEN,
            expose_headers=EXPOSED,
            max_age=_PREFLIGHT_LASTS,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """Whether a page may send what it asks for."""
        answer = super().preflight_response(request_headers)
        request_id = uuid.uuid4().hex
        if answer.status_code >= 400:
            told = problem(
                403, "这个网页不在 YIJU_HTTP__CORS_ORIGINS 之列，或要用的方法、请求头不在允许之列。", code="cors"
            )
            body = told.body(instance="", request_id=request_id)
            answer = Response(body, told.status, {"Vary": "Origin", "Cache-Control": "no-store"}, PROBLEM_JSON)
        answer.headers["X-Request-ID"] = request_id
        return answer
