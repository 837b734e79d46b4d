"""Schemathesis against the application in process: what the OpenAPI document says is what happens."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from typing import Any, cast

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from pydantic import TypeAdapter
from schemathesis import Case, CheckFunction, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.http_idempotency import KEY
from bot.channels.http_services import HttpLimits
from bot.channels.wire_examples import EXAMPLES
from tests.bot.channels.console.desk import Desk, opened_desk
from tests.bot.fakes import FakeKey
from tests.bot.index_place import opened_place

# How many requests of each kind an operation gets; `make test-http` asks for more.
REQUESTS = int(os.environ.get("YIJU_TEST_HTTP_REQUESTS", "6"))

# Operations that refuse some requests that fit for what they mean.
JUDGED_BY_MEANING = {
    "create_key",
    "revoke_key",
    "create_account",
    "change_account",
    "make_password_link",
    "list_audit",
    "stage_upload",
    "edit_document",
    "ask",
    "create_chat_completion",
    "upload_document",
    "list_documents",
    "list_conversations",
}

ROOMY = HttpLimits(max_body_bytes=1024 * 1024, max_upload_bytes=1024 * 1024)


class OfThisMachine:
    """The same application to a client that counts as one of this machine, whatever it says of itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":  # begins and ends with every request here, and the pools end with it
            for phase in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{phase}.complete"})
            return
        headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
        seen = {**scope, "client": ("127.0.0.1", 50000), "headers": [*headers, (b"host", b"localhost")]}
        await self._app(seen, receive, send)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A real data folder behind the routes; questions alone are answered by a fake."""
    with opened_place(tmp_path_factory.mktemp("place")) as place:
        place.index()
        with opened_desk(place, limits=ROOMY) as opened:
            opened.keys.keys["secret"] = FakeKey("k1", ("ask", "documents", "admin"))
            yield opened


@pytest.fixture(scope="module")
def described(desk: Desk) -> OpenApiSchema:
    # The right key is given below; schemathesis takes it away itself to see what happens without.
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    return schemathesis.openapi.from_asgi("/openapi.json", OfThisMachine(desk.client.app), config=config)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fits", "does_not_fit"])
@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_answer_is_as_described(described: OpenApiSchema, name: str, mode: GenerationMode) -> None:
    @given(case=described.find_operation_by_id(name).as_strategy(generation_mode=mode))
    @settings(max_examples=REQUESTS, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    def ask(case: Case[Any]) -> None:
        if KEY.fullmatch(str(case.headers.get("Idempotency-Key", ""))):
            case.headers["Idempotency-Key"] = str(uuid.uuid4())  # one that another request had is refused
        excluded: list[CheckFunction] = [positive_data_acceptance] if name in JUDGED_BY_MEANING else []
        case.call_and_validate(headers={"Authorization": "Bearer secret"}, excluded_checks=excluded)

    # Nothing that a request without body and query says can fail to fit.
    with contextlib.suppress(Unsatisfiable):
        ask()


def test_every_operation_has_an_example_and_every_example_its_operation(desk: Desk) -> None:
    paths = desk.client.get("/openapi.json").json()["paths"]
    named = {operation["operationId"] for methods in paths.values() for operation in methods.values()}

    assert named ^ set(EXAMPLES) == set()


def test_every_example_is_what_the_models_say(desk: Desk) -> None:
    routes = cast(FastAPI, desk.client.app).routes
    described = {route.operation_id: route for route in routes if isinstance(route, APIRoute)}

    for name, example in EXAMPLES.items():
        answer = described[name].response_model
        assert (answer is None) == (example.response is None), name
        if answer is not None:
            assert answer.model_validate(example.response).model_dump(mode="json") == example.response, name
        if example.request is not None:
            (sent,) = described[name].dependant.body_params
            TypeAdapter[object](sent.field_info.annotation or object).validate_python(example.request)
