"""How much is asked, how it ends, how fast: tables that a script draws as charts."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.console.frame import Frame, Page, whole
from bot.channels.http_access import Asker
from bot.state.usage_figures import UsageDay

PATH = "/admin/usage"
_DAYS = (7, 30, 90)
# In this order, where they occur; anything else follows.
_OUTCOMES, _CHANNELS = ("answered", "not_found", "chat", "failed"), ("web", "http", "telegram", "cli")


def pages(frame: Frame) -> list[Page]:
    """The charts."""
    services = frame.services

    async def usage(request: Request, asker: Asker) -> Response:
        count = whole(request, "days", 30)
        count = count if count in _DAYS else 30
        days = await frame.run(lambda: services.usage.days(count))
        health = await frame.run(services.admin.health)
        values: dict[str, Any] = {"days": days, "count": count, "choices": _DAYS, "health": health}
        outcomes = _names([each for day in days for each in day.outcomes], _OUTCOMES)
        channels = _names([each for day in days for each in day.channels], _CHANNELS)
        return frame.page(
            request, asker, "usage.html", **values, outcomes=outcomes, channels=channels, totals=totals(days)
        )

    return [Page("GET", PATH, usage)]


def totals(days: list[UsageDay]) -> dict[str, float | int | None]:
    """All days in one: questions, those answered and not found, as shares of those about the documents."""
    questions = sum(day.questions for day in days)
    answered = sum(day.outcomes.get("answered", 0) for day in days)
    missed = sum(day.outcomes.get("not_found", 0) for day in days)
    told = answered + missed
    busiest = max((day.questions for day in days), default=0)
    return {"questions": questions, "busiest": busiest, "answered": answered / told if told else None}


def _names(found: list[str], first: tuple[str, ...]) -> list[str]:
    there = set(found)
    return [name for name in first if name in there] + sorted(there - set(first))
