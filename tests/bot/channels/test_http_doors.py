"""Doors beside the table: guests, proxies, hosts, headers, what is remembered, what pages may show."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.http_access import Arrival
from bot.channels.http_clients import DoorRules, client_of, cookie_of
from bot.channels.http_headers import CONTENT_SECURITY_POLICY
from corpus.visibility import clearance_of
from tests.bot.door_site import DoorSite, form_token, opened_doors, sign_in
from tests.bot.http_site import assert_problem

pytestmark = pytest.mark.usefixtures("backend")

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
PROXY = DoorRules(trusted_proxies=(ipaddress.ip_network("10.0.0.0/8"),))


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[DoorSite]:
    with opened_doors(tmp_path) as site:
        yield site


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[DoorSite]:
    with opened_doors(tmp_path, DoorRules(guests=True, public_url="https://ask.example.org")) as site:
        site.account("王芳")
        yield site


def arrival(peer: str, **headers: str) -> Arrival:
    return Arrival("/", peer, {name.replace("_", "-"): [value] for name, value in headers.items()})


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.5", "1.2.3.4", "203.0.113.5"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9", "1.2.3.4"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.1"),
        ("10.0.0.1", "not an address", "unknown"),
        ("10.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", "1.2.3.4", "203.0.113.5"),
    ],
)
def test_only_a_trusted_proxy_says_where_a_request_comes_from(peer: str, forwarded: str, address: str) -> None:
    assert client_of(arrival(peer, x_forwarded_for=forwarded), PROXY).address == address


def test_only_a_trusted_proxy_says_that_the_client_came_by_https() -> None:
    assert client_of(arrival("10.0.0.1", x_forwarded_proto="https"), PROXY).secure
    assert not client_of(arrival("203.0.113.5", x_forwarded_proto="https"), PROXY).secure
    assert not client_of(arrival("10.0.0.1", x_forwarded_proto="https, http"), PROXY).secure


@pytest.mark.parametrize("header", ["a=1; a=2", "a=", "b=1", "", "a", "a=1;a=1"])
def test_a_cookie_that_is_not_there_once_is_none(header: str) -> None:
    assert cookie_of([header], "a") is None


def test_a_guest_keeps_their_name_and_no_other_guest_has_it(open_house: DoorSite) -> None:
    first, second = (open_house.browser(base="https://ask.example.org") for _ in range(2))

    names = [each.get("/v1/me").json()["owner"] for each in (first, second, first)]

    assert names[0] == names[2] != names[1]
    assert names[0].startswith("guest:")
    assert first.cookies["__Host-yiju_guest"] not in names[0]
    assert first.post("/v1/ask", json={"question": "哪年？"}).status_code == 200
    assert open_house.questions.asked[0][1] == names[0]
    assert_problem(first.get("/v1/documents"), 401, "unauthorized")


def test_a_guest_is_refused_at_a_name_that_nobody_set(open_house: DoorSite) -> None:
    rebound = open_house.browser(base="http://evil.example")

    assert_problem(rebound.post("/v1/ask", json={"question": "哪年？"}), 403, "host")
    assert open_house.browser(base="http://192.0.2.1:8000").get("/v1/me").status_code == 200


def test_another_sites_page_asks_for_no_guest(open_house: DoorSite) -> None:
    browser = open_house.browser(base="https://ask.example.org")

    refused = browser.post("/v1/ask", json={"question": "哪年？"}, headers={"Origin": "https://evil.example"})

    assert_problem(refused, 403, "origin")


def test_a_wrong_key_makes_no_guest(open_house: DoorSite) -> None:
    browser = open_house.browser(base="https://ask.example.org", Authorization="Bearer wrong")

    assert_problem(browser.post("/v1/ask", json={"question": "哪年？"}), 401, "unauthorized")


@pytest.mark.parametrize("path", ["/livez", "/", "/login", "/v1/me", "/nowhere", "/static/x", "/openapi.json"])
def test_every_response_carries_the_headers(doors: DoorSite, path: str) -> None:
    doors.account("王芳")
    headers = doors.browser().get(path).headers

    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"]
    assert "strict-transport-security" not in headers
    assert "server" not in headers


def test_what_another_process_takes_away_is_gone_within_a_second(tmp_path: Path) -> None:
    with opened_doors(tmp_path) as doors, opened_doors(tmp_path) as other:
        made = doors.keys.create("门户", ["ask"], by="cli:test")
        browser = doors.browser(Authorization=f"Bearer {made.plain}")
        assert browser.get("/v1/me").status_code == 200
        other.keys.revoke("门户", by="cli:test")
        import time

        time.sleep(1.05)
        assert browser.get("/v1/me").status_code in {401, 403}


def test_what_this_process_takes_away_is_gone_at_once(doors: DoorSite) -> None:
    doors.account("王芳", clearance=clearance_of(["内部"]))
    browser, _ = doors.signed_in("王芳")

    doors.accounts.set_clearance("王芳", clearance_of([]), by="cli:test")
    assert browser.get("/v1/me").json()["clearance"] == []
    doors.accounts.end_sessions("王芳", by="cli:test")
    assert browser.get("/v1/me").status_code == 401


def test_nothing_of_a_name_or_address_becomes_markup(doors: DoorSite) -> None:
    doors.account("王芳")
    browser = doors.browser()

    pages = [
        browser.get("/login", params={"next": f"/{EVIL}"}).text,
        sign_in(browser, EVIL, next=EVIL).text,
        browser.get("/login/link", params={"token": EVIL}).text,
        browser.get(f"/{EVIL}", headers={"Accept": "text/html"}).text,
    ]

    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_pages_of_the_door_have_no_inline_script_or_style(doors: DoorSite) -> None:
    account = doors.account("王芳")
    browser, _ = doors.signed_in("王芳")
    link = doors.accounts.make_link(account, by="cli:test")

    for page in (doors.browser().get("/login"), browser.get("/account"), browser.get(f"/login/link?token={link}")):
        assert page.status_code == 200
        for mark in ("<script>", " style=", " onclick=", " onload=", "javascript:"):
            assert mark not in page.text


def test_who_lacks_a_scope_is_told_so_on_a_page(doors: DoorSite) -> None:
    doors.account("王芳")
    browser, _ = doors.signed_in("王芳")

    page = browser.get("/admin/audit", headers={"Accept": "text/html"})

    assert page.status_code == 403
    assert page.headers["content-type"].startswith("text/html")


def test_no_secret_stands_in_what_is_shown(doors: DoorSite) -> None:
    doors.account("王芳")
    made = doors.keys.create("门户", ["ask"], by="cli:test")
    browser, _ = doors.signed_in("王芳")
    token = browser.cookies["yiju_session"]
    seen = [browser.get(path).text for path in ("/account", "/v1/me", "/v1/me/sessions", "/login")]

    assert form_token(doors.browser()) not in seen
    for secret in (token, made.plain, made.plain.rsplit("_", 1)[1]):
        assert all(secret not in text for text in seen)
        assert secret not in repr(doors.state.audit.find(limit=100))
