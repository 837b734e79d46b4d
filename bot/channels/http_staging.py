"""Routes for uploads in two steps: a file is checked and kept aside, then taken among the sources or thrown away."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Query, Request, Response

from bot.admin import AdminService
from bot.channels.http_json import json_answer
from bot.channels.http_openapi import Operation, add_operations
from bot.channels.http_operations import UPLOAD_FORM
from bot.channels.http_requests import asker_of, uploaded_file
from bot.channels.wire_admin import StagedUploadBody, TakenBody
from bot.channels.work_pool import WorkPool

PATH = "/v1/uploads"


class StagingRoutes:
    """The handlers, with what they need."""

    def __init__(self, admin: AdminService, pool: WorkPool) -> None:
        self._admin = admin
        self._pool = pool

    async def stage(
        self,
        request: Request,
        upload_id: Annotated[str | None, Query(max_length=40, description="与先前发送的文件放在一起")] = None,
    ) -> Response:
        """Check a file and keep it aside, a day at most."""
        by = asker_of(request).owner
        async with uploaded_file(request) as file:
            name, data = file.filename or "", await file.read()
        staged = await self._pool.run(lambda: self._admin.stage_upload(upload_id, name, data, by=by))
        return json_answer(StagedUploadBody.of(staged), status=201, headers={"Location": f"{PATH}/{staged.id}"})

    async def staged(self, upload_id: str) -> Response:
        """What waits."""
        return json_answer(StagedUploadBody.of(await self._pool.run(lambda: self._admin.staged_upload(upload_id))))

    async def confirm(self, upload_id: str, request: Request) -> Response:
        """Take what waits among the sources; the next re-index reads it."""
        by = asker_of(request).owner
        return json_answer(TakenBody.of(await self._pool.run(lambda: self._admin.confirm_upload(upload_id, by=by))))

    async def discard(self, upload_id: str, request: Request) -> Response:
        """Throw away what waits."""
        by = asker_of(request).owner
        await self._pool.run(lambda: self._admin.discard_upload(upload_id, by=by))
        return Response(status_code=204)


def add_staging(app: FastAPI, admin: AdminService, pool: WorkPool) -> None:
    """Put the routes into the application."""
    routes, tag, one = StagingRoutes(admin, pool), "documents", f"{PATH}/{{upload_id}}"
    described = (
        Operation(
            "POST",
            PATH,
            routes.stage,
            "stage_upload",
            "发送一个文件，先检查，不收入",
            tag,
            StagedUploadBody,
            201,
            (400, 404, 413, 415, 422),
            extra=UPLOAD_FORM,
        ),
        Operation("GET", one, routes.staged, "get_staged", "等待确认的文件", tag, StagedUploadBody, problems=(404,)),
        Operation("POST", f"{one}/confirm", routes.confirm, "confirm_upload", "收入", tag, TakenBody, problems=(404,)),
        Operation("DELETE", one, routes.discard, "discard_upload", "放弃", tag, None, 204, (404,)),
    )
    add_operations(app, described)
