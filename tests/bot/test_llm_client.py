from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from bot.answering.llm_prompt import Prompt
from bot.errors import LlmError
from bot.llm_client import MAX_RESPONSE_BYTES, LlmClient
from tests.bot.llm_server import LlmServer, llm_server
from tests.bot.served import free_port

PROMPT = Prompt("规则", "资料与问题")
SECRET = "sk-secret-1234"


@pytest.fixture(scope="module")
def running() -> Iterator[LlmServer]:
    with llm_server() as server:
        yield server


@pytest.fixture
def server(running: LlmServer) -> LlmServer:
    running.status, running.hold, running.drip = 200, None, False
    running.requests.clear()
    running.headers.clear()
    return running


def client(url: str, *, timeout_seconds: float = 10, key: str | None = SECRET) -> LlmClient:
    return LlmClient(url, "qwen", api_key=key, timeout_seconds=timeout_seconds, max_tokens=300)


def failure(server: LlmServer, *, timeout_seconds: float = 10) -> LlmError:
    with pytest.raises(LlmError) as failed:
        client(server.url, timeout_seconds=timeout_seconds).complete(PROMPT)
    assert SECRET not in str(failed.value)
    return failed.value


def test_a_completion_is_asked_for_and_read(server: LlmServer) -> None:
    server.writes("产值达1.3亿元。[1]")

    assert client(server.url + "/").complete(PROMPT) == "产值达1.3亿元。[1]"
    asked = server.requests[0]
    assert [message["content"] for message in asked["messages"]] == ["规则", "资料与问题"]
    assert (asked["model"], asked["max_tokens"], asked["temperature"]) == ("qwen", 300, 0)
    assert server.headers[0]["authorization"] == f"Bearer {SECRET}"


def test_without_a_key_none_is_sent(server: LlmServer) -> None:
    server.writes("好。")
    client(server.url, key=None).complete(PROMPT)

    assert "authorization" not in server.headers[0]


@pytest.mark.parametrize("status", [301, 401, 404, 429, 500, 503])
def test_other_statuses_are_failures_and_redirects_are_not_followed(server: LlmServer, status: int) -> None:
    server.status = status
    server.reply = lambda _: f"error with {SECRET}".encode()

    assert failure(server).kind == "status"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b"{}", b'{"choices": []}', b'{"choices": [{"message": {"content": null}}]}',
     b'{"choices": [{"message": {"content": ["x"]}}]}', b'{"choices": [5]}', b"\xff\xfe", b"[" * 100_000,
     b'{"choices": [{"message": {"content": "' + b"x" * MAX_RESPONSE_BYTES + b'"}}]}'],
)  # fmt: skip
def test_what_is_no_completion_is_malformed(server: LlmServer, body: bytes) -> None:
    server.reply = lambda _: body

    assert failure(server).kind == "malformed"


def test_a_completion_that_was_cut_short_is_none(server: LlmServer) -> None:
    server.writes("产值达1.3亿元。[1]种植", finish_reason="length")

    assert failure(server).kind == "truncated"


def test_a_slow_model_is_given_up_after_its_time(server: LlmServer) -> None:
    server.hold = threading.Event()
    started = time.monotonic()

    assert failure(server, timeout_seconds=0.3).kind == "timeout"
    assert time.monotonic() - started < 10
    server.hold.set()


def test_the_time_is_that_of_the_whole_answer_however_it_drips(server: LlmServer) -> None:
    server.writes("好。" * 200)
    server.drip = True

    assert failure(server, timeout_seconds=0.3).kind == "timeout"


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(LlmError) as failed:
        client(f"http://127.0.0.1:{free_port()}/v1").complete(PROMPT)
    assert failed.value.kind == "unreachable"
