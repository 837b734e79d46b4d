"""Accounts of people who sign in at the web: made, given a role and labels, signed out, disabled."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.console.frame import Frame, Page, go, invalid
from bot.channels.console.given import clearance
from bot.channels.http_access import Asker
from bot.channels.http_accounts import link_address
from bot.channels.http_requests import fields_of
from bot.state.accounts import ROLES, USER, Account

PATH = "/admin/accounts"
Order = Callable[[str], object]


def pages(frame: Frame) -> list[Page]:
    """The list and the orders."""
    accounts, public_url = frame.services.accounts, frame.services.public_url

    async def shown(request: Request, asker: Asker, link: tuple[str, str] | None) -> Response:
        known, sessions = await frame.run(accounts.everyone), await frame.run(accounts.running_sessions)
        running = {each.id: [one for one in sessions if one.account_id == each.id] for each in known}
        own = asker.owner.removeprefix("user:")
        return frame.page(
            request, asker, "accounts.html", accounts=known, running=running, roles=ROLES, link=link, own=own
        )

    async def listing(request: Request, asker: Asker) -> Response:
        return await shown(request, asker, None)

    async def create(request: Request, asker: Asker) -> Response:
        given = await fields_of(request)
        name, role = given.get("name", ""), given.get("role", USER)
        labels, by = clearance(given.get("clearance", "")), asker.owner

        def make() -> tuple[Account, str]:
            made = accounts.create(name, role, labels, by=by)
            return made, accounts.make_link(made.id, by=by)

        made, token = await frame.run(make)
        return await shown(request, asker, (made.name, link_address(request, token, public_url=public_url)))

    async def link(request: Request, asker: Asker) -> Response:
        account_id = (await fields_of(request)).get("id", "")

        def make() -> tuple[Account, str]:
            return accounts.account(account_id), accounts.make_link(account_id, by=asker.owner)

        account, token = await frame.run(make)
        # Shown here and never again, as a key is.
        return await shown(request, asker, (account.name, link_address(request, token, public_url=public_url)))

    async def change(request: Request, asker: Asker) -> Response:
        given, by = await fields_of(request), asker.owner
        orders: dict[str, tuple[Order, str]] = {
            "role": (lambda each: accounts.set_role(each, given.get("role", ""), by=by), "saved"),
            "clearance": (
                lambda each: accounts.set_clearance(each, clearance(given.get("clearance", "")), by=by),
                "saved",
            ),
            "disable": (lambda each: accounts.disable(each, by=by), "account_disabled"),
            "enable": (lambda each: accounts.enable(each, by=by), "account_enabled"),
            "sign_out": (lambda each: accounts.end_sessions(each, by=by), "signed_out"),
        }
        if given.get("order") not in orders:
            raise invalid("没有这个操作。")
        order, done = orders[given["order"]]
        await frame.run(lambda: order(given.get("id", "")))
        return go(PATH, done)

    return [
        Page("GET", PATH, listing),
        Page("POST", PATH, create),
        Page("POST", f"{PATH}/link", link),
        Page("POST", f"{PATH}/change", change),
    ]
