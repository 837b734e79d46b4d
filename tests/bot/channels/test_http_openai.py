"""The OpenAI-compatible routes and the stream of answers, over fakes; official clients are in test_openai_clients."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bot.answers import Answer
from bot.channels import http_streaming
from bot.channels.http_streaming import Beat, Progress, begun, progress_of
from bot.channels.work_pool import WorkPool
from bot.earlier import Exchange
from bot.errors import BusyError, NotReadyError
from bot.stages import Stage
from corpus.visibility import clearance_of
from retrieval.stages import COMPOSE, READ, SEARCH, stage
from tests.bot.fakes import FakeKey, answer
from tests.bot.http_site import Site, assert_problem

QUESTION = {"model": "yiju", "messages": [{"role": "user", "content": "北京大学哪年创办？"}]}
EVENTS = {"Accept": "text/event-stream"}


def assert_openai_error(response: Any, status: int, code: str) -> dict[str, Any]:
    error = response.json()["error"]
    assert response.status_code == status, error
    assert response.headers["content-type"] == "application/json"
    assert set(error) == {"message", "type", "param", "code", "request_id"}
    assert (error["code"], error["request_id"]) == (code, response.headers["x-request-id"])
    assert isinstance(error, dict)
    return error


def events_of(text: str) -> list[tuple[str, Any]]:
    """Name and content of each event."""
    found = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            fields = dict(line.split(": ", 1) for line in lines)
            data = fields["data"]
            found.append((fields.get("event", "message"), data if data == "[DONE]" else json.loads(data)))
    return found


def test_a_chat_is_answered_with_annotations_and_the_whole_answer(site: Site) -> None:
    body = site.client.post("/v1/chat/completions", json=QUESTION).json()

    message = body["choices"][0]["message"]
    assert message["content"] == message["yiju"]["answer"]
    assert message["annotations"][0]["url_citation"]["url"] == "http://127.0.0.1:8000/p/p1"
    assert message["yiju"]["citations"][0]["passage_id"] == "p1"
    assert site.questions.asked == [("北京大学哪年创办？", "local", None, 5)]
    assert site.questions.earlier == [()]


def test_earlier_messages_go_along(site: Site) -> None:
    messages = [
        {"role": "user", "content": "清溪凉瓜产值多少？"},
        {"role": "assistant", "content": "1.3亿元 [1]\n……"},
        {"role": "user", "content": "那面积呢？"},
    ]
    site.client.post("/v1/chat/completions", json={"model": "yiju", "messages": messages})

    assert site.questions.earlier == [(Exchange("清溪凉瓜产值多少？", "1.3亿元"),)]


@pytest.mark.parametrize("stream", [False, True])
def test_what_the_key_may_see_goes_along(site: Site, monkeypatch: pytest.MonkeyPatch, stream: bool) -> None:
    seen: list[object] = []

    def ask(question: str, **settings: object) -> Answer:
        seen.append(settings["clearance"])
        return answer(question)

    monkeypatch.setattr(site.questions, "ask", ask)
    site.keys.keys["k"] = FakeKey("1", ("ask",), clearance=clearance_of(["内部"]))
    body = {**QUESTION, "stream": stream}
    response = site.client.post("/v1/chat/completions", json=body, headers={"Authorization": "Bearer k"})

    assert response.status_code == 200
    assert seen == [clearance_of(["内部"])]


def test_settings_of_language_models_are_passed_over(site: Site) -> None:
    settings = {
        "temperature": 0.2, "max_tokens": 5, "stop": ["。"], "seed": 1, "user": "u", "n": 1,
        "tools": [{"type": "function"}],
        "tool_choice": "auto", "response_format": {"type": "text"}, "chat_id": "of a client's own", "stream": False,
    }  # fmt: skip
    response = site.client.post("/v1/chat/completions", json={**QUESTION, **settings})

    assert response.status_code == 200
    assert response.json()["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    ("settings", "param"),
    [
        ({"n": 2}, "n"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, "tool_choice"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"logprobs": True}, "logprobs"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"messages": []}, "messages"),
        ({"messages": "问"}, "messages"),
        ({"messages": [{"role": "assistant", "content": "答"}]}, "messages"),
        ({"messages": [{"role": "king", "content": "问"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
         "messages.0.content"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": [{"type": ["text"], "text": "问"}]}]}, "messages.0.content"),
        ({"model": None}, "model"),
        ({"stream": "yes"}, "stream"),
    ],
)  # fmt: skip
def test_what_would_change_the_answer_is_refused_in_the_shape_of_openai(
    site: Site, settings: dict[str, object], param: str
) -> None:
    error = assert_openai_error(site.client.post("/v1/chat/completions", json={**QUESTION, **settings}), 400, "invalid")

    assert (error["param"], error["type"]) == (param, "invalid_request_error")
    assert site.questions.asked == []


def test_an_unknown_model_is_404(site: Site) -> None:
    error = assert_openai_error(
        site.client.post("/v1/chat/completions", json={**QUESTION, "model": "gpt-4o"}), 404, "model_not_found"
    )
    assert error["param"] == "model"
    assert_openai_error(site.client.get("/v1/models/gpt-4o"), 404, "model_not_found")


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "invalid_json"),
        (b"{}", "text/plain", 415, "unsupported_media_type"),
        (b" " * 5000, "application/json", 413, "too_large"),
    ],
)
def test_bodies_that_are_none_are_told_in_the_same_shape(
    site: Site, content: bytes, kind: str, status: int, code: str
) -> None:
    refused = site.client.post("/v1/chat/completions", content=content, headers={"Content-Type": kind})

    assert_openai_error(refused, status, code)


def test_doors_are_told_in_the_same_shape(site: Site) -> None:
    assert_openai_error(site.client.get("/v1/chat/completions"), 405, "method_not_allowed")
    assert_openai_error(site.client.get("/v1/models", headers={"Origin": "https://evil.example"}), 403, "local_only")
    site.keys.keys["k"] = FakeKey("1", ("documents",))
    refused = site.client.post("/v1/chat/completions", json=QUESTION)
    assert assert_openai_error(refused, 401, "invalid_api_key")["type"] == "authentication_error"
    assert refused.headers["www-authenticate"].startswith("Bearer")
    refused = site.client.get("/v1/models", headers={"Authorization": "Bearer k"})
    assert assert_openai_error(refused, 403, "scope")["type"] == "permission_error"


@pytest.mark.parametrize("stream", [False, True])
def test_failures_are_told_with_their_status_where_no_stream_has_begun(site: Site, stream: bool) -> None:
    site.questions.error = NotReadyError("正在加载。")
    refused = site.client.post("/v1/chat/completions", json={**QUESTION, "stream": stream})
    assert assert_openai_error(refused, 503, "not_ready")["type"] == "server_error"
    assert refused.headers["retry-after"]
    site.questions.error = RuntimeError("/secret/path")
    refused = site.client.post("/v1/chat/completions", json={**QUESTION, "stream": stream})
    assert_openai_error(refused, 500, "internal")
    assert "secret" not in refused.text


def test_a_stream_ends_with_the_sources_and_done(site: Site) -> None:
    site.questions.stages = (SEARCH, READ, COMPOSE)
    response = site.client.post("/v1/chat/completions", json={**QUESTION, "stream": True})

    events = events_of(response.text)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    assert events[-1] == ("message", "[DONE]")
    deltas = [data["choices"][0]["delta"] for _, data in events[:-1]]
    assert "".join(delta.get("content") or "" for delta in deltas) == "1898年 [1]\n北京大学创办于1898年。[1]"
    assert next(delta["yiju"]["answer_id"] for delta in deltas if "yiju" in delta) == "a1"


def test_a_stream_that_fails_says_so_in_its_last_event(site: Site) -> None:
    site.questions.stages = (SEARCH,)
    site.questions.error = RuntimeError("/secret/path")
    response = site.client.post("/v1/chat/completions", json={**QUESTION, "stream": True})

    events = events_of(response.text)
    assert response.status_code == 200
    assert events[-1] == ("message", "[DONE]")
    assert events[-2][1]["error"]["code"] == "internal"
    assert "secret" not in response.text


def test_what_a_page_asks_about_the_chat_is_no_question(site: Site) -> None:
    prompt = '### Task:\nTitle as JSON: {"title": ""}\n<chat_history>\nUSER: 凉瓜产值多少？\n</chat_history>'
    body = {"model": "yiju", "messages": [{"role": "user", "content": prompt}]}
    whole = site.client.post("/v1/chat/completions", json=body).json()
    streamed = events_of(site.client.post("/v1/chat/completions", json={**body, "stream": True}).text)

    assert json.loads(whole["choices"][0]["message"]["content"]) == {"title": "凉瓜产值多少"}
    assert whole["choices"][0]["message"]["yiju"] is None
    assert (
        "".join(each["choices"][0]["delta"].get("content", "") for _, each in streamed[:-1])
        == '{"title": "凉瓜产值多少"}'
    )
    assert site.questions.asked == []


def test_models_are_listed(site: Site) -> None:
    body = site.client.get("/v1/models").json()

    assert body["object"] == "list"
    assert [model["id"] for model in body["data"]] == ["yiju", "yiju-sources"]
    assert site.client.get("/v1/models/yiju").json() == body["data"][0]


def test_an_answer_is_told_while_it_is_made(site: Site) -> None:
    site.questions.stages = (SEARCH, READ, COMPOSE)
    response = site.client.post("/v1/ask", json={"question": "哪年？"}, headers=EVENTS)

    events = events_of(response.text)
    assert [data["stage"] for name, data in events if name == "stage"] == ["searching", "reading", "composing"]
    assert "".join(data["text"] for name, data in events if name == "delta") == events[-1][1]["answer"]
    assert events[-1][0] == "answer"
    plain = site.client.post("/v1/ask", json={"question": "哪年？"}, headers={"Accept": "application/json"}).json()
    assert events[-1][1] == plain


def test_what_is_refused_before_anything_is_done_has_its_status(site: Site) -> None:
    assert_problem(site.client.post("/v1/ask", json={"question": ""}, headers=EVENTS), 422, "invalid_question")
    site.questions.error = BusyError("满了")
    assert_problem(site.client.post("/v1/ask", json={"question": "问"}, headers=EVENTS), 503, "busy")


def test_what_fails_later_is_a_problem_at_the_end(site: Site) -> None:
    site.questions.stages = (SEARCH,)
    site.questions.error = NotReadyError("正在加载。")
    response = site.client.post("/v1/ask", json={"question": "问"}, headers=EVENTS)

    events = events_of(response.text)
    assert [name for name, _ in events] == ["stage", "problem"]
    assert (events[-1][1]["status"], events[-1][1]["request_id"]) == (503, response.headers["x-request-id"])


def test_a_full_queue_refuses_streams_too(site: Site) -> None:
    site.questions.gate = threading.Event()
    with ThreadPoolExecutor(6) as threads:
        asked = [threads.submit(site.client.post, "/v1/ask", json={"question": "问"}, headers=EVENTS) for _ in range(6)]
        while sum(each.done() for each in asked) < 4:
            threading.Event().wait(0.01)
        site.questions.gate.set()
        statuses = sorted(each.result().status_code for each in asked)

    assert statuses == [200, 200, 503, 503, 503, 503]


def run(coroutine: Any) -> Any:
    return asyncio.run(coroutine)


def test_a_silent_stream_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_streaming, "KEEP_ALIVE_SECONDS", 0.01)
    pool, gate = WorkPool("test", workers=1, waiting=1), threading.Event()

    def ask() -> Answer:
        with stage(SEARCH):
            gate.wait(10)
        return answer("问")

    async def listen() -> list[Progress]:
        heard: list[Progress] = []
        async for each in await begun(progress_of(pool, ask, asker="local")):
            heard.append(each)
            if each is Beat.BEAT:
                gate.set()
        return heard

    heard = run(listen())
    pool.close()
    assert heard[0] is Stage.SEARCHING
    assert Beat.BEAT in heard
    assert isinstance(heard[-1], Answer)


def test_work_in_line_is_dropped_when_its_client_has_gone() -> None:
    pool, gate = WorkPool("test", workers=1, waiting=1), threading.Event()
    begun_work: list[str] = []

    def ask(name: str) -> Answer:
        begun_work.append(name)
        gate.wait(10)
        return answer("问")

    async def leave() -> None:
        first = asyncio.ensure_future(pool.run(lambda: ask("first")))
        waiting = asyncio.ensure_future(begun(progress_of(pool, lambda: ask("second"), asker="second")))
        while pool.busy < 2:
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        gate.set()
        await first

    run(leave())
    pool.close()
    assert begun_work == ["first"]
    assert pool.busy == 0
