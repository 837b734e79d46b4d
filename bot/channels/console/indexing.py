"""Re-indexing: what it would do, the word to do it, how far it is, what came of it."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.console.frame import Frame, Handler, Page, go, invalid
from bot.channels.http_access import Asker
from bot.channels.http_requests import fields_of
from bot.errors import NotReadyError
from bot.indexing_jobs import DRY_RUN
from bot.state.jobs import SUCCEEDED

PATH = "/admin/index"
JOBS = f"{PATH}/jobs"
_RECENT, _FAILED_SHOWN = 10, 100


def pages(frame: Frame) -> list[Page]:
    """The state of the index, a job, and the orders."""
    services = frame.services
    admin = services.admin

    async def index(request: Request, asker: Asker) -> Response:
        def look() -> dict[str, Any]:
            try:
                status = admin.status()
            except NotReadyError:
                status = None
            return {
                "status": status,
                "jobs": admin.recent_jobs(_RECENT),
                "failed": services.failed_files(_FAILED_SHOWN),
            }

        return frame.page(request, asker, "index.html", **await frame.run(look))

    async def preview(request: Request, asker: Asker) -> Response:
        full = "full" in await fields_of(request)
        job_id = await frame.run(lambda: admin.start_reindex(full, dry_run=True, started_by=asker.owner))
        return go(f"{JOBS}/{job_id}", full="1" if full else None)

    async def start(request: Request, asker: Asker) -> Response:
        given = await fields_of(request)
        full, allowed = "full" in given, "allow_mass_removal" in given
        preview_id = given.get("preview", "")
        if not preview_id:
            raise invalid("请先试运行，看过会有什么变化再更新索引。")
        job_id = await frame.run(lambda: admin.start_previewed(preview_id, full, allowed, started_by=asker.owner))
        return go(f"{JOBS}/{job_id}")

    async def cancel(request: Request, asker: Asker) -> Response:
        preview_id = (await fields_of(request)).get("preview", "")
        await frame.run(lambda: admin.cancel_preview(preview_id, by=asker.owner))
        return go(PATH, "preview_cancelled")

    async def job(request: Request, asker: Asker) -> Response:
        return await _job_page(frame, request, asker, "job.html")

    async def progress(request: Request, asker: Asker) -> Response:
        return await _job_page(frame, request, asker, "job_progress.html")

    return [
        Page("GET", PATH, index),
        Page("POST", f"{PATH}/preview", preview),
        Page("POST", f"{PATH}/start", start),
        Page("POST", f"{PATH}/cancel", cancel),
        Page("GET", f"{JOBS}/{{job_id}}", job),
        Page("GET", f"{JOBS}/{{job_id}}/progress", progress),
        Page("POST", f"{JOBS}/{{job_id}}/stop", _order(frame, "stop")),
        Page("POST", f"{JOBS}/{{job_id}}/pause", _order(frame, "pause")),
        Page("POST", f"{JOBS}/{{job_id}}/resume", _order(frame, "resume")),
        Page("POST", f"{PATH}/resume", _resume(frame)),
    ]


async def _job_page(frame: Frame, request: Request, asker: Asker, template: str) -> Response:
    admin = frame.services.admin

    def look() -> dict[str, Any]:
        job = admin.job(request.path_params["job_id"])
        last = admin.previewed() if job.kind == DRY_RUN else None
        startable = last is not None and last.id == job.id and job.state == SUCCEEDED
        return {"job": job, "startable": startable, "changes": _changes(job.report)}

    full = request.query_params.get("full") == "1"
    return frame.page(request, asker, template, full=full, **await frame.run(look))


def _changes(report: dict[str, object] | None) -> int:
    """How many documents a run changes."""
    counts = (report or {}).get("documents")
    return sum(counts.get(kind, 0) for kind in ("added", "changed", "removed")) if isinstance(counts, dict) else 0


def _order(frame: Frame, order: str) -> Handler:
    admin = frame.services.admin
    orders = {
        "stop": (admin.stop_job, "stopping"),
        "pause": (admin.pause_job, "paused"),
        "resume": (admin.resume_job, "resumed"),
    }
    act, done = orders[order]

    async def give(request: Request, asker: Asker) -> Response:
        job_id = request.path_params["job_id"]
        await frame.run(lambda: act(job_id, by=asker.owner))
        return go(f"{JOBS}/{job_id}", done)

    return give


def _resume(frame: Frame) -> Handler:
    async def resume(request: Request, asker: Asker) -> Response:
        await frame.run(lambda: frame.services.admin.resume_embedding(by=asker.owner))
        return go(PATH, "resumed")

    return resume
