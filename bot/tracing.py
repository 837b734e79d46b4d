"""Traces of requests and of the stages of each question, sent to an OpenTelemetry collector; off unless asked for.

Asked for by OpenTelemetry's own variables (an endpoint, or an exporter), which its packages read themselves; those come
with ``pip install 'yiju[tracing]'``. Spans carry no question, no answer and no name of anybody.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_LOG = logging.getLogger(__name__)
SERVICE = "yiju"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_EXPORTER = "OTEL_TRACES_EXPORTER"
_QUIET = "livez,readyz,metrics"


class Tracing:
    """Makes spans and sends them in the background; what cannot be sent is dropped, and nobody waits for it."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer(SERVICE, version(SERVICE))

    def span(self, name: str) -> AbstractContextManager[object]:
        """A span below the one that is open in this context."""
        return self._tracer.start_as_current_span(f"yiju.{name}")

    def around(self, app: Any) -> Any:
        """The ASGI application with a span for each request, below that of the caller where it names one."""
        from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

        return OpenTelemetryMiddleware(
            app, tracer_provider=self._provider, excluded_urls=_excluded(), exclude_spans=["receive", "send"]
        )

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def wanted(environ: Mapping[str, str]) -> bool:
    """Whether OpenTelemetry's variables ask for traces."""
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = environ.get(_EXPORTER, "").strip().lower()
    if exporter:
        return exporter != "none"
    return any(environ.get(name, "").strip() for name in _ENDPOINTS)


def open_tracing(environ: Mapping[str, str] | None = None) -> Tracing | None:
    """Traces as the variables ask for them; None where they do not, or where the packages are missing."""
    environ = os.environ if environ is None else environ
    if not wanted(environ):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
    except ImportError as error:
        _LOG.warning("OTEL_* variables ask for traces, and %s is missing: pip install 'yiju[tracing]'", error.name)
        return None
    # With the logs: standard output is for what was asked for.
    known: dict[str, Callable[[], SpanExporter]] = {
        "otlp": OTLPSpanExporter,
        "console": lambda: ConsoleSpanExporter(out=sys.stderr),
    }
    exporter = environ.get(_EXPORTER, "").strip().lower() or "otlp"
    if exporter not in known:
        _LOG.warning("%s is %r: only otlp, console and none are known, so there are no traces", _EXPORTER, exporter)
        return None
    named = {} if environ.get("OTEL_SERVICE_NAME") else {"service.name": SERVICE}
    resource = Resource.create({**named, "service.version": version(SERVICE)})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(known[exporter]()))
    return Tracing(provider)


def _excluded() -> Any:
    """Monitors ask these all the time."""
    from opentelemetry.util.http import parse_excluded_urls

    return parse_excluded_urls(_QUIET)
