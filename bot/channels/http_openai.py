"""The OpenAI-compatible routes: chat completions, at once or streamed, and the names of the models.

Earlier messages are the conversation: nothing of it is remembered here. Errors are told in OpenAI's shape.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import FastAPI, Request, Response

from bot.answers import Answer
from bot.channels.http_json import json_answer
from bot.channels.http_openapi import EVENTS, Operation, add_operations
from bot.channels.http_requests import asker_of
from bot.channels.http_services import HttpServices
from bot.channels.http_streaming import (
    Beat,
    Progress,
    as_json,
    begun,
    event,
    event_stream,
    keep_alive,
    logged_problem,
    progress_of,
)
from bot.channels.openai_chat import (
    Chunks,
    Said,
    completion_of,
    conversation_of,
    model_named,
    models,
    said_of,
)
from bot.channels.openai_errors import openai_error
from bot.channels.openai_tasks import task_reply
from bot.channels.openai_wire import ChatRequest, Completion, ModelBody, ModelListBody
from bot.channels.work_pool import WorkPool

_DONE = event("[DONE]")


class OpenAiRoutes:
    """The handlers, with what they need."""

    def __init__(self, services: HttpServices, *, questions: WorkPool) -> None:
        self._services = services
        self._questions = questions

    async def chat(self, body: ChatRequest, request: Request) -> Response:
        """Answer the last message of the user."""
        model_named(body.model)
        conversation = conversation_of(body)
        reply = task_reply(conversation.question)
        if reply is not None:
            said = Said(reply)
            return event_stream(_chunks_of(said, body)) if body.stream else json_answer(completion_of(said, body))
        asker = asker_of(request)

        def ask() -> Answer:
            return self._services.questions.ask(
                conversation.question,
                owner=asker.owner,
                earlier=conversation.earlier,
                clearance=asker.clearance,
            )

        base_url = self._services.public_url or str(request.base_url)
        if body.stream:
            progress = await begun(progress_of(self._questions, ask, asker=asker.owner))
            return event_stream(_streamed(progress, body, request, base_url))
        answer = await self._questions.run(ask, asker=asker.owner)
        return json_answer(completion_of(said_of(answer, model=body.model, base_url=base_url), body))

    async def models(self) -> Response:
        """The names to ask by."""
        return json_answer(ModelListBody(data=models()))

    async def model(self, model: str) -> Response:
        """One of them."""
        return json_answer(model_named(model))


def add_openai_routes(app: FastAPI, services: HttpServices, *, questions: WorkPool) -> None:
    """Put the routes into the application."""
    routes = OpenAiRoutes(services, questions=questions)
    tag = "openai"
    chat, one, many = "/v1/chat/completions", "/v1/models/{model}", "/v1/models"
    described = (
        Operation(
            "POST",
            chat,
            routes.chat,
            "create_chat_completion",
            "OpenAI 的对话补全",
            tag,
            Completion,
            problems=(404,),
            extra=EVENTS,
        ),
        Operation("GET", many, routes.models, "list_models", "可用的名字", tag, ModelListBody),
        Operation("GET", one, routes.model, "get_model", "其中一个", tag, ModelBody, problems=(404,)),
    )
    add_operations(app, described)


async def _streamed(
    progress: AsyncIterator[Progress], body: ChatRequest, request: Request, base_url: str
) -> AsyncIterator[bytes]:
    chunks = Chunks(body)
    yield event(as_json(chunks.opening()))
    try:
        async for each in progress:
            if each is Beat.BEAT:
                yield keep_alive()
            elif isinstance(each, Answer):
                for chunk in chunks.of(said_of(each, model=body.model, base_url=base_url)):
                    yield event(as_json(chunk))
    except Exception as error:  # noqa: BLE001 - whatever it is, the stream ends with it
        told = logged_problem(error, request)
        yield event(as_json(openai_error(told, request_id=request.state.request_id)))
    yield _DONE


async def _chunks_of(said: Said, body: ChatRequest) -> AsyncIterator[bytes]:
    chunks = Chunks(body)
    for chunk in (chunks.opening(), *chunks.of(said)):
        yield event(as_json(chunk))
    yield _DONE
