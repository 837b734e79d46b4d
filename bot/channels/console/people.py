"""Who may use Telegram: approved, turned down, removed, made administrator."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from bot.access import Role
from bot.channels.console.frame import Frame, Page, go, invalid
from bot.channels.console.given import clearance
from bot.channels.http_access import Asker
from bot.channels.http_requests import fields_of
from bot.people import Member, People
from corpus.visibility import Clearance

PATH = "/admin/people"


def pages(frame: Frame) -> list[Page]:
    """The list and the orders."""
    people = frame.services.people

    async def listing(request: Request, asker: Asker) -> Response:
        members = await frame.run(people.everyone)
        return frame.page(request, asker, "people.html", members=members, open_to_all=people.open_to_all, Role=Role)

    async def act(request: Request, asker: Asker) -> Response:
        given, by = await fields_of(request), asker.owner
        orders: dict[str, tuple[Callable[[int], Member], str]] = {
            "approve": (lambda each: people.approve(each, by=by), "approved"),
            "reject": (lambda each: people.reject(each, by=by), "person_rejected"),
            "remove": (lambda each: people.remove(each, by=by), "person_removed"),
            "admin": (lambda each: people.set_role(each, Role.ADMIN, by=by), "made_admin"),
            "user": (lambda each: people.set_role(each, Role.USER, by=by), "made_user"),
        }
        if given.get("order") == "clearance":
            orders["clearance"] = (_cleared(people, clearance(given.get("clearance", "")), by), "saved")
        if given.get("order") not in orders:
            raise invalid("没有这个操作。")
        order, done = orders[given["order"]]
        await frame.run(lambda: order(people.id_of(given.get("id", ""))))
        return go(PATH, done)

    return [Page("GET", PATH, listing), Page("POST", PATH, act)]


def _cleared(people: People, labels: Clearance, by: str) -> Callable[[int], Member]:
    return lambda each: people.set_clearance(each, labels, by=by)
