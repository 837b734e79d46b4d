"""Traces: off unless asked for, a span for each stage below that of its request, and nothing of what people write."""

from __future__ import annotations

import asyncio
import logging

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.types import Receive, Scope, Send

from bot.channels.work_pool import WorkPool
from bot.meters import Meters, Watch
from bot.tracing import Tracing, open_tracing, wanted
from retrieval.stages import READ, TOTAL, stage, watched_by
from tests.bot.test_meters import values

QUESTION = "杜阮凉瓜产值多少？"
CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracing(exporter: InMemorySpanExporter) -> Tracing:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return Tracing(provider)


def by_name(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def scope(path: str, *headers: tuple[bytes, bytes]) -> Scope:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost"), *headers],
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 5),
    }


def request(tracing: Tracing, path: str, *headers: tuple[bytes, bytes]) -> None:
    """A request whose question is answered in a thread of the pool."""
    watch = Watch(Meters().stage, tracing)

    def answer() -> None:
        with watched_by(watch), stage(TOTAL), stage(READ):
            pass

    async def app(_: Scope, receive: Receive, send: Send) -> None:
        pool = WorkPool("test", workers=1, waiting=0)
        await pool.run(answer)
        pool.close()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": QUESTION.encode(), "more_body": False}

    async def send(_: object) -> None: ...

    asyncio.run(tracing.around(app)(scope(path, *headers), receive, send))


def test_stages_are_below_the_request_that_they_answer(tracing: Tracing, exporter: InMemorySpanExporter) -> None:
    request(tracing, "/v1/ask")

    spans = by_name(exporter)
    assert len(spans) == 3
    whole, read = spans["yiju.total"], spans["yiju.read"]
    (request_span,) = (span for name, span in spans.items() if name.startswith("POST"))
    assert read.parent is not None
    assert whole.parent is not None
    assert read.parent.span_id == whole.context.span_id
    assert whole.parent.span_id == request_span.context.span_id


def test_a_request_goes_on_the_trace_of_its_caller(tracing: Tracing, exporter: InMemorySpanExporter) -> None:
    request(tracing, "/v1/ask", (b"traceparent", CALLER.encode()))

    assert {f"{span.context.trace_id:032x}" for span in exporter.get_finished_spans()} == {CALLER.split("-")[1]}


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_what_monitors_ask_has_no_span(tracing: Tracing, exporter: InMemorySpanExporter, path: str) -> None:
    request(tracing, path)

    assert [name for name in by_name(exporter) if name.startswith("POST")] == []


def test_spans_hold_nothing_of_what_was_asked(tracing: Tracing, exporter: InMemorySpanExporter) -> None:
    request(tracing, "/v1/ask", (b"authorization", b"Bearer yj_0123456789ab_secret"))

    told = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert QUESTION not in told
    assert "secret" not in told


def test_an_error_is_marked_and_timed_all_the_same(tracing: Tracing, exporter: InMemorySpanExporter) -> None:
    meters = Meters()
    with pytest.raises(KeyError), watched_by(Watch(meters.stage, tracing)), stage(READ):
        raise KeyError("页")

    assert by_name(exporter)["yiju.read"].status.is_ok is False
    assert values(meters)["yiju_stage_duration_seconds_count{stage=read}"] == 1


@pytest.mark.parametrize(
    ("environ", "on"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "console"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, False),
        ({"OTEL_SDK_DISABLED": "TRUE", "OTEL_TRACES_EXPORTER": "console"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, False),
        ({"OTEL_SERVICE_NAME": "yiju"}, False),
    ],
)
def test_traces_are_made_where_the_usual_variables_ask_for_them(environ: dict[str, str], on: bool) -> None:
    assert wanted(environ) is on


def test_nothing_is_opened_where_nobody_asks() -> None:
    assert open_tracing({}) is None


def test_an_exporter_that_is_not_known_is_told_and_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert open_tracing({"OTEL_TRACES_EXPORTER": "zipkin"}) is None
    assert "zipkin" in caplog.text


def test_asked_for_it_makes_spans_and_ends(capsys: pytest.CaptureFixture[str]) -> None:
    opened = open_tracing({"OTEL_TRACES_EXPORTER": "console"})
    assert opened is not None
    with opened.span("read"):
        pass
    opened.close()

    said = capsys.readouterr().err
    assert '"name": "yiju.read"' in said
    assert '"service.name": "yiju"' in said
