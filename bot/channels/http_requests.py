"""What routes take from a request: who asks, from where, with which cookies, and what the form holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from starlette.datastructures import UploadFile

from bot.channels.http_access import Asker
from bot.channels.http_clients import Client, cookie_name, cookie_of
from bot.channels.http_problems import ProblemError, problem

UPLOAD_FIELD = "file"
_MAX_FIELDS = 40


def asker_of(request: Request) -> Asker:
    """Who sent a request. Raises: ProblemError: 401, nobody judged it."""
    asker = asker_or_none(request)
    if asker is None:  # a route outside the rules of access must fail, not answer
        raise ProblemError(problem(401, "没有经过身份检查的请求。"))
    return asker


def asker_or_none(request: Request) -> Asker | None:
    """Who sent a request, where the route may be read by nobody in particular."""
    asker = getattr(request.state, "asker", None)
    return asker if isinstance(asker, Asker) else None


def client_behind(request: Request) -> Client:
    """The client's address, and whether it came by https."""
    client: Client = request.state.client
    return client


def cookie_value(request: Request, name: str) -> str | None:
    """The value of a cookie of ours; None where it is not there, or there twice."""
    cookies = request.state.arrival.headers.get("cookie", ())
    return cookie_of(cookies, cookie_name(name, secure=client_behind(request).secure))


async def fields_of(request: Request) -> dict[str, str]:
    """The text fields of a form; of several of one name the last."""
    async with request.form(max_files=0, max_fields=_MAX_FIELDS) as form:
        return {name: value for name, value in form.multi_items() if isinstance(value, str)}


@asynccontextmanager
async def uploaded_file(request: Request) -> AsyncIterator[UploadFile]:
    """The file of a form, open within the block. Raises: ProblemError: 422, there is none."""
    async with request.form(max_files=1, max_fields=4) as form:
        file = form.get(UPLOAD_FIELD)
        if not isinstance(file, UploadFile):
            raise ProblemError(problem(422, f"表单中缺少文件字段 {UPLOAD_FIELD}。"))
        yield file
