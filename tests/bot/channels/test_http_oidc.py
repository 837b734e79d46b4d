"""Signing in through an OpenID provider, an honest one and others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey
from starlette.testclient import TestClient

from bot.channels.http_clients import DoorRules
from bot.oidc import Beginning, OidcOptions, OidcProvider
from tests.bot.door_site import DoorSite, opened_doors, sign_in
from tests.bot.oidc_server import LoopbackProvider, loopback_provider

BASE = "http://127.0.0.1:8000"


@dataclass
class Place:
    doors: DoorSite
    provider: LoopbackProvider

    def browser(self) -> TestClient:
        return self.doors.browser(base=BASE)

    def sign_in(self, browser: TestClient, target: str = "/") -> Any:
        away = browser.get("/login/oidc", params={"next": target})
        assert away.status_code == 303, away.text
        return browser.get("/login/oidc/callback", params=self.provider.authorize(away.headers["location"]))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with loopback_provider() as provider:
        options = OidcOptions(
            provider.issuer,
            "yiju",
            "secret of the client",
            f"{BASE}/login/oidc/callback",
            user_group="staff",
            admin_group="yiju-admins",
            clearance_claim="labels",
        )
        provider.claims = {"groups": ["staff"], "labels": ["内部", "*", "not a label"]}
        rules = DoorRules(public_url=BASE, always_locked=True)
        with opened_doors(tmp_path, rules, options=options) as doors:
            yield Place(doors, provider)


def test_whom_the_provider_vouches_for_is_signed_in(place: Place) -> None:
    browser = place.browser()

    response = place.sign_in(browser, "/p/p1?q=1-2")
    me = browser.get("/v1/me").json()

    assert (response.status_code, response.headers["location"]) == (303, "/p/p1?q=1-2")
    assert (me["name"], me["scopes"], me["clearance"]) == ("wangfang", ["ask"], ["内部"])
    assert browser.cookies.get("yiju_oidc") is None


def test_a_provider_that_does_not_answer_holds_up_no_password(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, release = threading.Event(), threading.Event()
    begin = OidcProvider.begin

    def slow(provider: OidcProvider) -> Beginning:
        asked.set()
        assert release.wait(30)
        return begin(provider)

    monkeypatch.setattr(OidcProvider, "begin", slow)
    place.doors.account("王芳")
    with ThreadPoolExecutor(1) as others:
        waiting = others.submit(place.browser().get, "/login/oidc")
        try:
            assert asked.wait(30)
            signed_in = sign_in(place.browser(), "王芳")
        finally:
            release.set()
        assert waiting.result(30).status_code == 303

    assert signed_in.status_code == 303


def test_groups_give_roles_anew_at_each_signing_in(place: Place) -> None:
    browser = place.browser()
    for groups, scopes in ((["staff", "yiju-admins"], ["ask", "documents", "admin"]), (["staff"], ["ask"])):
        place.provider.claims["groups"] = groups
        place.sign_in(browser)
        assert browser.get("/v1/me").json()["scopes"] == scopes
    assert len(place.doors.accounts.everyone()) == 1


def test_who_is_in_no_group_is_turned_away(place: Place) -> None:
    place.provider.claims["groups"] = ["others"]

    assert place.sign_in(place.browser()).status_code == 401
    assert place.doors.accounts.everyone() == []


def test_a_name_of_the_provider_never_takes_an_account_made_here(place: Place) -> None:
    own = place.doors.account("wangfang", "admin")
    browser = place.browser()
    place.sign_in(browser)

    me = browser.get("/v1/me").json()

    assert me["owner"] != f"user:{own}"
    assert (me["name"], me["scopes"]) == ("wangfang-2", ["ask"])


def test_a_disabled_account_stays_out(place: Place) -> None:
    browser = place.browser()
    place.sign_in(browser)
    place.doors.accounts.disable("wangfang", by="cli:test")

    assert place.sign_in(place.browser()).status_code == 401
    assert browser.get("/v1/me").status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"},
        {"aud": ["yiju", "another"], "azp": "another"},
        {"iss": "https://evil.example"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"iat": 99_999_999_999},
        {"sub": None},
    ],
)
def test_a_token_for_another_time_place_or_sign_in_is_none(place: Place, claims: dict[str, Any]) -> None:
    place.provider.claims |= claims
    browser = place.browser()

    assert place.sign_in(browser).status_code == 401
    assert browser.get("/v1/me").status_code == 401


def test_a_token_signed_by_another_key_is_none(place: Place) -> None:
    place.provider.signing = RSAKey.generate_key(2048, {"kid": "k1"})

    assert place.sign_in(place.browser()).status_code == 401


def test_a_token_signed_by_the_clients_secret_is_none(place: Place) -> None:
    place.provider.signing = OctKey.import_key("secret of the client")
    place.provider.header = {"alg": "HS256", "kid": "k1"}

    assert place.sign_in(place.browser()).status_code == 401


def test_new_keys_of_the_provider_are_fetched(place: Place) -> None:
    assert place.sign_in(place.browser()).status_code == 303
    place.provider.key = RSAKey.generate_key(2048, {"kid": "k2"})
    place.provider.header = {"alg": "RS256", "kid": "k2"}

    assert place.sign_in(place.browser()).status_code == 303


def test_a_return_that_this_browser_did_not_begin_is_refused(place: Place) -> None:
    away = place.browser().get("/login/oidc")
    query = place.provider.authorize(away.headers["location"])
    other = place.browser()
    other.get("/login/oidc")

    assert other.get("/login/oidc/callback", params=query).status_code == 401
    assert place.browser().get("/login/oidc/callback", params=query).status_code == 401
    assert "/token" not in place.provider.asked


def test_a_code_is_good_once(place: Place) -> None:
    browser = place.browser()
    query = place.provider.authorize(browser.get("/login/oidc").headers["location"])
    cookie = browser.cookies["yiju_oidc"]

    assert browser.get("/login/oidc/callback", params=query).status_code == 303
    browser.cookies.set("yiju_oidc", cookie)
    assert browser.get("/login/oidc/callback", params=query).status_code == 401


@pytest.mark.parametrize(
    "discovered",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "file:///etc/passwd"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_discovery_document_leads_nowhere_else(place: Place, discovered: dict[str, Any]) -> None:
    place.provider.discovered = discovered

    assert place.browser().get("/login/oidc").status_code == 401


def test_a_provider_that_is_down_is_told_so(place: Place) -> None:
    place.provider.down = True

    response = place.browser().get("/login/oidc")

    assert response.status_code == 401
    assert "稍后再试" in response.text


def test_the_sign_in_page_leads_to_the_provider(place: Place) -> None:
    page = place.browser().get("/login", params={"next": "/admin?a=1&b=2"}).text

    assert "/login/oidc?next=/admin%3Fa%3D1%26b%3D2" in page


def test_no_next_leads_to_another_site(place: Place) -> None:
    assert place.sign_in(place.browser(), "//evil.example").headers["location"] == "/"
