"""What the layers at the door left with a request: who asks, from where, with which cookies."""

from __future__ import annotations

from fastapi import Request

from bot.channels.http_access import Asker
from bot.channels.http_clients import Client, cookie_name, cookie_of
from bot.channels.http_problems import ProblemError, problem


def asker_of(request: Request) -> Asker:
    """Who sent a request. Raises: ProblemError: 401, nobody judged it."""
    asker = asker_or_none(request)
    if asker is None:  # a route outside the rules of access must fail, not answer
        raise ProblemError(problem(401, "没有经过身份检查的请求。"))
    return asker


def asker_or_none(request: Request) -> Asker | None:
    """Who sent a request, where the route may be read by nobody in particular."""
    asker = request.state.asker
    return asker if isinstance(asker, Asker) else None


def client_behind(request: Request) -> Client:
    """The client's address, and whether it came by https."""
    client: Client = request.state.client
    return client


def cookie_value(request: Request, name: str) -> str | None:
    """The value of a cookie of ours; None where it is not there, or there twice."""
    cookies = request.state.arrival.headers.get("cookie", ())
    return cookie_of(cookies, cookie_name(name, secure=client_behind(request).secure))
