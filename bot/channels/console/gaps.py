"""Questions without an answer: who looks after which, a document to be added, done or ignored."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.console.frame import Frame, Page, go, whole
from bot.channels.http_access import Asker
from bot.channels.http_requests import fields_of
from bot.state.gap_marks import OPEN, STATES
from bot.state.people import APPROVED

PATH = "/admin/gaps"
A_PAGE = 20


def pages(frame: Frame) -> list[Page]:
    """The list by state, and the word about one of them."""
    board, people = frame.services.gaps, frame.services.people

    async def listing(request: Request, asker: Asker) -> Response:
        said = request.query_params.get("state", OPEN)
        state = said if said in STATES else OPEN
        assignee = request.query_params.get("assignee", "").strip() or None
        offset = whole(request, "offset")
        page = await frame.run(lambda: board.page(state, assignee=assignee, offset=offset, limit=A_PAGE))
        names = await frame.run(lambda: [each.name for each in people.everyone() if each.state == APPROVED])
        values: dict[str, Any] = {
            "page": page,
            "state": state,
            "assignee": assignee,
            "offset": offset,
            "length": A_PAGE,
        }
        known = sorted({name for name in (*names, asker.name) if name})
        return frame.page(request, asker, "gaps.html", **values, states=STATES, names=known)

    async def mark(request: Request, asker: Asker) -> Response:
        given = await fields_of(request)
        state = given.get("state", "")
        gap = await frame.run(
            lambda: board.mark(
                given.get("id", ""),
                state=state,
                assignee=given.get("assignee"),
                note=given.get("note"),
                by=asker.owner,
            )
        )
        shown = given.get("shown", OPEN)
        return go(PATH, "saved" if gap.state == shown else f"gap_{gap.state}", state=shown if shown in STATES else None)

    return [Page("GET", PATH, listing), Page("POST", f"{PATH}/mark", mark)]
