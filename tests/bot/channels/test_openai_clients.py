"""The official client and LangChain's, against a server that listens; the answers come from fakes."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from bot.channels.http_api import create_http_app
from bot.channels.http_server import HttpChannel
from bot.channels.http_services import HttpLimits, HttpServices
from bot.earlier import Exchange
from bot.errors import BusyError
from bot.gate import Serving
from retrieval.stages import COMPOSE, READ, SEARCH
from tests.bot.fakes import FakeAdmin, FakeConversations, FakeKey, FakeKeys, FakeQuestions
from tests.bot.served import free_port

ANSWER = "1898年 [1]\n北京大学创办于1898年。[1]"


class Running:
    """A server in a thread of this process."""

    def __init__(self) -> None:
        self.questions, self.keys = FakeQuestions(), FakeKeys({"right": FakeKey("1", ("ask",))})
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/v1"
        services = HttpServices(
            self.questions,
            FakeAdmin(),
            self.keys,
            lambda: Serving("s1", 1.0),
            public_url="https://ask.example.org",
            conversations=FakeConversations(),
        )
        self._channel = HttpChannel(create_http_app(services, limits=HttpLimits()), host="127.0.0.1", port=port)
        self._loop, self._stop = asyncio.new_event_loop(), asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._channel.run(self._stop),))

    def start(self) -> None:
        self._thread.start()
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if httpx.get(self.url.replace("/v1", "/livez"), trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.02)
        raise AssertionError("the server does not listen")

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    server = Running()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(running: Running) -> Running:
    """The same server for all, as new."""
    running.questions.__init__()  # type: ignore[misc]
    running.questions.stages = (SEARCH, READ, COMPOSE)
    return running


def client(server: Running, key: str = "right", **options: Any) -> openai.OpenAI:
    web = openai.DefaultHttpxClient(trust_env=False)
    return openai.OpenAI(base_url=server.url, api_key=key, http_client=web, **{"max_retries": 0, **options})


def ask(server: Running, *messages: Any, key: str = "right", **options: Any) -> Any:
    said = messages or ({"role": "user", "content": "北京大学哪年创办？"},)
    return client(server, key).chat.completions.create(model="yiju", messages=said, **options)


def test_the_official_client_gets_text_annotations_and_the_whole_answer(server: Running) -> None:
    completion = ask(server, temperature=0, max_tokens=10)

    message = completion.choices[0].message
    citation = message.annotations[0].url_citation
    assert message.content == ANSWER
    assert message.content[citation.start_index : citation.end_index] == "[1]"
    assert (citation.title, citation.url) == ("北京大学简介", "https://ask.example.org/p/p1")
    assert message.model_extra["yiju"]["citations"][0]["quote"] == "北京大学创办于1898年。"
    assert completion.usage.total_tokens > 0
    assert server.questions.asked[-1][1] == "key:1"


def test_the_official_client_streams(server: Running) -> None:
    chunks = list(ask(server, stream=True, stream_options={"include_usage": True}))

    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    sources = [delta for delta in deltas if delta.model_extra and "annotations" in delta.model_extra]
    assert "".join(delta.content or "" for delta in deltas) == ANSWER
    assert sources[0].model_extra["annotations"][0]["url_citation"]["url"] == "https://ask.example.org/p/p1"
    assert sources[0].model_extra["yiju"]["answer_id"] == "a1"
    assert chunks[-1].usage.completion_tokens > 0
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"


def test_the_accumulating_stream_of_the_official_client_gives_the_same(server: Running) -> None:
    messages: Any = [{"role": "user", "content": "北京大学哪年创办？"}]
    with client(server).chat.completions.stream(model="yiju", messages=messages) as stream:
        kinds = {event.type for event in stream}
        whole = stream.get_final_completion().choices[0].message

    assert {"chunk", "content.delta", "content.done"} <= kinds
    assert whole.content == ANSWER
    assert whole.annotations is not None
    assert len(whole.annotations) == 2


def test_earlier_messages_are_the_conversation(server: Running) -> None:
    first = ask(server).choices[0].message
    ask(
        server,
        {"role": "system", "content": "用英文回答。"},
        {"role": "user", "content": "北京大学哪年创办？"},
        first.model_dump(),
        {"role": "user", "content": [{"type": "text", "text": "那学生呢？"}]},
    )

    assert server.questions.asked[-1][0] == "那学生呢？"
    assert server.questions.earlier[-1] == (Exchange("北京大学哪年创办？", "1898年"),)


def test_errors_are_the_classes_of_the_official_client(server: Running) -> None:
    with pytest.raises(openai.AuthenticationError) as refused:
        ask(server, key="wrong")
    assert refused.value.code == "invalid_api_key"
    with pytest.raises(openai.NotFoundError) as unknown:
        client(server).chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "问"}])
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.BadRequestError) as bad:
        ask(server, n=2)
    assert bad.value.param == "n"
    with pytest.raises(openai.BadRequestError) as empty:
        ask(server, {"role": "user", "content": ""}, stream=True)
    assert empty.value.code == "invalid_question"


def test_a_busy_server_is_asked_again(server: Running) -> None:
    server.questions.stages = ()
    server.questions.error = BusyError("满了")
    with pytest.raises(openai.InternalServerError) as busy:
        ask(server)
    assert busy.value.status_code == 503
    assert busy.value.response.headers["retry-after"] == "2"


def test_an_error_in_a_stream_ends_it(server: Running) -> None:
    server.questions.error = RuntimeError("/secret/path")
    with pytest.raises(openai.APIError) as failed:
        list(ask(server, stream=True))

    assert failed.value.code == "internal"
    assert "secret" not in str(failed.value)


def test_a_client_that_leaves_a_stream_does_no_harm(server: Running) -> None:
    stream = ask(server, stream=True)
    next(iter(stream))
    stream.close()

    assert ask(server).choices[0].message.content == ANSWER


def test_models_are_listed_and_found(server: Running) -> None:
    assert [model.id for model in client(server).models.list()] == ["yiju", "yiju-sources"]
    assert client(server).models.retrieve("yiju").owned_by == "yiju"


def langchain(server: Running, model: str = "yiju", **options: Any) -> ChatOpenAI:
    web = httpx.Client(trust_env=False)
    key = SecretStr("right")
    return ChatOpenAI(model=model, base_url=server.url, api_key=key, http_client=web, max_retries=0, **options)


def test_langchain_gets_an_answer_with_its_sources_as_text(server: Running) -> None:
    reply = langchain(server, "yiju-sources").invoke([("system", "简短"), ("human", "北京大学哪年创办？")])

    assert reply.text.startswith(ANSWER)
    assert "[1] 《北京大学简介》（校办，2023-05-04） https://ask.example.org/p/p1" in reply.text
    assert reply.usage_metadata is not None
    assert reply.usage_metadata["total_tokens"] > 0


def test_langchain_streams_and_keeps_the_conversation(server: Running) -> None:
    asked = [("human", "北京大学哪年创办？"), ("ai", ANSWER), ("human", "那学生呢？")]
    text = "".join(chunk.text for chunk in langchain(server, stream_usage=True).stream(asked))

    assert text == ANSWER
    assert server.questions.earlier[-1] == (Exchange("北京大学哪年创办？", "1898年"),)


def test_langchain_that_wants_tools_called_is_refused_and_without_must_is_answered(server: Running) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    assert langchain(server).bind_tools([tool]).invoke("哪年创办？").text == ANSWER
    with pytest.raises(openai.BadRequestError):
        langchain(server).bind_tools([tool], tool_choice="required").invoke("哪年创办？")
