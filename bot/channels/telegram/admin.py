"""/status: how things are, with the buttons for what waits for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.telegram.admin_reports import health_text
from bot.channels.telegram.asking import Desk, run_or_explain
from bot.channels.telegram.following import blocked_buttons, progress_button
from bot.channels.telegram.phrases import Phrases
from bot.channels.telegram.reports import FINISHED, status_text
from bot.channels.telegram.requests import Button, Incoming, Outgoing
from bot.channels.telegram.text import as_mapping

# More that wait are a sign of something else than a decision that is due.
_BLOCKED_SHOWN = 3


async def status(desk: Desk, request: Incoming) -> None:
    """How things are."""
    administration, phrases, workers = desk.administration, desk.phrases(request), desk.workers
    found = await run_or_explain(desk, request, lambda: (administration.status(), administration.health()))
    if found is None:
        return
    figures, health = found
    text = status_text(figures, phrases, heading=phrases.status_heading)
    # Asking is work too, which has just been done.
    rest = health_text(health, phrases, busy=max(0, workers.busy), capacity=workers.capacity)
    await desk.messenger.send(request.place, Outgoing((*text, *rest), _status_buttons(figures, phrases)))


def _status_buttons(figures: Mapping[str, Any], phrases: Phrases) -> list[list[Button]]:
    rows: list[list[Button]] = []
    for name in ("last_job", "embedding_job"):
        job = as_mapping(figures.get(name))
        if job and job["state"] not in FINISHED:
            rows.append([progress_button(job["id"], "", phrases)])
    for snapshot_id in list(figures.get("blocked") or ())[-_BLOCKED_SHOWN:]:
        rows += blocked_buttons(snapshot_id, "", phrases)
    return rows
