"""API keys: made, shown once, revoked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.console.frame import Frame, Page, go
from bot.channels.console.given import clearance, end_of_day
from bot.channels.http_access import SCOPES, Asker
from bot.channels.http_requests import fields_of
from bot.state.keys import NewKey

PATH = "/admin/keys"


def pages(frame: Frame) -> list[Page]:
    """The list and the orders."""
    keys, accounts = frame.services.keys, frame.services.accounts

    async def shown(request: Request, asker: Asker, made: NewKey | None) -> Response:
        known = await frame.run(keys.list_keys)
        locked = any(key.revoked_at is None for key in known) or await frame.run(accounts.any_accounts)
        values: dict[str, Any] = {
            "keys": known,
            "made": made,
            "locked": locked,
            "scopes": SCOPES,
            "now": datetime.now(UTC),
        }
        return frame.page(request, asker, "keys.html", **values)

    async def listing(request: Request, asker: Asker) -> Response:
        return await shown(request, asker, None)

    async def create(request: Request, asker: Asker) -> Response:
        given = await fields_of(request)
        scopes = [scope for scope in SCOPES if f"scope_{scope}" in given]
        expires_at, labels = end_of_day(given.get("expires", "")), clearance(given.get("clearance", ""))
        name = given.get("name", "")
        made = await frame.run(
            lambda: keys.create(name, scopes, by=asker.owner, expires_at=expires_at, clearance=labels)
        )
        # Shown here and never again: there is no address to come back to.
        return await shown(request, asker, made)

    async def revoke(request: Request, asker: Asker) -> Response:
        key_id = (await fields_of(request)).get("id", "")
        await frame.run(lambda: keys.revoke(key_id, by=asker.owner))
        return go(PATH, "key_revoked")

    return [Page("GET", PATH, listing), Page("POST", PATH, create), Page("POST", f"{PATH}/revoke", revoke)]
