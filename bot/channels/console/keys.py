"""API keys: made, shown once, revoked."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.console.frame import Frame, Page, fields, go
from bot.channels.http_access import SCOPES, Asker
from bot.state.keys import KeyInfo, NewKey

PATH = "/admin/keys"


def pages(frame: Frame) -> list[Page]:
    """The list and the orders."""
    keys, trail = frame.services.keys, frame.services.trail

    async def listing(request: Request, asker: Asker) -> Response:
        return frame.page(request, asker, "keys.html", keys=await frame.run(keys.list_keys), made=None, scopes=SCOPES)

    async def create(request: Request, asker: Asker) -> Response:
        given = await fields(request)
        scopes = [scope for scope in SCOPES if f"scope_{scope}" in given]

        def make() -> tuple[NewKey, list[KeyInfo]]:
            made = keys.create(given.get("name", ""), scopes)
            trail.record(asker.owner, "key_created", f"{made.info.id} {made.info.name} {','.join(made.info.scopes)}")
            return made, keys.list_keys()

        made, known = await frame.run(make)
        # Shown here and never again: there is no address to come back to.
        return frame.page(request, asker, "keys.html", keys=known, made=made, scopes=SCOPES)

    async def revoke(request: Request, asker: Asker) -> Response:
        key_id = (await fields(request)).get("id", "")

        def end() -> None:
            gone = keys.revoke(key_id)
            trail.record(asker.owner, "key_revoked", f"{gone.id} {gone.name}")

        await frame.run(end)
        return go(PATH, "key_revoked")

    return [Page("GET", PATH, listing), Page("POST", PATH, create), Page("POST", f"{PATH}/revoke", revoke)]
