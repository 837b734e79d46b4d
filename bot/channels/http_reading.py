"""Routes for reading: a document in which a passage stands, and one's own conversations.

Whoever may ask may read what answers rest on; the clearance of who asks goes down with every call.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Query, Request, Response

from bot.channels.http_cursors import MAX_CHARS, cursor_of, mark_of
from bot.channels.http_json import json_answer
from bot.channels.http_openapi import Operation, add_operations
from bot.channels.http_requests import asker_of
from bot.channels.http_services import Administration, Conversations
from bot.channels.wire_reading import ConversationBody, ConversationListBody, SourceBody
from bot.channels.work_pool import WorkPool
from bot.conversations import LIMIT, MAX_LIMIT
from bot.state.conversation_list import Place

_ORDER = "conversations"


class Reading:
    """The handlers, with what they need."""

    def __init__(self, documents: Administration, conversations: Conversations, pool: WorkPool) -> None:
        self._documents = documents
        self._conversations = conversations
        self._pool = pool

    async def source(self, document_id: str, request: Request) -> Response:
        """A document to read, with how to cite it."""
        clearance = asker_of(request).clearance
        document = await self._pool.run(lambda: self._documents.document(document_id, clearance=clearance))
        return json_answer(SourceBody.of(document))

    async def listed(
        self,
        request: Request,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = LIMIT,
        cursor: Annotated[str | None, Query(max_length=MAX_CHARS)] = None,
    ) -> Response:
        """The asker's conversations, the latest first."""
        owner, mark = asker_of(request).owner, mark_of(cursor, _ORDER, size=2)
        after = None if mark is None else Place.at(mark)
        page = await self._pool.run(lambda: self._conversations.listed(owner, limit=limit, after=after))
        end = None if page.end is None else cursor_of(_ORDER, page.end.mark)
        return json_answer(ConversationListBody.of(page, next_cursor=end))

    async def opened(self, conversation_id: str, request: Request) -> Response:
        """One of the asker's conversations, with its answers."""
        asker = asker_of(request)
        shown = await self._pool.run(
            lambda: self._conversations.opened(conversation_id, owner=asker.owner, clearance=asker.clearance)
        )
        return json_answer(ConversationBody.of(shown))

    async def forget(self, conversation_id: str, request: Request) -> Response:
        """Delete one of the asker's conversations."""
        owner = asker_of(request).owner
        await self._pool.run(lambda: self._conversations.forget(conversation_id, owner=owner))
        return Response(status_code=204)


def add_reading(app: FastAPI, reading: Reading) -> None:
    """Put the routes into the application."""
    tag, conversation = "questions", "/v1/conversations/{conversation_id}"
    source = "/v1/sources/{document_id:path}"
    described = (
        Operation("GET", source, reading.source, "get_source", "供阅读的一篇文档", tag, SourceBody, problems=(404,)),
        Operation(
            "GET", "/v1/conversations", reading.listed, "list_conversations", "自己的对话", tag, ConversationListBody
        ),
        Operation(
            "GET",
            conversation,
            reading.opened,
            "get_conversation",
            "自己的一段对话",
            tag,
            ConversationBody,
            problems=(404, 422),
        ),
        Operation(
            "DELETE", conversation, reading.forget, "delete_conversation", "删除自己的一段对话", tag, None, 204, (404,)
        ),
    )
    add_operations(app, described)
