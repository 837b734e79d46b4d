"""The audit: filtered, page by page, and as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.audit_export import CSV, JSONL, as_csv, as_jsonl
from bot.channels.console.frame import Frame, Handler, Page, wants_part, whole
from bot.channels.http_access import Asker
from bot.days import midnight
from bot.state.audit_pages import AuditFilter

PATH = "/admin/audit"
A_PAGE = 50
_MAX_CHARS = 200
_PIECES = 500


def pages(frame: Frame) -> list[Page]:
    """The list and the files."""
    audit = frame.services.audit

    async def listing(request: Request, asker: Asker) -> Response:
        chosen = chosen_filter(request)
        before = whole(request, "before", most=2**62) or None
        lines = await frame.run(lambda: audit.page(chosen, before=before, limit=A_PAGE + 1))
        values: dict[str, Any] = {"lines": lines[:A_PAGE], "more": len(lines) > A_PAGE, "first": before is None}
        if wants_part(request, "results"):
            return frame.page(request, asker, "audit_list.html", **values)
        actions, channels = await frame.run(audit.names)
        total = await frame.run(lambda: audit.count(chosen))
        given = request.query_params
        return frame.page(
            request, asker, "audit.html", **values, actions=actions, channels=channels, total=total, given=given
        )

    def export(kind: str) -> Handler:
        async def file(request: Request, asker: Asker) -> Response:
            return await _file(frame, kind, request, asker)

        return file

    return [Page("GET", PATH, listing), *(Page("GET", f"{PATH}/export.{kind}", export(kind)) for kind in (CSV, JSONL))]


def chosen_filter(request: Request) -> AuditFilter:
    """What the address asks for; days are of this machine's zone, the last one is taken in. Junk is left out."""

    def text(name: str) -> str:
        return request.query_params.get(name, "").strip().replace("\x00", "")[:_MAX_CHARS]

    until = _day(text("until"))
    return AuditFilter(
        since=_midnight(_day(text("since"))),
        until=_midnight(until + timedelta(days=1) if until and until < date.max else None),
        actor=text("actor"),
        channel=text("channel"),
        action=text("action"),
        outcome=text("outcome"),
        words=text("q"),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date | None) -> datetime | None:
    try:
        return None if day is None else midnight(day)
    except ValueError:
        return None


async def _file(frame: Frame, kind: str, request: Request, asker: Asker) -> Response:
    audit, trail, chosen = frame.services.audit, frame.services.trail, chosen_filter(request)
    lines = await frame.run(lambda: audit.all(chosen))
    pieces = as_csv(lines) if kind == CSV else as_jsonl(lines)
    await frame.run(lambda: trail.record(asker.owner, "audit_exported", f"{kind} {request.url.query}"[:_MAX_CHARS]))
    name = f"yiju-audit-{datetime.now().astimezone():%Y%m%d-%H%M}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    media = "text/csv; charset=utf-8" if kind == CSV else "application/x-ndjson; charset=utf-8"
    return StreamingResponse(_streamed(frame, pieces), headers=headers, media_type=media)


async def _streamed(frame: Frame, pieces: Iterator[str]) -> AsyncIterator[str]:
    """Pieces made in a thread, many at a time."""

    def some() -> str:
        return "".join(islice(pieces, _PIECES))

    while text := await frame.run(some):
        yield text
