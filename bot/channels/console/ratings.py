"""What readers thought of answers: counts by reason, and the latest answers that were rated."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.console.frame import Frame, Page, whole
from bot.channels.http_access import Asker

PATH = "/admin/feedback"
_DAYS = (7, 30, 90)
_SHOWN = 100
_RATINGS = ("down", "up")


def pages(frame: Frame) -> list[Page]:
    """The list."""
    feedback = frame.services.feedback

    async def listing(request: Request, asker: Asker) -> Response:
        days = whole(request, "days", 30)
        days = days if days in _DAYS else 30
        said = request.query_params.get("rating", "down")
        rating = said if said in _RATINGS else None
        found = await frame.run(lambda: feedback.overview(days=days, limit=_SHOWN, rating=rating))
        return frame.page(request, asker, "feedback.html", found=found, rating=rating, choices=_DAYS)

    return [Page("GET", PATH, listing)]
