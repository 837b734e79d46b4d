"""Rate limits and cross-origin requests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.channels.http_access import Asker
from bot.channels.http_rate_limits import AskerLimits, AskerRates, PerMinute
from bot.channels.http_services import HttpLimits
from bot.settings import load_settings
from tests.bot.fakes import FakeKey
from tests.bot.http_site import Site, assert_problem, opened_site

ORIGIN = "https://portal.example.org"
LIMITS = AskerLimits(PerMinute(4, 2), PerMinute(3, 1), PerMinute(2, 1))


@pytest.fixture
def site() -> Iterator[Site]:
    with opened_site(HttpLimits(askers=LIMITS, cors_origins=(ORIGIN,))) as opened:
        yield opened


def key(site: Site, name: str = "a") -> dict[str, str]:
    site.keys.keys[name] = FakeKey(name, ("ask", "documents", "admin"))
    return {"Authorization": f"Bearer {name}"}


def test_a_key_that_comes_too_often_is_429_with_when_to_come_back(site: Site) -> None:
    headers = key(site)
    statuses = [site.client.get("/v1/documents", headers=headers).status_code for _ in range(4)]
    refused = site.client.get("/v1/documents", headers=headers)

    assert statuses == [200] * 4
    assert_problem(refused, 429, "too_many_requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 15
    assert site.client.get("/v1/documents", headers=key(site, "b")).status_code == 200


def test_questions_are_counted_once_more(site: Site) -> None:
    headers = key(site)
    asked = [site.client.post("/v1/ask", json={"question": "问"}, headers=headers).status_code for _ in range(3)]

    assert asked == [200, 200, 429]
    assert site.client.get("/v1/documents", headers=headers).status_code == 200
    assert len(site.questions.asked) == 2


def test_this_machine_without_a_key_and_health_are_not_counted(site: Site) -> None:
    assert {site.client.get("/v1/documents").status_code for _ in range(9)} == {200}
    assert {site.client.get("/livez").status_code for _ in range(9)} == {200}


def test_guests_are_counted_by_their_address_and_accounts_by_themselves() -> None:
    rates = AskerRates(LIMITS)
    guests = [Asker(f"guest:{n}", ("ask",), address="192.0.2.1") for n in range(3)]
    waits = [rates.wait_seconds(each, "/v1/documents") > 0 for each in guests]

    assert waits == [False, False, True]
    assert rates.wait_seconds(Asker("guest:9", (), address="192.0.2.2"), "/v1/ask") == 0
    assert rates.wait_seconds(Asker("user:1", (), address="192.0.2.1"), "/v1/ask") == 0
    assert rates.wait_seconds(Asker("user:1", (), address="192.0.2.9"), "/v1/ask") > 0


def test_no_limit_is_zero() -> None:
    rates = AskerRates(AskerLimits())

    assert {rates.wait_seconds(Asker("key:a", ()), "/v1/ask") for _ in range(1000)} == {0.0}


def test_a_page_that_is_named_may_call_with_a_key_and_read_what_it_needs(site: Site) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    preflight = site.client.options("/v1/ask", headers={"Origin": ORIGIN, **asks})
    told = site.client.post("/v1/ask", json={"question": "问"}, headers={"Origin": ORIGIN, **key(site)})
    refused = site.client.post("/v1/ask", json={}, headers={"Origin": ORIGIN})

    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert preflight.headers["x-request-id"]
    assert (told.status_code, told.headers["access-control-allow-origin"]) == (200, ORIGIN)
    assert "Retry-After" in told.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in told.headers
    assert refused.status_code in (401, 403)
    assert refused.headers["access-control-allow-origin"] == ORIGIN


@pytest.mark.parametrize(
    ("origin", "method"),
    [("https://evil.example", "POST"), (ORIGIN, "PUT"), ("https://portal.example.org.evil", "GET")],
)
def test_other_pages_and_methods_are_refused(site: Site, origin: str, method: str) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": method}

    assert_problem(site.client.options("/v1/ask", headers=headers), 403, "cors")


def test_a_page_elsewhere_is_told_nothing_where_cors_is_off() -> None:
    with opened_site() as site:
        told = site.client.get("/v1/documents", headers={"Origin": ORIGIN, **key(site)})
        preflight = site.client.options("/v1/ask", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"})

    assert not any(name.startswith("access-control") for name in told.headers)
    assert preflight.status_code in (401, 405)


@pytest.mark.parametrize(
    "origin",
    ["portal.example.org", "https://portal.example.org/path", "*", "https://A.example", "https://a.example:443"],
)
def test_an_origin_that_no_browser_sends_stops_at_the_start(origin: str) -> None:
    with pytest.raises(Exception, match="CORS_ORIGINS"):
        load_settings({"YIJU_HTTP__CORS_ORIGINS": origin})


def test_origins_are_read_with_commas() -> None:
    settings = load_settings({"YIJU_HTTP__CORS_ORIGINS": f"{ORIGIN}, http://127.0.0.1:3000/"})

    assert settings.http.cors_origins == (ORIGIN, "http://127.0.0.1:3000")
