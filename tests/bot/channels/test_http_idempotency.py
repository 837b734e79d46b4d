"""Writes with an Idempotency-Key: done once, told again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.http_access import Asker
from bot.channels.http_idempotency import _Fingerprint
from bot.state.replays import Replays
from bot.state.store import StateStore
from corpus.database import open_database
from corpus.errors import StoreError
from corpus.visibility import clearance_of
from tests.bot.fakes import FakeKey
from tests.bot.http_site import Site, assert_problem, opened_site
from tests.databases import database_url

KEY = {"Idempotency-Key": "k-1"}
REPLAYED = "idempotency-replayed"


@pytest.fixture
def replays(tmp_path: Path, backend: str) -> Replays:
    state = StateStore(open_database(database_url(tmp_path)))
    state.migrate()
    return state.replays


@pytest.fixture
def site(replays: Replays) -> Iterator[Site]:
    with opened_site(replays=replays) as opened:
        yield opened


def test_a_question_sent_again_is_answered_again_and_not_asked_again(site: Site) -> None:
    first = site.client.post("/v1/ask", json={"question": "哪年？"}, headers=KEY)
    again = site.client.post("/v1/ask", json={"question": "哪年？"}, headers=KEY)

    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert (first.headers.get(REPLAYED), again.headers[REPLAYED]) == (None, "true")
    assert again.headers["content-type"] == "application/json"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert len(site.questions.asked) == 1


def test_an_answer_that_may_not_be_seen_any_more_is_not_told_again(site: Site) -> None:
    site.client.post("/v1/ask", json={"question": "哪年？"}, headers=KEY)
    site.questions.closed = True

    again = site.client.post("/v1/ask", json={"question": "哪年？"}, headers=KEY)

    assert_problem(again, 404, "answer_not_found")
    assert len(site.questions.asked) == 1


def test_a_document_that_may_not_be_seen_any_more_is_not_told_again(site: Site) -> None:
    first = site.client.patch("/v1/documents/d1", json={"title": "新题"}, headers=KEY)
    site.admin.retired.add("d1")

    again = site.client.patch("/v1/documents/d1", json={"title": "新题"}, headers=KEY)

    assert first.status_code == 200, first.text
    assert_problem(again, 404, "not_found")


def test_a_reindex_sent_again_names_the_same_job(site: Site) -> None:
    first = site.client.post("/v1/admin/reindex", headers=KEY)
    again = site.client.post("/v1/admin/reindex", headers=KEY)

    assert (again.status_code, again.headers["location"]) == (202, first.headers["location"])
    assert len(site.admin.started) == 1


def test_an_answer_without_a_body_is_told_again(site: Site) -> None:
    for replayed in (None, "true"):
        told = site.client.delete("/v1/documents/d1", headers=KEY)
        assert (told.status_code, told.content, told.headers.get(REPLAYED)) == (204, b"", replayed)


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/ask", {"question": "别的？"}), ("/v1/ask?a=1", {"question": "哪年？"}), ("/v1/admin/reindex", {})],
)
def test_the_key_of_another_request_is_422(site: Site, path: str, body: dict[str, str]) -> None:
    site.client.post("/v1/ask", json={"question": "哪年？"}, headers=KEY)

    assert_problem(site.client.post(path, json=body, headers=KEY), 422, "idempotency_key_reused")
    assert len(site.questions.asked) == 1


def test_an_upload_sent_again_counts_once_whatever_its_boundary(site: Site) -> None:
    sent = {"file": ("通知.txt", "正文。".encode())}
    first = site.client.post("/v1/documents", files=sent, headers=KEY)
    again = site.client.post("/v1/documents", files=sent, headers=KEY)
    other = site.client.post("/v1/documents", files={"file": ("通知.txt", "别的。".encode())}, headers=KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers[REPLAYED] == "true"
    assert_problem(other, 422, "idempotency_key_reused")
    assert site.admin.uploads == {"通知.txt": "正文。".encode()}


def test_while_it_is_being_done_the_same_request_is_409(site: Site) -> None:
    site.questions.gate = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(site.client.post, "/v1/ask", json={"question": "哪年？"}, headers=KEY)
        while not site.questions.asked:
            pass
        refused = site.client.post("/v1/ask", json={"question": "哪年？"}, headers=KEY)
        site.questions.gate.set()

    assert_problem(refused, 409, "idempotency_in_flight")
    assert refused.headers["retry-after"] == "1"
    assert first.result().status_code == 200


@pytest.mark.parametrize("error", [RuntimeError("x"), StoreError("x")])
def test_what_failed_may_be_sent_again(site: Site, error: Exception) -> None:
    site.questions.error = error
    assert site.client.post("/v1/ask", json={"question": "哪年？"}, headers=KEY).status_code >= 500
    site.questions.error = None

    assert site.client.post("/v1/ask", json={"question": "改了？"}, headers=KEY).status_code == 200


def test_what_was_refused_leaves_its_key_free(site: Site) -> None:
    assert site.client.post("/v1/ask", json={"question": ""}, headers=KEY).status_code == 422
    assert site.client.post("/v1/ask", json={"nothing": 1}, headers=KEY).status_code == 422

    assert site.client.post("/v1/ask", json={"question": "哪年？"}, headers=KEY).status_code == 200


def test_each_owner_has_keys_of_their_own(site: Site) -> None:
    for number in (1, 2):
        site.keys.keys[f"s{number}"] = FakeKey(f"k{number}", ("ask",))
        headers = {**KEY, "Authorization": f"Bearer s{number}"}
        told = site.client.post("/v1/ask", json={"question": f"问{number}"}, headers=headers)
        assert (told.status_code, told.headers.get(REPLAYED)) == (200, None)

    assert [owner for _, owner, _, _ in site.questions.asked] == ["key:k1", "key:k2"]


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "é"])
def test_a_key_that_is_none_is_400(site: Site, key: str) -> None:
    headers = [(b"Idempotency-Key", key.encode("latin-1")), (b"Content-Type", b"application/json")]
    told = site.client.post("/v1/ask", content=b'{"question":"a"}', headers=headers)

    assert_problem(told, 400, "idempotency_key")


def test_two_keys_are_400_and_reading_takes_none(site: Site) -> None:
    twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "b"), ("Content-Type", "application/json")]

    assert_problem(site.client.post("/v1/ask", content=b'{"question":"a"}', headers=twice), 400, "idempotency_key")
    assert site.client.get("/v1/documents", headers={"Idempotency-Key": "a b"}).status_code == 200


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(
    site: Site, replays: Replays, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(replays, "keep", full)

    assert site.client.post("/v1/ask", json={"question": "哪年？"}, headers=KEY).status_code == 200


def fingerprint(chunks: list[bytes], boundary: str, *labels: str) -> str:
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, object]:
        return messages.pop(0)

    kind = f"multipart/form-data; boundary={boundary}".encode()
    scope = {"method": "POST", "path": "/v1/documents", "query_string": b"", "headers": [(b"content-type", kind)]}
    asker = Asker("o", (), clearance_of(labels))
    return asyncio.run(_Fingerprint(scope, receive, asker).whole())


@given(st.lists(st.binary(max_size=30), max_size=5), st.lists(st.integers(1, 20), max_size=20))
def test_a_form_has_one_fingerprint_however_it_is_cut_and_bounded(parts: list[bytes], cuts: list[int]) -> None:
    one, other = "boundary-one-0001", "boundary-two-0002-longer"
    whole = one.encode().join([b"", *parts, b"--"])
    pieces, rest = [], whole
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]

    assert fingerprint([*pieces, rest], one) == fingerprint([other.encode().join([b"", *parts, b"--"])], other)
    assert fingerprint([whole], one) != fingerprint([whole + b"x"], one)


def test_who_may_see_something_else_now_sends_another_request() -> None:
    assert fingerprint([b"a"], "b", "内部") != fingerprint([b"a"], "b")
