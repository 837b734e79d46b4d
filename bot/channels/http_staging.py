"""Routes for uploads in two steps: a file is checked and kept aside, then taken among the sources or thrown away."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Query, Request, Response

from bot.admin import AdminService
from bot.channels.http_access import ADMIN, Asker
from bot.channels.http_json import json_answer
from bot.channels.http_openapi import Operation, add_operations
from bot.channels.http_operations import UPLOAD_FORM
from bot.channels.http_requests import asker_of, uploaded_file
from bot.channels.wire_admin import StagedUploadBody, TakenBody
from bot.channels.work_pool import WorkPool
from bot.staging import StagedUpload, UploadGoneError

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
        asker = asker_of(request)
        if upload_id is not None:
            await self._found(asker, upload_id)
        async with uploaded_file(request) as file:
            name, data = file.filename or "", await file.read()
        staged = await self._pool.run(lambda: self._admin.stage_upload(upload_id, name, data, by=asker.owner))
        return json_answer(StagedUploadBody.of(staged), status=201, headers={"Location": f"{PATH}/{staged.id}"})

    async def staged(self, upload_id: str, request: Request) -> Response:
        """What waits."""
        return json_answer(StagedUploadBody.of(await self._found(asker_of(request), upload_id)))

    async def confirm(self, upload_id: str, request: Request) -> Response:
        """Take what waits among the sources; the next re-index reads it."""
        asker = asker_of(request)
        await self._found(asker, upload_id)
        taken = await self._pool.run(lambda: self._admin.confirm_upload(upload_id, by=asker.owner))
        return json_answer(TakenBody.of(taken))

    async def discard(self, upload_id: str, request: Request) -> Response:
        """Throw away what waits."""
        asker = asker_of(request)
        await self._found(asker, upload_id)
        await self._pool.run(lambda: self._admin.discard_upload(upload_id, by=asker.owner))
        return Response(status_code=204)

    async def _found(self, asker: Asker, upload_id: str) -> StagedUpload:
        return await self._pool.run(lambda: staged_for(asker, self._admin, upload_id))


def may_see(asker: Asker, upload: StagedUpload) -> bool:
    """What is in a file that waits is for who sent it and for administrators: nobody knows its label yet."""
    return ADMIN in asker.scopes or upload.by == asker.owner


def staged_for(asker: Asker, admin: AdminService, upload_id: str) -> StagedUpload:
    """Files that wait. Raises: UploadGoneError: there are none, or they are another's."""
    found = admin.staged_upload(upload_id)
    if not may_see(asker, found):
        raise UploadGoneError("这些文件已经处理过，或等待太久已被删除；要加入资料请重新发送。")
    return found


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
