"""Snapshots of the index: listed, checked, gone back to, accepted or rejected, pruned."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.console.frame import Frame, Page, go, invalid
from bot.channels.http_access import Asker
from bot.channels.http_requests import fields_of
from bot.snapshot_keeping import MAX_KEPT

PATH = "/admin/snapshots"


def pages(frame: Frame) -> list[Page]:
    """The list and the orders."""
    keeping = frame.services.snapshots

    async def listing(request: Request, asker: Asker) -> Response:
        found = await frame.run(keeping.listed)
        return frame.page(request, asker, "snapshots.html", found=found, kept=keeping.kept, most=MAX_KEPT)

    async def verify(request: Request, asker: Asker) -> Response:
        snapshot_id = (await fields_of(request)).get("id", "")
        problem = await frame.run(lambda: keeping.verify(snapshot_id, by=asker.owner))
        if problem is None:
            return go(PATH, "verified", id=snapshot_id)
        found = await frame.run(keeping.listed)
        values: dict[str, Any] = {
            "found": found,
            "kept": keeping.kept,
            "most": MAX_KEPT,
            "damaged": (snapshot_id, problem),
        }
        return frame.page(request, asker, "snapshots.html", **values)

    async def roll_back(request: Request, asker: Asker) -> Response:
        snapshot_id = (await fields_of(request)).get("id", "")
        await frame.run(lambda: keeping.roll_back(snapshot_id, by=asker.owner))
        return go(PATH, "rolled_back")

    async def accept(request: Request, asker: Asker) -> Response:
        snapshot_id = (await fields_of(request)).get("id", "")
        await frame.run(lambda: keeping.accept(snapshot_id, by=asker.owner))
        return go(PATH, "accepted")

    async def reject(request: Request, asker: Asker) -> Response:
        snapshot_id = (await fields_of(request)).get("id", "")
        await frame.run(lambda: keeping.reject(snapshot_id, by=asker.owner))
        return go(PATH, "rejected")

    async def prune(request: Request, asker: Asker) -> Response:
        said = (await fields_of(request)).get("kept", "")
        if not (said.isascii() and said.isdigit() and len(said) < 4 and 1 <= int(said) <= MAX_KEPT):
            raise invalid(f"保留的个数应为 1 到 {MAX_KEPT}。")
        await frame.run(lambda: keeping.prune(int(said), by=asker.owner))
        return go(PATH, "pruned")

    return [
        Page("GET", PATH, listing),
        Page("POST", f"{PATH}/verify", verify),
        Page("POST", f"{PATH}/rollback", roll_back),
        Page("POST", f"{PATH}/accept", accept),
        Page("POST", f"{PATH}/reject", reject),
        Page("POST", f"{PATH}/prune", prune),
    ]
