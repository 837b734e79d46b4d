"""The webhook's address: its secret before anything else, bounds, and what is left to Telegram to send again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from starlette.testclient import TestClient

from bot.channels.http_api import create_http_app
from bot.channels.http_services import HttpLimits, HttpServices
from bot.channels.http_webhook import MAX_UPDATE_BYTES, SECRET_HEADER, WEBHOOK_PATH
from bot.channels.telegram import webhook as telegram_webhook
from bot.errors import BusyError, MalformedUpdateError
from bot.gate import Serving
from corpus.errors import StoreError
from tests.bot.fakes import FakeAdmin, FakeConversations, FakeKeys, FakeQuestions
from tests.bot.http_site import Site, assert_problem

SECRET = "s3cret_of-the_hook"
UPDATE = json.dumps({"update_id": 1}).encode()


@dataclass
class FakeWebhook:
    """Takes what it is given, or fails as told."""

    received: list[bytes] = field(default_factory=list)
    error: Exception | None = None

    def admits(self, secret: str) -> bool:
        return secret == SECRET

    async def receive(self, body: bytes) -> None:
        if self.error is not None:
            raise self.error
        self.received.append(body)


@pytest.fixture
def hook() -> FakeWebhook:
    return FakeWebhook()


@pytest.fixture
def client(hook: FakeWebhook) -> Iterator[TestClient]:
    """From another machine, with keys in use: neither matters here."""
    services = HttpServices(
        FakeQuestions(), FakeAdmin(), FakeKeys(), lambda: Serving("s1", 1.0), hook, conversations=FakeConversations()
    )
    app = create_http_app(services, limits=HttpLimits(max_body_bytes=16))
    with TestClient(app, base_url="https://bot.example.org", client=("149.154.160.1", 443)) as opened:
        yield opened


def post(client: TestClient, body: bytes = UPDATE, *, secret: str | None = SECRET) -> object:
    headers = {} if secret is None else {SECRET_HEADER.encode(): secret.encode()}
    return client.post(WEBHOOK_PATH, content=body, headers=headers)


def test_an_update_with_the_secret_is_taken(client: TestClient, hook: FakeWebhook) -> None:
    response = client.post(WEBHOOK_PATH, content=UPDATE, headers={SECRET_HEADER: SECRET})
    assert (response.status_code, response.content) == (200, b"")
    assert hook.received == [UPDATE]


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "密钥"])
def test_a_wrong_secret_is_refused_before_the_body_and_without_a_reason(
    client: TestClient, hook: FakeWebhook, secret: str | None
) -> None:
    body = assert_problem(post(client, b"x" * (MAX_UPDATE_BYTES + 1), secret=secret), 403, "forbidden")
    assert "密钥" not in str(body)
    assert "secret" not in str(body)
    assert hook.received == []


def test_two_secrets_are_none(client: TestClient, hook: FakeWebhook) -> None:
    headers = [(SECRET_HEADER, SECRET), (SECRET_HEADER, SECRET)]
    assert_problem(client.post(WEBHOOK_PATH, content=UPDATE, headers=headers), 403, "forbidden")


def test_the_bounds_are_the_webhooks_own(client: TestClient, hook: FakeWebhook) -> None:
    whole = b" " * MAX_UPDATE_BYTES
    assert post(client, whole).status_code == 200  # type: ignore[attr-defined]
    assert_problem(post(client, whole + b" "), 413, "too_large")
    assert hook.received == [whole]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (MalformedUpdateError("no"), 400, "malformed_update"),
        (BusyError("full"), 503, "busy"),
        (StoreError("disk full at /secret"), 503, "store"),
    ],
)
def test_what_could_not_be_taken_is_for_telegram_to_send_again(
    client: TestClient, hook: FakeWebhook, error: Exception, status: int, code: str
) -> None:
    hook.error = error
    body = assert_problem(post(client), status, code)
    assert "/secret" not in str(body)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_only_post_is_taken(client: TestClient, method: str) -> None:
    response = client.request(method, WEBHOOK_PATH, headers={SECRET_HEADER: SECRET})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"


def test_without_a_webhook_there_is_no_such_address(site: Site) -> None:
    response = site.client.post(WEBHOOK_PATH, json={}, headers={SECRET_HEADER: SECRET})
    assert response.status_code == 404


def test_both_sides_name_the_same_address() -> None:
    assert telegram_webhook.WEBHOOK_PATH == WEBHOOK_PATH
