from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi import FastAPI

from bot.errors import NotReadyError
from corpus.errors import StoreError
from retrieval.errors import NoSnapshotError
from tests.bot.fakes import TEXT, FakeKey
from tests.bot.http_site import Site, assert_problem

ANSWER_KEYS = {
    "answer_id", "conversation_id", "outcome", "answer", "short_answer", "confidence", "citations", "suggestions",
    "snapshot", "latency_ms", "sources", "alternatives", "index", "composed_by",
}  # fmt: skip
CITATION_KEYS = {
    "number", "document_id", "document_title", "publisher", "published_at", "url", "source_path", "passage_id",
    "heading", "passage", "passage_start", "quote", "start", "end", "answer_spans", "cite",
}  # fmt: skip


def test_answer_has_every_key_of_the_contract(site: Site) -> None:
    response = site.client.post("/v1/ask", json={"question": "北京大学哪年创办？", "conversation_id": "c-1_A"})

    body = response.json()
    assert response.status_code == 200
    assert set(body) == ANSWER_KEYS
    assert set(body["citations"][0]) == CITATION_KEYS
    assert body["citations"][0]["published_at"] == "2023-05-04"
    assert body["citations"][0]["url"] is None
    assert (body["conversation_id"], body["outcome"], body["short_answer"]) == ("c-1_A", "answered", "1898年")
    assert (body["latency_ms"], body["confidence"]) == (12.3, 0.875)
    assert site.questions.asked == [("北京大学哪年创办？", "local", "c-1_A", 5)]


def test_offsets_on_the_wire_count_code_points(site: Site) -> None:
    citation = site.client.post("/v1/ask", json={"question": "哪年创办？"}).json()["citations"][0]
    text = site.client.get(f"/v1/documents/{citation['document_id']}").json()["text"]

    assert text == TEXT
    assert citation["quote"] == text[citation["start"] : citation["end"]]
    assert citation["passage"] == text[citation["passage_start"] :][: len(citation["passage"])]
    span = citation["answer_spans"][0]
    assert span["text"] == text[span["start"] : span["end"]] == "1898年"


@pytest.mark.parametrize("question", ["", " 　\n", "问" * 10_000, "\u0000\u0001二进制"])
def test_bad_question_is_422_with_a_reason(site: Site, question: str) -> None:
    raw = json.dumps({"question": question}, ensure_ascii=False).encode()
    if len(raw) > 4096:  # the bound of this test's site; the real one lets 10,000 characters through to the service
        assert_problem(site.client.post("/v1/ask", json={"question": question}), 413, "too_large")
        return
    body = assert_problem(site.client.post("/v1/ask", json={"question": question}), 422, "invalid_question")
    assert "字" in str(body["detail"])


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "question"),
        ({"question": None}, "question"),
        ({"question": 5}, "question"),
        ({"question": ["问"]}, "question"),
        ({"question": "问", "top_k": 0}, "top_k"),
        ({"question": "问", "top_k": 21}, "top_k"),
        ({"question": "问", "top_k": "5"}, "top_k"),
        ({"question": "问", "top_k": True}, "top_k"),
        ({"question": "问", "top_k": 10**30}, "top_k"),
        ({"question": "问", "top_k": None}, "top_k"),
        ({"question": "问", "conversation_id": ""}, "conversation_id"),
        ({"question": "问", "conversation_id": "a" * 65}, "conversation_id"),
        ({"question": "问", "conversation_id": "会话"}, "conversation_id"),
        ({"question": "问", "conversation_id": "a\n"}, "conversation_id"),
        ({"question": "问", "unknown": 1}, "unknown"),
        ({"question": "\ud800"}, "question"),
    ],
)
def test_body_that_does_not_fit_is_422_naming_the_field(site: Site, sent: dict[str, object], field: str) -> None:
    response = site.client.post("/v1/ask", content=json.dumps(sent), headers={"Content-Type": "application/json"})

    body = assert_problem(response, 422, "invalid")
    assert body["errors"][0]["field"] == field  # type: ignore[index]
    assert "input" not in response.text
    assert "pydantic" not in response.text


@pytest.mark.parametrize("sent", [b"[]", b'"text"', b"null", b"5", b""])
def test_json_that_is_no_object_is_422(site: Site, sent: bytes) -> None:
    response = site.client.post("/v1/ask", content=sent, headers={"Content-Type": "application/json"})

    assert_problem(response, 422, "invalid")


@pytest.mark.parametrize(
    "sent",
    [
        b"{",
        b"{'question': 1}",
        b"\xff\xfe\xfd",
        b"\x00\x01\x02",
        b"[" * 4000,
        b'{"question": "\xe4"}',
    ],
)
def test_body_that_is_no_json_is_400(site: Site, sent: bytes) -> None:
    response = site.client.post("/v1/ask", content=sent, headers={"Content-Type": "application/json"})

    body = response.json()
    assert_problem(response, 400, body["code"])
    assert "Traceback" not in response.text


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "jsonp", None]
)
def test_other_content_types_are_415(site: Site, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}

    assert_problem(
        site.client.post("/v1/ask", content=b'{"question":"a"}', headers=headers), 415, "unsupported_media_type"
    )


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"])
def test_json_content_types_are_read(site: Site, kind: str) -> None:
    response = site.client.post("/v1/ask", content='{"question":"哪年？"}'.encode(), headers={"Content-Type": kind})

    assert response.status_code == 200


def test_compressed_body_is_415(site: Site) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    assert_problem(site.client.post("/v1/ask", content=b"x", headers=headers), 415, "unsupported_media_type")


def test_large_body_is_413_by_its_declared_length(site: Site) -> None:
    assert_problem(site.client.post("/v1/ask", json={"question": "问" * 5000}), 413, "too_large")


def test_large_body_is_413_while_it_streams(site: Site) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 1000

    response = site.client.post("/v1/ask", content=endless(), headers={"Content-Type": "application/json"})

    assert_problem(response, 413, "too_large")
    assert site.questions.asked == []


def test_unknown_path_is_404_and_wrong_method_405(site: Site) -> None:
    body = assert_problem(site.client.get("/v1/nothing"), 404, "not_found")
    assert body["instance"] == "/v1/nothing"
    assert_problem(site.client.get("/v1/ask/"), 404, "not_found")
    refused = site.client.get("/v1/ask")
    assert_problem(refused, 405, "method_not_allowed")
    assert refused.headers["allow"] == "POST"
    assert site.client.put("/v1/documents/d1").headers["allow"] == "DELETE, GET, PATCH"
    assert site.client.delete("/v1/documents").headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"question": "问", "top_k": 0}, "top_k：不能小于 1"),
        ({"question": "问", "top_k": 21}, "top_k：不能大于 20"),
        ({"question": "问", "conversation_id": "a b"}, "conversation_id：格式应为 ^[A-Za-z0-9_-]{1,64}$"),
        ({"question": "\ud800"}, "question：含有不成对的代理码（surrogate），不是有效的文字"),
    ],
)
def test_what_does_not_fit_is_told_in_chinese(site: Site, body: dict[str, object], complaint: str) -> None:
    headers = {"Content-Type": "application/json"}
    refused = site.client.post("/v1/ask", content=json.dumps(body), headers=headers)

    assert assert_problem(refused, 422, "invalid")["detail"] == complaint


def test_without_an_index_no_path_is_told_and_the_cure_is_a_sentence_of_its_own(site: Site) -> None:
    site.questions.error = NoSnapshotError("nothing is indexed in '/secret/path' yet")

    told = assert_problem(site.client.post("/v1/ask", json={"question": "问"}), 503, "no_index")

    assert told["detail"] == "还没有索引。先运行 yiju index。"


def test_unforeseen_error_is_500_without_details(site: Site) -> None:
    site.questions.error = RuntimeError("/secret/path password=1")

    response = site.client.post("/v1/ask", json={"question": "问"})

    assert_problem(response, 500, "internal")
    assert "secret" not in response.text


def test_database_error_is_503_without_its_text(site: Site) -> None:
    site.questions.error = StoreError("sqlite:////secret/path is full")

    response = site.client.post("/v1/ask", json={"question": "问"})

    assert_problem(response, 503, "store")
    assert "secret" not in response.text
    assert response.headers["retry-after"]


def test_full_disk_is_503_without_its_path(site: Site) -> None:
    site.questions.error = OSError(28, "No space left on device", "/secret/path")

    response = site.client.post("/v1/ask", json={"question": "问"})

    assert_problem(response, 503, "system")
    assert "secret" not in response.text


def test_not_ready_is_503(site: Site) -> None:
    site.questions.error = NotReadyError("还没有索引")

    assert_problem(site.client.post("/v1/ask", json={"question": "问"}), 503, "not_ready")


def test_full_queue_is_503_with_retry_after(site: Site) -> None:
    site.questions.gate = threading.Event()
    with ThreadPoolExecutor(3) as threads:
        pending = [threads.submit(site.client.post, "/v1/ask", json={"question": f"问{n}"}) for n in range(3)]
        first = next(each for each in _as_completed_one(pending))
        site.questions.gate.set()
        statuses = sorted(each.result().status_code for each in pending)

    assert_problem(first, 503, "busy")
    assert int(first.headers["retry-after"]) >= 1
    assert statuses == [200, 200, 503]


def _as_completed_one(pending: list) -> Iterator:  # type: ignore[type-arg]
    from concurrent.futures import FIRST_COMPLETED, wait

    done, _ = wait(pending, timeout=10, return_when=FIRST_COMPLETED)
    yield from (each.result() for each in done)


def test_request_id_is_echoed_when_valid_and_minted_otherwise(site: Site) -> None:
    assert site.client.get("/livez", headers={"X-Request-ID": "abc-1.2_3"}).headers["x-request-id"] == "abc-1.2_3"
    for bad in ("", "a b", "x" * 129, "a;b"):
        minted = site.client.get("/livez", headers={"X-Request-ID": bad}).headers["x-request-id"]
        assert minted != bad
        assert len(minted) == 32


def test_keys_and_scopes(site: Site) -> None:
    site.keys.keys["secret"] = FakeKey("k1", ("ask",))

    refused = site.client.post("/v1/ask", json={"question": "问"})
    assert_problem(refused, 401, "unauthorized")
    assert "Bearer" in refused.headers["www-authenticate"]
    key = {"Authorization": "Bearer secret"}
    assert site.client.post("/v1/ask", json={"question": "问"}, headers=key).status_code == 200
    assert site.questions.asked[0][1] == "key:k1"
    assert_problem(site.client.get("/v1/documents", headers=key), 403, "scope")
    assert_problem(site.client.post("/v1/admin/reindex", headers=key), 403, "scope")
    assert site.client.get("/readyz").status_code == 200


def test_without_key_strangers_are_403_before_their_body_is_read(site: Site) -> None:
    for headers in ({"Host": "example.com"}, {"X-Forwarded-For": "1.2.3.4"}, {"Origin": "https://evil.example"}):
        response = site.client.post("/v1/ask", content=b"{", headers={"Content-Type": "application/json", **headers})
        assert_problem(response, 403, "local_only")
    assert site.client.get("/livez", headers={"Host": "example.com"}).status_code == 200


def test_every_route_has_a_row_in_the_docs(site: Site, project_dir: Path) -> None:
    page = (project_dir / "docs" / "http.md").read_text(encoding="utf-8")

    for route in _routes(site.app):
        assert f"`{route}`" in page, f"docs/http.md has no row for {route}"


def _routes(app: FastAPI) -> set[str]:
    found: set[str] = set()
    for route in app.routes:
        path, methods = getattr(route, "path", None), getattr(route, "methods", None)
        if path and methods:
            found |= {f"{method} {path.replace(':path}', '}')}" for method in methods - {"HEAD"}}
    assert len(found) >= 13, found
    return found
