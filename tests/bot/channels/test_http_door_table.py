"""The doors as one table: every route of the application against everyone who may come, and what each may see.

A route without a row fails here: whoever adds one says who may use it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog
from fastapi import FastAPI

from bot.channels.http_clients import DoorRules
from bot.channels.http_doors import csrf_token_of
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, clearance_of
from tests.bot.door_recorder import Anything, Recorder
from tests.bot.door_site import STRANGER, DoorSite, opened_doors

# Who may: OPEN everyone from anywhere, PAGE everyone once doors are locked (before, this machine alone).
OPEN, PAGE, ANYBODY, HOLDER, ASK, DOCUMENTS, ADMIN = "open", "page", "anybody", "holder", "ask", "documents", "admin"
# A key of any scope, or an account that may administer.
METER = "meter"
ROUTES: dict[str, str] = {
    "GET /livez": OPEN,
    "GET /readyz": OPEN,
    "GET /": PAGE,
    "GET /static/v-{version}/{name:path}": PAGE,
    "GET /openapi.json": PAGE,
    "GET /login": PAGE,
    "POST /login": PAGE,
    "GET /login/link": PAGE,
    "POST /login/link": PAGE,
    "POST /logout": PAGE,
    "GET /metrics": METER,
    "GET /account": HOLDER,
    "POST /account/password": HOLDER,
    "POST /account/sessions/{session_id}/end": HOLDER,
    "GET /v1/me": ANYBODY,
    "GET /v1/me/sessions": HOLDER,
    "DELETE /v1/me/sessions/{session_id}": HOLDER,
    "GET /p/{passage_id}": ASK,
    "POST /v1/ask": ASK,
    "GET /v1/passages/{passage_id}": ASK,
    "GET /v1/sources/{document_id:path}": ASK,
    "POST /v1/answers/{answer_id}/feedback": ASK,
    "GET /v1/conversations": ASK,
    "GET /v1/conversations/{conversation_id}": ASK,
    "DELETE /v1/conversations/{conversation_id}": ASK,
    "POST /v1/chat/completions": ASK,
    "GET /v1/models": ASK,
    "GET /v1/models/{model}": ASK,
    "GET /v1/documents": DOCUMENTS,
    "POST /v1/documents": DOCUMENTS,
    "GET /v1/documents/{document_id:path}": DOCUMENTS,
    "PATCH /v1/documents/{document_id:path}": DOCUMENTS,
    "DELETE /v1/documents/{document_id:path}": DOCUMENTS,
    "POST /v1/documents/{document_id:path}/restore": DOCUMENTS,
    "GET /admin": DOCUMENTS,
}
# Every other route below one of these needs the scope.
BELOW = (
    ("/admin/documents", DOCUMENTS),
    ("/admin/uploads", DOCUMENTS),
    ("/login/oidc", PAGE),
    ("/v1/uploads", DOCUMENTS),
    ("/v1/admin/", ADMIN),
    ("/admin/", ADMIN),
)
ROLES: dict[str, set[str]] = {
    "user": {OPEN, PAGE, ANYBODY, HOLDER, ASK},
    "user with clearance": {OPEN, PAGE, ANYBODY, HOLDER, ASK},
    "editor": {OPEN, PAGE, ANYBODY, HOLDER, ASK, DOCUMENTS},
    "administrator": {OPEN, PAGE, ANYBODY, HOLDER, METER, ASK, DOCUMENTS, ADMIN},
    "key ask": {OPEN, PAGE, ANYBODY, HOLDER, METER, ASK},
    "key ask with clearance": {OPEN, PAGE, ANYBODY, HOLDER, METER, ASK},
    "key documents": {OPEN, PAGE, ANYBODY, HOLDER, METER, DOCUMENTS},
    "key admin": {OPEN, PAGE, ANYBODY, HOLDER, METER, ADMIN},
    "key of all scopes": {OPEN, PAGE, ANYBODY, HOLDER, METER, ASK, DOCUMENTS, ADMIN},
    "nobody": {OPEN, PAGE},
    "key expired": {OPEN, PAGE},
    "key revoked": {OPEN, PAGE},
    "key forged": {OPEN, PAGE},
    "key malformed": {OPEN, PAGE},
    "session expired": {OPEN, PAGE},
    "session ended": {OPEN, PAGE},
    "session forged": {OPEN, PAGE},
    "session of a disabled account": {OPEN, PAGE},
}
CLEARANCES = {
    "user with clearance": clearance_of(["内部"]),
    "key ask with clearance": clearance_of(["内部", "机密"]),
    "administrator": EVERYTHING,
    "key admin": EVERYTHING,
    "key of all scopes": EVERYTHING,
}
REFUSALS = {401, 403}
FORM = "f" * 32
FILLED = {
    "{passage_id}": "p1", "{document_id:path}": "d1", "{answer_id}": "a1", "{conversation_id}": "c1", "{job_id}": "j1",
    "{session_id}": "0123456789ab", "{model}": "yiju", "{version}": "x", "{name:path}": "web/chat.js",
    "{kind}": "csv", "{upload_id}": "u1", "{snapshot_id}": "s1", "{gap_id}": "g1", "{key_id}": "k1",
    "{account_id}": "u1",
}  # fmt: skip
BODIES: dict[str, object] = {
    "POST /v1/ask": {"question": "哪年？"},
    "POST /v1/chat/completions": {"model": "yiju", "messages": [{"role": "user", "content": "哪年？"}]},
    "POST /v1/answers/{answer_id}/feedback": {"rating": "up"},
}


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def refused(self) -> bool:
        """By the doors: the sign-in page's own 401 is an answer."""
        return self.status in REFUSALS and b'name="password"' not in self.body


def routes_of(app: FastAPI) -> dict[str, str]:
    """Every route with what it needs by the table. Fails where one has no row."""
    found = {}
    for route in app.routes:
        path = getattr(route, "path", "")
        for method in (getattr(route, "methods", None) or set()) - {"HEAD"}:
            name = f"{method} {path}"
            need = ROUTES.get(name) or next((need for prefix, need in BELOW if path.startswith(prefix)), None)
            assert need is not None, f"{name} has no row: say in ROUTES who may use it"
            found[name] = need
    assert set(ROUTES) <= set(found), "a row without its route"
    return found


async def send(app: FastAPI, route: str, headers: Mapping[str, str], *, peer: str = STRANGER) -> Response:
    method, _, path = route.partition(" ")
    for name, value in FILLED.items():
        path = path.replace(name, value)
    body, kind = b"", "application/json"
    if method == "POST":
        if path.startswith("/v1/"):
            body = json.dumps(BODIES.get(route, {})).encode()
        else:
            kind = "application/x-www-form-urlencoded"
        if path in {"/v1/documents", "/v1/uploads", "/admin/uploads"}:
            kind, body = (
                "multipart/form-data; boundary=b",
                b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--b--\r\n',
            )
    given = {"host": "127.0.0.1:8000", "content-type": kind, "content-length": str(len(body)), **headers}
    scope = {
        "type": "http", "http_version": "1.1",
        "method": method, "path": path, "root_path": "", "raw_path": path.encode(),
        "query_string": b"", "scheme": "http", "client": (peer, 5000), "server": ("127.0.0.1", 8000),
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
    }  # fmt: skip
    messages: list[dict[str, Any]] = []
    sent = False

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await asyncio.sleep(60)
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def keep(message: Any) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    start = messages[0]
    shown = {name.decode(): value.decode() for name, value in start["headers"]}
    return Response(start["status"], shown, b"".join(each.get("body", b"") for each in messages[1:]))


def _bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def _cookie(token: str) -> dict[str, str]:
    return {"cookie": f"yiju_session={token}", "x-csrf-token": csrf_token_of(token)}


def people(doors: DoorSite) -> dict[str, Callable[[], dict[str, str]]]:
    """By role what makes the headers of one request; a session is a new one each time, as some routes end it."""
    by = "cli:test"
    key, state = doors.keys.create, doors.state
    inside = clearance_of(["内部"])
    accounts = {
        "user": doors.account("user"),
        "user with clearance": doors.account("cleared", clearance=inside),
        "editor": doors.account("editor", "editor"),
        "administrator": doors.account("boss", "admin"),
    }
    gone = doors.account("gone")

    def session(account: str) -> str:
        return state.sessions.begin(account, address="a", agent="b").token

    expired_key = key("old", ["ask", "documents", "admin"], by=by, expires_at=doors.clock.now + timedelta(days=1)).plain
    revoked = key("gone", ["ask", "documents", "admin"], by=by)
    doors.keys.revoke(revoked.info.id, by=by)
    expired, ended = session(accounts["administrator"]), session(accounts["administrator"])
    doors.clock.turn(days=30)
    state.sessions.end(ended)
    disabled = session(gone)
    doors.accounts.disable("gone", by=by)
    all_scopes = ["ask", "documents", "admin"]
    forged = key("real", all_scopes, by=by).plain
    secrets = {
        "key ask": key("a", ["ask"], by=by).plain,
        "key ask with clearance": key("b", ["ask"], by=by, clearance=clearance_of(["内部", "机密"])).plain,
        "key documents": key("c", ["documents"], by=by).plain,
        "key admin": key("d", ["admin"], by=by).plain,
        "key of all scopes": key("e", all_scopes, by=by).plain,
        "key expired": expired_key,
        "key revoked": revoked.plain,
        "key forged": forged[:-1] + ("A" if forged[-1] != "A" else "B"),
        "key malformed": "' OR 1=1 --",
    }
    made: dict[str, Callable[[], dict[str, str]]] = {"nobody": dict}

    def signed_in(account: str) -> Callable[[], dict[str, str]]:
        return lambda: _cookie(session(account))

    made |= {role: partial(_bearer, secret) for role, secret in secrets.items()}
    made |= {role: signed_in(account) for role, account in accounts.items()}
    made |= {
        "session expired": lambda: _cookie(expired),
        "session ended": lambda: _cookie(ended),
        "session forged": lambda: _cookie("x" * 43),
        "session of a disabled account": lambda: _cookie(disabled),
    }
    return made


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Pages behind which nothing is say so at length."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory, recorder: Recorder) -> Iterator[DoorSite]:
    with opened_doors(tmp_path_factory.mktemp("locked"), around=recorder.around, console=Anything()) as doors:
        yield doors


@pytest.fixture(scope="module")
def shown_by(locked: DoorSite) -> dict[str, Callable[[], dict[str, str]]]:
    return people(locked)


@pytest.mark.parametrize("role", list(ROLES))
def test_every_route_lets_in_whom_its_row_names_and_nobody_else(
    locked: DoorSite, recorder: Recorder, shown_by: dict[str, Callable[[], dict[str, str]]], role: str
) -> None:
    async def cases() -> list[str]:
        wrong = []
        for route, need in routes_of(locked.app).items():
            recorder.seen.clear()
            response = await send(locked.app, route, shown_by[role]())
            admitted = need in ROLES[role]
            wrongly = {clearance.stated() for clearance in recorder.seen} - {CLEARANCES.get(role, PUBLIC_ONLY).stated()}
            if response.refused == admitted or wrongly or (not admitted and recorder.seen):
                wrong.append(f"{route}: {response.status}, asked with {wrongly}, admitted {admitted}")
        return wrong

    assert asyncio.run(cases()) == []


def test_the_table_is_whole(shown_by: dict[str, Callable[[], dict[str, str]]]) -> None:
    assert set(shown_by) == set(ROLES)


@pytest.mark.parametrize("need", [ASK, DOCUMENTS])
def test_what_reads_documents_is_asked_with_a_clearance(
    locked: DoorSite, recorder: Recorder, shown_by: dict[str, Callable[[], dict[str, str]]], need: str
) -> None:
    reading = {
        ASK: [
            "POST /v1/ask", "POST /v1/chat/completions", "GET /v1/passages/{passage_id}", "GET /p/{passage_id}",
            "GET /v1/sources/{document_id:path}", "GET /v1/conversations/{conversation_id}",
        ],
        DOCUMENTS: [
            "GET /v1/documents", "GET /v1/documents/{document_id:path}", "DELETE /v1/documents/{document_id:path}",
            "POST /v1/documents/{document_id:path}/restore",
        ],
    }  # fmt: skip

    async def cases() -> dict[str, list[tuple[str, ...]]]:
        found = {}
        for route in reading[need]:
            recorder.seen.clear()
            await send(locked.app, route, shown_by["administrator"]())
            found[route] = [clearance.stated() for clearance in recorder.seen]
        return found

    assert {route for route, seen in asyncio.run(cases()).items() if ("*",) not in seen} == set()


def test_guests_ask_of_public_documents_and_do_nothing_else(tmp_path: Path) -> None:
    recorder = Recorder()
    rules = DoorRules(guests=True)
    with opened_doors(tmp_path, rules, around=recorder.around, console=Anything()) as doors:
        doors.account("somebody")

        async def cases() -> list[str]:
            wrong = []
            for route, need in routes_of(doors.app).items():
                response = await send(doors.app, route, {})
                if response.refused == (need in {OPEN, PAGE, ANYBODY, ASK}):
                    wrong.append(f"{route}: {response.status}")
            return wrong

        assert asyncio.run(cases()) == []
        assert {clearance.stated() for clearance in recorder.seen} == {()}


def test_while_no_door_is_locked_this_machine_may_everything_and_others_nothing(tmp_path: Path) -> None:
    with opened_doors(tmp_path, console=Anything()) as doors:

        async def cases() -> list[str]:
            wrong = []
            for route, need in routes_of(doors.app).items():
                here = await send(doors.app, route, {}, peer="127.0.0.1")
                elsewhere = await send(doors.app, route, {})
                proxied = await send(doors.app, route, {"x-forwarded-for": "127.0.0.1"}, peer="127.0.0.1")
                rebound = await send(doors.app, route, {"host": "evil.example"}, peer="127.0.0.1")
                foreign = await send(doors.app, route, {"origin": "https://evil.example"}, peer="127.0.0.1")
                others = [each.refused for each in (elsewhere, proxied, rebound, foreign)]
                # Without accounts there is nobody to sign in; the page says so.
                if (here.refused and route != "POST /login") or others != [need != OPEN] * 4:
                    wrong.append(f"{route}: here {here.status}, others {others}")
            return wrong

        assert asyncio.run(cases()) == []
