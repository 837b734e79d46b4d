"""The HTTP application over fakes, with a client that counts as one of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event

from fastapi import FastAPI
from starlette.testclient import TestClient

from bot.channels.http_api import create_http_app
from bot.channels.http_services import HttpLimits, HttpServices
from bot.gate import Serving
from bot.meters import Meters
from bot.state.replays import Replays
from tests.bot.fakes import FakeAdmin, FakeConversations, FakeKeys, FakeQuestions

SMALL = HttpLimits(max_body_bytes=4096, max_upload_bytes=8192, workers=1, waiting=1)
PROBLEM_KEYS = {"type", "title", "status", "detail", "instance", "code", "request_id"}


@dataclass
class Site:
    """The application with its fakes and a client on this machine."""

    questions: FakeQuestions
    admin: FakeAdmin
    keys: FakeKeys
    app: FastAPI
    client: TestClient
    meters: Meters
    stopping: Event
    ready_error: Exception | None = None

    def ready(self) -> Serving:
        if self.ready_error is not None:
            raise self.ready_error
        return Serving("s1", 0.25)


@contextmanager
def opened_site(
    limits: HttpLimits = SMALL, *, replays: Replays | None = None, conversations: FakeConversations | None = None
) -> Iterator[Site]:
    """By default with small bounds: 4 KiB bodies, 8 KiB uploads, one worker, one in line."""
    questions, admin, keys = FakeQuestions(), FakeAdmin(), FakeKeys()
    made: list[Site] = []
    services = HttpServices(
        questions,
        admin,
        keys,
        lambda: made[0].ready(),  # noqa: PLW0108 - made later
        replays=replays,
        conversations=conversations or FakeConversations(),
    )
    app = create_http_app(services, limits=limits)
    with TestClient(
        app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50000), raise_server_exceptions=False
    ) as client:
        made.append(Site(questions, admin, keys, app, client, services.meters, services.stopping))
        yield made[0]


def assert_problem(response: object, status: int, code: str) -> dict[str, object]:
    headers, body = response.headers, response.json()  # type: ignore[attr-defined]
    assert response.status_code == status, body  # type: ignore[attr-defined]
    assert headers["content-type"] == "application/problem+json"
    assert set(body) >= PROBLEM_KEYS
    assert (body["status"], body["code"], body["request_id"]) == (status, code, headers["x-request-id"])
    assert isinstance(body, dict)
    return body
