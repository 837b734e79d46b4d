"""What goes wrong in any layer is a page for a browser, and a problem for every other client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.http_clients import DoorRules
from tests.bot.door_site import DoorSite, opened_doors
from tests.bot.http_site import Site, assert_problem

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[DoorSite]:
    with opened_doors(tmp_path) as site:
        yield site


def test_who_lacks_a_scope_is_told_so_in_their_language_with_a_way_back(doors: DoorSite) -> None:
    doors.account("王芳")
    browser, _ = doors.signed_in("王芳")

    page = browser.get("/admin/audit?lang=zh-Hant", headers=HTML)

    assert page.status_code == 403
    assert page.headers["cache-control"] == "no-store"
    assert '<html lang="zh-Hant"' in page.text
    assert "權限" in page.text
    assert 'href="/"' in page.text
    assert_problem(browser.get("/v1/admin/audit", headers=HTML), 403, "scope")


def test_a_form_without_its_token_is_told_so_on_a_page_and_a_script_as_a_problem(doors: DoorSite) -> None:
    doors.account("王芳", "admin")
    browser, _ = doors.signed_in("王芳")
    form = {"data": {"id": "x"}}

    page = browser.post("/admin/keys/revoke", headers=HTML, **form)  # type: ignore[arg-type]

    assert (page.status_code, page.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert "请刷新页面后再试" in page.text
    scripted = browser.post("/admin/keys/revoke", headers={**HTML, "HX-Request": "true"}, **form)  # type: ignore[arg-type]
    assert_problem(scripted, 403, "csrf")


@pytest.mark.parametrize(
    ("referer", "target"),
    [
        ("http://203.0.113.1:8000/admin/documents?q=x", "%2Fadmin%2Fdocuments%3Fq%3Dx"),
        ("http://203.0.113.1:8000/admin/keys", "%2Fadmin%2Fkeys"),
        ("http://evil.example/admin", "%2F"),
        ("//203.0.113.1:8000", ""),
        ("http://[", "%2F"),
        ("", "%2F"),
    ],
)
def test_a_form_of_a_session_that_is_over_leads_to_signing_in_and_back_to_its_page(
    doors: DoorSite, referer: str, target: str
) -> None:
    doors.account("王芳", "admin")

    led = doors.browser().post("/admin/keys/revoke", data={"id": "x"}, headers={**HTML, "Referer": referer})

    assert (led.status_code, led.headers["location"]) == (303, f"/login?next={target}")


def test_another_machine_is_told_on_a_page_while_nothing_is_locked(tmp_path: Path) -> None:
    with opened_doors(tmp_path, DoorRules()) as doors:
        page = doors.browser().get("/p/p1", headers=HTML)
        assert page.status_code in {401, 403}
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert '<html lang="zh-Hans"' in page.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/account", 405)])
def test_an_address_that_is_not_there_is_told_on_a_page(site: Site, method: str, path: str, status: int) -> None:
    page = site.client.request(method, path, headers=HTML)

    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert path in page.text
    assert page.headers["x-request-id"]
    assert ("allow" in page.headers) == (status == 405)
    told = site.client.request(method, path)
    assert_problem(told, status, "not_found" if status == 404 else "method_not_allowed")


def test_what_an_address_holds_is_escaped(site: Site) -> None:
    page = site.client.get("/%3Cscript%3Ealert(1)%3C/script%3E?lang=%22%3E%3Cimg%20src=x%3E", headers=HTML)
    assert page.status_code == 404
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
