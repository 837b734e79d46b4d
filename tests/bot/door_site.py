"""The HTTP application with real keys, accounts and sessions over fake answers; passwords are hashed quickly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from bot.accounts import Accounts
from bot.api_keys import KeyDesk
from bot.audit import Trail
from bot.channels.http_api import create_http_app
from bot.channels.http_clients import USUAL_RULES, DoorRules
from bot.channels.http_services import HttpLimits, HttpServices
from bot.gate import Serving
from bot.passwords import Passwords
from bot.sign_in import SignIn, Throttle
from bot.state.store import StateStore
from bot.web_people import WebPeople
from corpus.database import open_database
from tests.bot.fakes import FakeAdmin, FakeConversations, FakeQuestions
from tests.bot.state.conftest import Clock

PASSWORD = "今天天气真不错啊我们去公园"
STRANGER = "203.0.113.9"


class Seconds:
    """A clock of seconds that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class DoorSite:
    """The application with what stands behind its doors."""

    state: StateStore
    accounts: Accounts
    keys: KeyDesk
    questions: FakeQuestions
    admin: FakeAdmin
    app: FastAPI
    clock: Clock
    seconds: Seconds

    def browser(self, peer: str = STRANGER, base: str = "http://203.0.113.1:8000", **headers: str) -> TestClient:
        """A client with cookies of its own."""
        client = TestClient(self.app, base_url=base, client=(peer, 50000), follow_redirects=False)
        client.headers.update(headers)
        return client

    def account(self, name: str, role: str = "user", **more: object) -> str:
        """An account with the usual password; its id."""
        return self.accounts.create(name, role, by="cli:test", password=PASSWORD, **more).id  # type: ignore[arg-type]

    def signed_in(self, name: str, **more: str) -> tuple[TestClient, str]:
        """A browser in which somebody is signed in, and the token its forms carry."""
        client = self.browser(**more)
        response = sign_in(client, name)
        assert response.status_code == 303, response.text
        token = client.get("/v1/me").json()["csrf_token"]
        return client, token


def form_token(client: TestClient, path: str = "/login") -> str:
    """The token of the form on a page."""
    found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', client.get(path).text)
    assert found
    return found[1]


def sign_in(client: TestClient, name: str, password: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    """What the form of the sign-in page sends."""
    fields = {"csrf_token": form_token(client), "name": name, "password": password, **more}
    return client.post("/login", data=fields)


@contextmanager
def opened_doors(
    folder: Path,
    rules: DoorRules = USUAL_RULES,
    *,
    around: Callable[[Any], Any] = lambda each: each,
    console: Any = None,
) -> Iterator[DoorSite]:
    """With a database in ``folder``; ``around`` is put around each fake that documents come from."""
    clock, seconds = Clock(), Seconds()
    engine = open_database(f"sqlite:///{folder / 'yiju.db'}")
    state = StateStore(engine, clock=clock)
    state.migrate()
    passwords = Passwords(hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    trail = Trail(state.audit)
    accounts = Accounts(state.accounts, state.sessions, passwords, trail)
    people = WebPeople(accounts, SignIn(state.accounts, state.sessions, passwords, trail, Throttle(seconds)))
    questions, admin = FakeQuestions(), FakeAdmin()
    services = HttpServices(
        around(questions),
        around(admin),
        state.keys,
        lambda: Serving("s1", 0.25),
        conversations=around(FakeConversations()),
        people=people,
        rules=rules,
        console=console,
    )
    app = create_http_app(services, limits=HttpLimits(max_body_bytes=4096, max_upload_bytes=65536))
    with TestClient(app):
        yield DoorSite(state, accounts, KeyDesk(state.keys, trail), questions, admin, app, clock, seconds)
    engine.dispose()
