"""The routes under /v1: each takes wire models, calls one service in a thread, and gives wire models back.

No rules here: access and body bounds are judged before, errors are told after.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, BinaryIO, Protocol, TypeVar

from fastapi import Query, Request, Response

from bot.answers import Answer
from bot.channels.http_cursors import cursor_of, mark_of
from bot.channels.http_json import json_answer
from bot.channels.http_requests import asker_of, uploaded_file
from bot.channels.http_services import HttpServices
from bot.channels.http_streaming import answer_events, begun, event_stream, progress_of, wants_events
from bot.channels.wire import AnswerBody, AskRequest, FeedbackRequest, ReindexRequest
from bot.channels.wire_queries import DocumentListQuery
from bot.channels.wire_records import (
    DocumentListBody,
    DocumentListing,
    JobBody,
    PassageViewBody,
    RestoreBody,
    StatusBody,
    UploadBody,
)
from bot.channels.work_pool import WorkPool
from bot.document_query import MARK_SIZES
from bot.state.jobs import JobView
from corpus.visibility import Clearance

Result = TypeVar("Result")
_CHUNK_BYTES = 1024 * 1024


class JobOrder(Protocol):
    """What an administrator has done to a job."""

    def __call__(self, job_id: str, *, by: str) -> JobView:
        """The job after it."""
        ...


class Routes:
    """The handlers, with what they need. Questions and everything else have pools of their own."""

    def __init__(self, services: HttpServices, *, questions: WorkPool, others: WorkPool) -> None:
        self._services = services
        self._questions = questions
        self._others = others

    async def ask(self, body: AskRequest, request: Request) -> Response:
        """Answer a question; with ``Accept: text/event-stream`` while it is answered."""
        asker = asker_of(request)

        def ask() -> Answer:
            return self._services.questions.ask(
                body.question,
                owner=asker.owner,
                conversation_id=body.conversation_id,
                top_k=body.top_k,
                clearance=asker.clearance,
            )

        if wants_events(request):
            return event_stream(
                answer_events(await begun(progress_of(self._questions, ask, asker=asker.owner)), request)
            )
        return json_answer(AnswerBody.of(await self._questions.run(ask, asker=asker.owner)))

    async def passage(self, passage_id: str, request: Request) -> Response:
        """A passage with its document and neighbours."""
        clearance = _clearance(request)
        view = await self._others.run(lambda: self._services.questions.passage(passage_id, clearance=clearance))
        return json_answer(PassageViewBody.of(view.passage, view.document, previous=view.previous, following=view.next))

    async def feedback(self, answer_id: str, body: FeedbackRequest, request: Request) -> Response:
        """Keep what a reader thinks of an answer."""
        owner = _owner(request)
        await self._others.run(
            lambda: self._services.questions.feedback(
                answer_id, owner=owner, rating=body.rating, reason=body.reason, comment=body.comment
            )
        )
        return Response(status_code=204)

    async def documents(self, wanted: Annotated[DocumentListQuery, Query()], request: Request) -> Response:
        """A page of the documents that answer, or of the retired ones: by cursor, or by offset.

        By cursor a document that is indexed anew meanwhile may come again, and none is left out.
        """
        query = wanted.query()
        order = query.sorted_by
        after = mark_of(wanted.cursor, order, size=MARK_SIZES[order])
        clearance = asker_of(request).clearance
        page = await self._others.run(
            lambda: self._services.admin.browse(
                query, limit=wanted.limit, after=after, offset=wanted.offset, clearance=clearance
            )
        )
        end = wanted.offset + len(page.documents)
        return json_answer(
            DocumentListBody(
                documents=[DocumentListing.of(listing) for listing in page.documents],
                total=page.total,
                next_offset=end if page.end is not None and after is None else None,
                next_cursor=None if page.end is None else cursor_of(order, page.end),
            )
        )

    async def retire(self, document_id: str, request: Request) -> Response:
        """From now on the document never answers; its file stays."""
        asker = asker_of(request)
        await self._others.run(
            lambda: self._services.admin.retire(document_id, by=asker.owner, clearance=asker.clearance)
        )
        return Response(status_code=204)

    async def restore(self, document_id: str, request: Request) -> Response:
        """Undo a retirement."""
        asker = asker_of(request)
        indexed = await self._others.run(
            lambda: self._services.admin.restore(document_id, by=asker.owner, clearance=asker.clearance)
        )
        return json_answer(RestoreBody(id=document_id, retired=False, indexed=indexed))

    async def upload(self, request: Request) -> Response:
        """Take a file in as a source; the next re-index reads it."""
        owner = _owner(request)
        async with uploaded_file(request) as file:
            name, content = file.filename or "", file.file
            saved = await self._others.run(
                lambda: self._services.admin.save_upload_chunks(name, _chunks_of(content), by=owner)
            )
        return json_answer(UploadBody.of(saved), status=200 if saved.replaced else 201)

    async def reindex(self, request: Request, body: ReindexRequest | None = None) -> Response:
        """Start a re-index in the background."""
        wanted = body or ReindexRequest()
        owner = _owner(request)
        job_id = await self._others.run(
            lambda: self._services.admin.start_reindex(
                wanted.full, wanted.dry_run, wanted.allow_mass_removal, started_by=owner
            )
        )
        job = await self._others.run(lambda: self._services.admin.job(job_id))
        return json_answer(JobBody.of(job), status=202, headers={"Location": f"/v1/admin/jobs/{job_id}"})

    async def job(self, job_id: str) -> Response:
        """A job as it stands."""
        return json_answer(JobBody.of(await self._others.run(lambda: self._services.admin.job(job_id))))

    async def pause(self, job_id: str, request: Request) -> Response:
        """Pause the embedding that a job does or leads to."""
        return await self._job_order(self._services.admin.pause_job, job_id, request)

    async def resume(self, job_id: str, request: Request) -> Response:
        """End a pause."""
        return await self._job_order(self._services.admin.resume_job, job_id, request)

    async def stop(self, job_id: str, request: Request) -> Response:
        """Have a job stop."""
        return await self._job_order(self._services.admin.stop_job, job_id, request)

    async def _job_order(self, order: JobOrder, job_id: str, request: Request) -> Response:
        owner = _owner(request)
        return json_answer(JobBody.of(await self._others.run(lambda: order(job_id, by=owner))), status=202)

    async def status(self) -> Response:
        """Figures about index and jobs."""
        return json_answer(StatusBody.of(await self._others.run(self._services.admin.status)))


def _owner(request: Request) -> str:
    return asker_of(request).owner


def _clearance(request: Request) -> Clearance:
    """What the asker may see."""
    return asker_of(request).clearance


def _chunks_of(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
