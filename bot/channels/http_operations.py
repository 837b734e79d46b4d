"""The table of routes under /v1: method and path to handler, with what the OpenAPI document says of each."""

from __future__ import annotations

from bot.channels.http_openapi import EVENTS, Operation
from bot.channels.http_requests import UPLOAD_FIELD
from bot.channels.http_routes import Routes
from bot.channels.wire import AnswerBody
from bot.channels.wire_records import (
    DocumentListBody,
    JobBody,
    PassageViewBody,
    RestoreBody,
    StatusBody,
    UploadBody,
)

UPLOAD_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [UPLOAD_FIELD],
                    "properties": {UPLOAD_FIELD: {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


def operations(routes: Routes) -> tuple[Operation, ...]:
    """The routes that have been there from the beginning; later ones bring their own."""
    # A document's id may hold a slash: that of a line of a .jsonl file is whatever its author chose.
    document, job = "/v1/documents/{document_id:path}", "/v1/admin/jobs/{job_id}"
    asked, filed, run = "questions", "documents", "administration"
    return (
        Operation("POST", "/v1/ask", routes.ask, "ask", "提问，得到答案与出处", asked, AnswerBody, extra=EVENTS),
        Operation(
            "GET",
            "/v1/passages/{passage_id}",
            routes.passage,
            "get_passage",
            "一段原文，连同所在文档与前后段",
            asked,
            PassageViewBody,
            problems=(404,),
        ),
        Operation(
            "POST",
            "/v1/answers/{answer_id}/feedback",
            routes.feedback,
            "rate_answer",
            "评价一个回答",
            asked,
            status=204,
            problems=(404,),
        ),
        Operation(
            "GET",
            "/v1/documents",
            routes.documents,
            "list_documents",
            "列出、查找资料",
            filed,
            DocumentListBody,
            problems=(422,),
        ),
        Operation(
            "POST",
            "/v1/documents",
            routes.upload,
            "upload_document",
            "上传一个文件，下次更新索引时收入",
            filed,
            UploadBody,
            201,
            (400, 413, 415, 422),
            {200: "替换了同名文件"},
            UPLOAD_FORM,
        ),
        Operation("DELETE", document, routes.retire, "retire_document", "停用：不再用来回答", filed, None, 204, (404,)),
        Operation(
            "POST",
            f"{document}/restore",
            routes.restore,
            "restore_document",
            "恢复停用的文档",
            filed,
            RestoreBody,
            problems=(404,),
        ),
        Operation(
            "POST",
            "/v1/admin/reindex",
            routes.reindex,
            "reindex",
            "更新索引，或只试运行",
            run,
            JobBody,
            202,
            (409,),
        ),
        Operation("GET", job, routes.job, "get_job", "一个任务的进展", run, JobBody, problems=(404,)),
        Operation("POST", f"{job}/pause", routes.pause, "pause_job", "暂停向量计算", run, JobBody, 202, (404, 409)),
        Operation("POST", f"{job}/resume", routes.resume, "resume_job", "继续向量计算", run, JobBody, 202, (404, 409)),
        Operation("POST", f"{job}/stop", routes.stop, "stop_job", "停止一个任务", run, JobBody, 202, (404, 409)),
        Operation("GET", "/v1/admin/status", routes.status, "get_status", "索引与任务的概况", run, StatusBody),
    )
