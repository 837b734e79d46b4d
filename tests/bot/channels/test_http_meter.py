"""Requests are counted by the pattern of their route, whoever sent what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bot.http_site import Site, opened_site
from tests.bot.test_meters import values


@pytest.fixture
def site() -> Iterator[Site]:
    with opened_site() as opened:
        yield opened


def told(site: Site) -> dict[str, float]:
    return {name: value for name, value in values(site.meters).items() if name.startswith("yiju_http_requests")}


def test_requests_are_counted_by_route_and_status(site: Site) -> None:
    site.client.post("/v1/ask", json={"question": "北京大学创办于哪一年？"})
    site.client.post("/v1/ask", json={"nothing": 1})
    site.client.get("/v1/passages/p1")
    site.client.get("/v1/passages/p1")

    assert told(site) == {
        "yiju_http_requests_total{method=POST,route=/v1/ask,status=200}": 1,
        "yiju_http_requests_total{method=POST,route=/v1/ask,status=422}": 1,
        "yiju_http_requests_total{method=GET,route=/v1/passages/{passage_id},status=200}": 2,
        "yiju_http_requests_in_flight{}": 0,
    }


def test_what_people_write_never_becomes_a_label(site: Site) -> None:
    for path in ("/nowhere", "/v1/杜阮凉瓜", "/admin/%00"):
        site.client.get(path)
    site.client.request("BREW", "/v1/ask")

    names = " ".join(told(site))
    assert "nowhere" not in names
    assert "凉瓜" not in names
    assert "BREW" not in names
    assert "route=other" in names


def test_refusals_are_counted_too(site: Site) -> None:
    site.client.post("/v1/ask", json={"question": "问"}, headers={"X-Forwarded-For": "10.0.0.1"})

    assert told(site)["yiju_http_requests_total{method=POST,route=other,status=403}"] == 1


def test_while_stopping_it_is_not_ready_still_answers_and_closes_connections(site: Site) -> None:
    before = site.client.get("/readyz")
    site.stopping.set()
    ready, answer = site.client.get("/readyz"), site.client.post("/v1/ask", json={"question": "问"})

    assert (before.status_code, before.headers.get("connection")) == (200, None)
    assert (ready.status_code, ready.json()["code"], ready.headers["connection"]) == (503, "not_ready", "close")
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")


def test_metrics_hold_what_was_counted(site: Site) -> None:
    site.client.post("/v1/ask", json={"question": "问"})

    text = site.client.get("/metrics").text
    assert 'yiju_http_requests_total{method="POST",route="/v1/ask",status="200"} 1.0' in text
    assert 'yiju_work_capacity{pool="yiju-ask"} 2.0' in text
    assert "yiju_snapshot_age_seconds" in text
