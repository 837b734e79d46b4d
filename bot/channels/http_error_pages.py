"""Tells errors of any layer to a person's browser as pages: who is not signed in goes to the sign-in page."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.http_access import Arrival
from bot.channels.http_problems import Problem

# Makes the page of a problem.
Page = Callable[[Scope, Problem], ASGIApp]


def wants_page(scope: Scope) -> bool:
    """Whether a person's browser asks, to show what comes; a script of a page says so and is told as any client."""
    arrival: Arrival = scope["state"]["arrival"]
    accepted = ",".join(arrival.headers.get("accept", ()))
    return "text/html" in accepted and "hx-request" not in arrival.headers and not arrival.path.startswith("/v1/")


async def send_page(page: Page, told: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the page of a problem; where nobody is known, with the way to signing in and back."""
    if told.status == 401:
        await _to_sign_in(scope, send)
    else:
        await page(scope, told)(scope, receive, send)


async def _to_sign_in(scope: Scope, send: Send) -> None:
    target = f"/login?next={quote(_way_back(scope), safe='')}"
    headers = [(b"location", target.encode("ascii")), (b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _way_back(scope: Scope) -> str:
    """The page that was asked for; of an act the page that its form stands on."""
    arrival: Arrival = scope["state"]["arrival"]
    if not arrival.changes_something:
        query = f"?{scope['query_string'].decode('latin-1')}" if scope.get("query_string") else ""
        return str(scope["path"]) + query
    try:
        form = urlsplit(next(iter(arrival.headers.get("referer", ())), ""))
    except ValueError:
        return "/"
    ours = form.netloc != "" and [form.netloc] == list(arrival.headers.get("host", ()))
    return f"{form.path}?{form.query}" if ours and form.query else (form.path if ours else "/")
