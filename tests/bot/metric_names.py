"""Every series that Prometheus is told, by the name that its queries write, with its labels."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from bot.answers import Outcome
from bot.channels.http_metrics import metrics_text
from bot.meters import Meters
from bot.state.audit import QUESTION, Deed
from tests.bot.fakes import FakeAdmin


class Pool:
    """A line as it is told."""

    name, running, waiting, capacity = "yiju-ask", 2, 1, 34


def used_meters() -> Meters:
    """Each metric has counted something, so that its labels show."""
    meters = Meters()
    meters.asked(Deed("key:k1", "http", QUESTION, "问", outcome=str(Outcome.ANSWERED), latency_ms=120.0))
    meters.answered("POST", "/v1/ask", 200, 0.1)
    meters.waited("yiju-ask", 0.01)
    meters.refused("yiju-ask", "full")
    meters.llm("faithful", 1.0)
    meters.lines.add(Pool())
    return meters


def metrics_told() -> dict[str, set[str]]:
    """Label names by series."""
    admin = FakeAdmin(started=[(False, False, False, "local")])
    status = {**admin.status(), "last_job": admin.job("j1")}
    told: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics_text(lambda: status, used_meters().registry).decode()):
        for sample in family.samples:
            told.setdefault(sample.name, set()).update(sample.labels)
    return told
