"""What must not get out of a real server: secrets of any kind, documents with labels, files beside its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from corpus.visibility import PUBLIC_ONLY
from tests.bot.guarded_server import (
    CANARIES,
    INNER,
    OPEN_QUESTION,
    REDIRECT,
    WEBHOOK_SECRET,
    Guarded,
    guarded_server,
)
from tests.bot.served import environment

pytestmark = pytest.mark.model

SECRET_QUESTION = "清溪镇凉瓜冷库由哪家公司修建？"
QUESTIONS = (SECRET_QUESTION, OPEN_QUESTION, "清溪镇凉瓜产值多少？", "清溪镇凉瓜种植大户有多少户？", "翡翠公司")
# Who may not see what is labelled: by key, by account, as a guest.
UNCLEARED = ("key:asks", "key:documents", "key:asks and documents", "account:reader", "account:editor", "guest")
CLEARED = ("key:asks, cleared", "key:all", "account:insider", "account:boss")
TRAVERSALS = (
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "....//....//etc/passwd",
    "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "..%5c..%5cetc%5cpasswd",
    "%2fetc%2fpasswd",
    "file:%2f%2f%2fetc%2fpasswd",
    "http:%2f%2f127.0.0.1:9%2f",
    "a%00.txt",
    "%ff%fe",
    "x" * 3000,
)

NAMES = ("../../x.txt", "/etc/x.txt", "..\\x.txt", ".hidden.x.txt", "x\x00x.txt", "a/../../x.txt", "@x/../x.txt")


@pytest.fixture(scope="module")
def server(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded_server(tmp_path_factory.mktemp("guarded"), models_dir) as serving:
        yield serving


@dataclass(frozen=True)
class Hidden:
    """The labelled document and its passage, by id."""

    document: str
    passage: str


@pytest.fixture(scope="module")
def hidden(server: Guarded) -> Hidden:
    with server.key("all") as client:
        (cited,) = client.post("/v1/ask", json={"question": SECRET_QUESTION}).json()["citations"]
    assert cited["source_path"] == "mi.txt"
    return Hidden(cited["document_id"], cited["passage_id"])


def as_asker(server: Guarded, who: str) -> httpx.Client:
    kind, _, name = who.partition(":")
    made = {"key": server.key, "account": server.signed_in}.get(kind)
    return server.asker() if made is None else made(name)


def leaks(response: httpx.Response) -> list[str]:
    """What of the hidden document a response tells."""
    return [each for each in CANARIES if each in response.text]


def reading(client: httpx.Client, hidden: Hidden) -> Iterator[httpx.Response]:
    """Every way in which documents are read."""
    for question in QUESTIONS:
        yield client.post("/v1/ask", json={"question": question, "top_k": 20})
    message = {"model": "yiju-sources", "messages": [{"role": "user", "content": SECRET_QUESTION}]}
    yield client.post("/v1/chat/completions", json=message)
    yield client.post("/v1/ask", json={"question": SECRET_QUESTION}, headers={"Accept": "text/event-stream"})
    for path in (
        f"/v1/passages/{hidden.passage}",
        f"/p/{hidden.passage}",
        f"/v1/sources/{hidden.document}",
        f"/v1/documents/{hidden.document}",
        "/v1/documents",
        "/v1/documents?q=通报",
        "/v1/documents?visibility=内部",
        "/v1/documents?order=newest&limit=2",
        "/v1/conversations",
        "/admin/documents",
        "/admin/documents?q=通报&label=内部",
        f"/admin/documents/view?id={hidden.document}",
        "/admin/uploads",
    ):
        yield client.get(path, headers={"Accept": "text/html, application/json"})


@pytest.mark.parametrize("who", UNCLEARED)
def test_nothing_of_a_labelled_document_is_told_to_who_is_not_cleared(
    server: Guarded, hidden: Hidden, who: str
) -> None:
    with as_asker(server, who) as client:
        told = [(str(each.url), leaks(each)) for each in reading(client, hidden)]

    assert [(where, found) for where, found in told if found] == []


@pytest.mark.parametrize("who", CLEARED)
def test_who_is_cleared_is_told_so_that_the_canaries_sing(server: Guarded, hidden: Hidden, who: str) -> None:
    with as_asker(server, who) as client:
        told = set().union(*(leaks(each) for each in reading(client, hidden) if each.is_success))

    assert told >= {"9876", "承建", "内部通报"}


def alike(response: httpx.Response, document_id: str) -> tuple[object, ...]:
    """A response without what differs from request to request."""
    headers = {name: value for name, value in response.headers.items() if name not in {"x-request-id", "date"}}
    text = response.text.replace(response.headers["x-request-id"], "ID").replace(document_id, "ID")
    headers.pop("content-length", None)
    return response.status_code, text, headers


def asked_about(client: httpx.Client, document_id: str) -> list[tuple[object, ...]]:
    """What is told of a document by every route that takes its id, with every condition."""
    path, title = f"/v1/documents/{document_id}", {"title": "新题"}
    conditions: tuple[dict[str, str], ...] = ({}, {"If-Match": "*"}, {"If-Match": '"0"'}, {"If-Match": "?"})
    told = [client.patch(path, json=title, headers=each) for each in conditions]
    told += [client.patch(path, json={"visibility": "内部"}), client.patch(path, json={"from_file": ["title"]})]
    told += [client.patch(path, json={"published_at": "gestern"}), client.patch(path, content=b"{")]
    told += [client.get(path, headers=each) for each in ({}, {"If-None-Match": "*"}, {"If-None-Match": '"0"'})]
    told += [client.delete(path), client.post(f"{path}/restore"), client.head(path), client.put(path, json={})]
    told += [client.get(f"/v1/sources/{document_id}")]
    return [alike(each, document_id) for each in told]


def test_a_hidden_document_and_none_are_told_apart_by_nothing(server: Guarded, hidden: Hidden) -> None:
    with server.key("asks and documents") as client:
        assert asked_about(client, hidden.document) == asked_about(client, "0123456789abcdef")
    with server.signed_in("editor") as client:
        assert asked_about(client, hidden.document) == asked_about(client, "0123456789abcdef")
    with server.key("all") as client:
        assert client.get(f"/v1/documents/{hidden.document}").status_code == 200


def test_what_was_answered_is_not_shown_again_once_the_clearance_is_gone(server: Guarded, hidden: Hidden) -> None:
    key = {"Idempotency-Key": "before"}
    with server.signed_in("insider") as client:
        first = client.post("/v1/ask", json={"question": SECRET_QUESTION}, headers=key)
        conversation = first.json()["conversation_id"]
        assert "承建" in leaks(first)
        server.clear("insider", PUBLIC_ONLY)
        try:
            end = time.monotonic() + 20
            while client.get("/v1/me").json()["clearance"] and time.monotonic() < end:
                time.sleep(0.2)
            again = client.post("/v1/ask", json={"question": SECRET_QUESTION}, headers=key)
            opened = client.get(f"/v1/conversations/{conversation}")
            follow = client.post("/v1/ask", json={"question": "产值呢？", "conversation_id": conversation})
            told = [leaks(each) for each in (again, opened, follow, *reading(client, hidden))]
        finally:
            server.clear("insider", INNER)

    assert first.headers.get("etag") is None
    assert again.status_code in (404, 422)
    assert opened.json()["turns"][0]["answer"] is None
    assert [each for each in told if each] == []


def test_no_path_leads_to_other_files(server: Guarded) -> None:
    with server.key("all") as client:
        document = client.get("/openapi.json").json()
        paths = [path for path in document["paths"] if "{" in path]
        pages = ["/p/{id}", "/static/v-x/{name}", "/admin/uploads/{id}", "/admin/index/jobs/{id}"]
        told = []
        for path in (*paths, *pages):
            methods = [name.upper() for name in document["paths"].get(path, {"get": {}})]
            for method in methods:
                body: dict[str, str] | None = None if method in ("GET", "DELETE") else {}
                told += [
                    client.request(method, re.sub(r"\{\w+\}", junk, path), json=body, follow_redirects=False)
                    for junk in TRAVERSALS
                ]
        for junk in (
            "../../x.txt",
            "/etc/x.txt",
            "..\\x.txt",
            ".hidden.txt",
            "x\x00.txt",
            "a/../../x.txt",
            "@x/../y.txt",
        ):
            for path in ("/v1/documents", "/v1/uploads"):
                told.append(client.post(path, files={"file": (junk, "停水通知\n\n周三停水。\n".encode())}))

    assert len(paths) > 10
    assert [(str(each.url)[:80], each.status_code) for each in told if each.status_code >= 500] == []
    assert [str(each.url) for each in told if "root:" in each.text] == []
    written = {path.parent.name for path in server.data_dir.parent.rglob("*x.txt")}
    assert written <= {"uploads"} | {path.name for path in (server.data_dir / "staged").glob("*")}


def test_a_webhook_without_the_secret_is_turned_away_before_its_body(server: Guarded) -> None:
    header, update = "X-Telegram-Bot-Api-Secret-Token", {"update_id": 1}
    wrong = ("", "x", WEBHOOK_SECRET[:-1], WEBHOOK_SECRET + "x", WEBHOOK_SECRET.swapcase(), "é" * 8)
    with server.asker() as client:
        told = [
            client.post("/telegram/webhook", json=update, headers={header.encode(): each.encode()}) for each in wrong
        ]
        told.append(client.post("/telegram/webhook", json=update))
        twice = [(header, WEBHOOK_SECRET), (header, WEBHOOK_SECRET)]
        told.append(client.post("/telegram/webhook", json=update, headers=twice))
        told.append(client.post(f"/telegram/webhook?secret_token={WEBHOOK_SECRET[:-1]}", json=update))
        right = client.post("/telegram/webhook", json=update, headers={header: WEBHOOK_SECRET})

    assert {each.status_code for each in told} == {403}
    assert right.status_code != 403


def failing(server: Guarded) -> None:
    """Have everything fail that holds a secret, and look at every page."""
    with server.key("all") as client:
        for path in ("/login/oidc", "/login/oidc/callback?code=c&state=s", "/login/link?token=t", "/login"):
            client.get(path)
        client.post("/v1/ask", json={"question": OPEN_QUESTION})
        document = client.get("/openapi.json").json()
        for path in ("/", "/docs", "/metrics", "/readyz", "/nowhere", *document["paths"]):
            for kind in ("text/html", "application/json"):
                client.get(re.sub(r"\{\w+\}", "x", path), headers={"Accept": kind})
        client.get("/v1/documents", headers={"Authorization": "Basic cGxhbnRlZA=="})
    with server.signed_in("boss") as client:
        menu = re.findall(r'href="(/admin[^"]*)"', client.get("/admin").text)
        assert len(menu) > 5
        for path in (*menu, "/account", "/admin/audit/export.csv", "/admin/audit/export.jsonl"):
            client.get(path)
        client.post("/account/password", data={"old": "x", "password": "y", "again": "z"})
        client.post("/logout")


def test_no_secret_gets_into_a_log_an_answer_or_the_database(server: Guarded) -> None:
    failing(server)

    log, told = server.log.read_text(), "\n".join(server.told)
    kept = b"".join(path.read_bytes() for path in server.data_dir.glob("yiju.db*"))
    assert len(server.secrets) > 10
    assert [each for each in server.secrets if each in log] == []
    assert [each for each in server.secrets if each in told] == []
    assert [each for each in server.secrets if each.encode() in kept] == []
    assert "llm" in log


def test_only_what_the_settings_name_is_called_and_no_redirect_is_followed(server: Guarded) -> None:
    failing(server)

    called = {path for _, path in server.echo.asked}
    assert any(path.startswith("/llm/chat/completions") for path in called)
    assert any(path.startswith("/oidc/.well-known/") for path in called)
    assert [path for path in called if path.startswith(REDIRECT)] == []
    assert {path.split("/")[1][:4] for path in called} <= {"llm", "oidc", "bot7", "bot"}


def test_the_password_of_a_database_that_cannot_be_reached_is_not_told(tmp_path: Path) -> None:
    address = "postgresql+psycopg://yiju:planted%2Fpassword@127.0.0.1:9/yiju"
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "doctor"],
        env=environment(tmp_path / "data", YIJU_DATABASE_URL=address),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode != 0
    assert "planted" not in done.stdout + done.stderr
    assert json.dumps(address) not in done.stderr
