"""Routes for what administrators say of a document: read with its text, changed with an eye on what was seen."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Header, Request, Response

from bot.channels.http_etags import check_if_match, etag_of
from bot.channels.http_openapi import Operation, add_operations
from bot.channels.http_requests import asker_of
from bot.channels.wire_editing import DocumentPatch, EditedDocumentBody
from bot.channels.work_pool import WorkPool
from bot.document_editing import DocumentEditing, EditedDocument

PATH = "/v1/documents/{document_id:path}"


class EditingRoutes:
    """The handlers, with what they need."""

    def __init__(self, editing: DocumentEditing, pool: WorkPool) -> None:
        self._editing = editing
        self._pool = pool

    async def document(self, document_id: str, request: Request) -> Response:
        """A document with its text."""
        clearance = asker_of(request).clearance
        return _told(await self._pool.run(lambda: self._editing.shown(document_id, clearance)))

    async def edit(
        self,
        document_id: str,
        body: DocumentPatch,
        request: Request,
        if_match: Annotated[str | None, Header(description="读取时的 ETag：之后变了则为 412，不作修改")] = None,
    ) -> Response:
        """Say something of a document beside its file; in force from the next index run on, a label at once."""
        asker = asker_of(request)
        changes, from_file = body.changes(), body.from_file

        def edit() -> EditedDocument:
            return self._editing.edit(
                document_id,
                changes,
                by=asker.owner,
                from_file=from_file,
                clearance=asker.clearance,
                check=lambda seen: check_if_match(if_match, etag_of(_bytes(seen))),
            )

        return _told(await self._pool.run(edit))


def add_editing(app: FastAPI, editing: DocumentEditing, pool: WorkPool) -> None:
    """Put the routes into the application."""
    routes, tag = EditingRoutes(editing, pool), "documents"
    add_operations(
        app,
        (
            Operation(
                "GET", PATH, routes.document, "get_document", "一篇文档与全文", tag, EditedDocumentBody, problems=(404,)
            ),
            Operation(
                "PATCH",
                PATH,
                routes.edit,
                "edit_document",
                "改标题、发布机构、日期、网址、可见范围",
                tag,
                EditedDocumentBody,
                problems=(404, 409, 412, 422),
            ),
        ),
    )


def _bytes(shown: EditedDocument) -> bytes:
    return EditedDocumentBody.shown(shown).model_dump_json().encode()


def _told(shown: EditedDocument) -> Response:
    body = _bytes(shown)
    return Response(body, headers={"Cache-Control": "no-store", "ETag": etag_of(body)}, media_type="application/json")
