"""Signing in at the web: pages, cookies, sessions, forms of other sites, guessing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.http_clients import DoorRules
from bot.channels.http_sign_in_frame import safe_target
from bot.sign_in import NOTED_REFUSALS, TRIES_FROM_AN_ADDRESS
from corpus.visibility import clearance_of
from tests.bot.door_site import PASSWORD, DoorSite, form_token, opened_doors, sign_in
from tests.bot.http_site import assert_problem

pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[DoorSite]:
    with opened_doors(tmp_path) as site:
        yield site


def test_who_signed_in_asks_with_their_role_and_clearance(doors: DoorSite) -> None:
    owner = doors.account("王芳", "user", clearance=clearance_of(["内部"]))
    browser, token = doors.signed_in("王芳")

    me = browser.get("/v1/me").json()
    asked = browser.post("/v1/ask", json={"question": "哪年？"}, headers={"X-CSRF-Token": token})

    assert (me["owner"], me["name"], me["scopes"], me["clearance"]) == (f"user:{owner}", "王芳", ["ask"], ["内部"])
    assert asked.status_code == 200
    assert doors.questions.asked[0][1] == f"user:{owner}"
    assert_problem(browser.get("/v1/documents"), 403, "scope")


def test_the_name_is_the_same_in_any_width_and_case(doors: DoorSite) -> None:
    doors.account("Wang Fang")

    assert sign_in(doors.browser(), "ｗａｎｇ ＦＡＮＧ ").status_code == 303


@pytest.mark.parametrize(
    ("name", "password"), [("王芳", "错误的密码在这里呢呢"), ("李四", PASSWORD), ("", ""), ("王芳", "")]
)
def test_wrong_name_and_wrong_password_are_told_alike(doors: DoorSite, name: str, password: str) -> None:
    doors.account("王芳")

    response = sign_in(doors.browser(), name, password)

    assert response.status_code == 401
    assert "用户名或密码不对，或账号已停用。" in response.text
    assert "yiju_session" not in response.headers.get("set-cookie", "")


def test_a_disabled_account_is_turned_away_in_the_same_words(doors: DoorSite) -> None:
    doors.account("王芳")
    browser, _ = doors.signed_in("王芳")
    doors.accounts.disable("王芳", by="cli:test")

    assert browser.get("/v1/me").status_code == 401
    assert sign_in(doors.browser(), "王芳").status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(doors: DoorSite) -> None:
    doors.account("王芳")

    plain = sign_in(doors.browser(), "王芳").headers.get_list("set-cookie")

    (session,) = [each for each in plain if each.startswith("yiju_session=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(session.split("; "))
    assert "Secure" not in session


def test_over_https_the_cookie_is_secure_and_of_this_host_alone(tmp_path: Path) -> None:
    with opened_doors(tmp_path, DoorRules(public_url="https://ask.example.org")) as doors:
        doors.account("王芳")
        browser = doors.browser(base="https://ask.example.org")
        response = sign_in(browser, "王芳")
        (session,) = [each for each in response.headers.get_list("set-cookie") if "yiju_session=" in each]

        assert session.startswith("__Host-yiju_session=")
        assert "Secure" in session.split("; ")
        assert response.headers["strict-transport-security"].startswith("max-age=")
        assert browser.get("/v1/me").status_code == 200


def test_signing_out_ends_the_session_for_whoever_kept_the_cookie(doors: DoorSite) -> None:
    doors.account("王芳")
    browser, token = doors.signed_in("王芳")
    kept = dict(browser.cookies)

    assert browser.post("/logout", data={"csrf_token": token}).status_code == 303
    thief = doors.browser()
    thief.cookies.update(kept)
    assert thief.get("/v1/me").status_code == 401


def test_signing_in_again_ends_the_earlier_session_of_the_browser(doors: DoorSite) -> None:
    account = doors.account("王芳")
    browser, _ = doors.signed_in("王芳")
    cookie = browser.cookies["yiju_session"]
    fields = {"name": "王芳", "password": PASSWORD}
    browser.cookies.delete("yiju_session")
    fields["csrf_token"] = form_token(browser)
    browser.cookies.set("yiju_session", cookie)

    assert browser.post("/login", data=fields).status_code == 303
    assert len(doors.state.sessions.running(account)) == 1


@pytest.mark.parametrize("step", [{"hours": 13}, {"days": 8}])
def test_a_session_ends_by_itself(doors: DoorSite, step: dict[str, float]) -> None:
    doors.account("王芳")
    browser, _ = doors.signed_in("王芳")
    doors.clock.turn(**step)
    doors.state.sessions.changes += 1  # another second

    assert browser.get("/v1/me").status_code == 401


def test_a_used_session_ends_after_its_days_all_the_same(doors: DoorSite) -> None:
    doors.account("王芳")
    browser, _ = doors.signed_in("王芳")
    for _ in range(14):
        doors.state.sessions.changes += 1
        assert browser.get("/v1/me").status_code == 200
        doors.clock.turn(hours=11.9)
    doors.clock.turn(hours=2)
    doors.state.sessions.changes += 1
    assert browser.get("/v1/me").status_code == 401


def test_another_password_signs_out_everywhere(doors: DoorSite) -> None:
    doors.account("王芳")
    first, token = doors.signed_in("王芳")
    second, _ = doors.signed_in("王芳")
    fields = {
        "csrf_token": token,
        "old": PASSWORD,
        "password": "另一句只有我知道的话呀",
        "again": "另一句只有我知道的话呀",
    }
    fields["password"] = fields["again"] = "另一句只有我自己知道的话呀"

    assert first.post("/account/password", data=fields).headers["location"] == "/login?saved=1"
    assert (first.get("/v1/me").status_code, second.get("/v1/me").status_code) == (401, 401)
    assert sign_in(doors.browser(), "王芳").status_code == 401
    assert sign_in(doors.browser(), "王芳", fields["password"]).status_code == 303


def test_what_changes_something_needs_the_token_of_the_session(doors: DoorSite) -> None:
    doors.account("王芳", "admin")
    browser, token = doors.signed_in("王芳")
    other, others_token = doors.signed_in("王芳")
    ask = {"question": "哪年？"}

    for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "x"}, {"X-CSRF-Token": others_token}):
        assert_problem(browser.post("/v1/ask", json=ask, headers=headers), 403, "csrf")
    assert_problem(browser.delete("/v1/documents/d1"), 403, "csrf")
    assert_problem(browser.post("/logout", data={"csrf_token": "0" * 64}), 403, "csrf")
    assert doors.questions.asked == []
    assert browser.post("/v1/ask", json=ask, headers={"X-CSRF-Token": token}).status_code == 200
    assert other.get("/v1/me").json()["csrf_token"] == others_token


def test_a_form_with_files_carries_the_token_first(doors: DoorSite) -> None:
    doors.account("王芳", "admin")
    browser, token = doors.signed_in("王芳")
    file = ("file", ("a.txt", "北京大学创办于1898年。" * 100, "text/plain"))

    first = browser.post("/v1/documents", files=[("csrf_token", (None, token)), file])
    last = browser.post("/v1/documents", files=[file, ("csrf_token", (None, token))])
    wrong = browser.post("/v1/documents", files=[("csrf_token", (None, "0" * 64)), file])

    assert first.status_code == 201
    assert doors.admin.uploads["a.txt"].decode() == "北京大学创办于1898年。" * 100
    assert_problem(last, 403, "csrf")
    assert_problem(wrong, 403, "csrf")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://203.0.113.1:9000"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_page_of_another_site_acts_for_nobody(doors: DoorSite, headers: dict[str, str]) -> None:
    doors.account("王芳")
    browser, token = doors.signed_in("王芳")

    asked = browser.post("/v1/ask", json={"question": "哪年？"}, headers={"X-CSRF-Token": token, **headers})
    stranger = doors.browser()
    fields = {"csrf_token": form_token(stranger), "name": "王芳", "password": PASSWORD}

    assert_problem(asked, 403, "origin")
    assert_problem(stranger.post("/login", data=fields, headers=headers), 403, "origin")


def test_the_form_must_come_from_a_page_that_this_browser_was_given(doors: DoorSite) -> None:
    doors.account("王芳")
    token = form_token(doors.browser())

    response = doors.browser().post("/login", data={"csrf_token": token, "name": "王芳", "password": PASSWORD})

    assert response.status_code == 403
    assert "请再试一次" in response.text


def test_a_browser_is_led_to_the_sign_in_page_and_back(doors: DoorSite) -> None:
    doors.account("王芳", "admin")
    browser = doors.browser()

    led = browser.get("/admin/documents?q=凉瓜", headers={"Accept": "text/html"})
    page = browser.get(led.headers["location"])
    response = sign_in(browser, "王芳", next="/admin/documents?q=凉瓜")

    assert led.status_code == 303
    assert led.headers["location"].startswith("/login?next=%2Fadmin%2Fdocuments")
    assert 'value="/admin/documents?q=' in page.text
    assert response.headers["location"] == "/admin/documents?q=%E5%87%89%E7%93%9C"
    assert_problem(doors.browser().get("/v1/documents", headers={"Accept": "text/html"}), 401, "unauthorized")


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)",
     "/a\r\nSet-Cookie: x=1", "/\t/evil.example", "", None, "/" + "a" * 3000, "evil"],
)  # fmt: skip
def test_one_is_never_sent_on_to_another_site(target: str | None) -> None:
    assert safe_target(target) == "/"


def test_guessing_is_slowed_down_and_nobody_else_is_locked_out(doors: DoorSite) -> None:
    doors.account("王芳")
    home, _ = doors.signed_in("王芳", peer="198.51.100.4")
    guesser = doors.browser(peer="192.0.2.66")

    statuses = [sign_in(guesser, "王芳", f"猜一个密码看看对不对{n}").status_code for n in range(7)]
    refused = sign_in(guesser, "王芳", PASSWORD)

    assert statuses == [401] * 5 + [429] * 2
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert sign_in(doors.browser(peer="198.51.100.4"), "王芳").status_code == 303
    assert home.get("/v1/me").status_code == 200
    doors.seconds.now += int(refused.headers["retry-after"]) + 1
    assert sign_in(guesser, "王芳").status_code == 303


def test_many_addresses_together_do_not_lock_out_who_was_there_before(doors: DoorSite) -> None:
    doors.account("王芳")
    doors.signed_in("王芳", peer="198.51.100.4")
    for n in range(70):
        sign_in(doors.browser(peer=f"192.0.2.{n}"), "王芳", "猜一个密码看看对不对吧")

    assert sign_in(doors.browser(peer="192.0.2.200"), "王芳").status_code == 429
    assert sign_in(doors.browser(peer="198.51.100.4"), "王芳").status_code == 303


def test_unknown_names_are_counted_by_address(doors: DoorSite) -> None:
    doors.account("王芳")

    statuses = [sign_in(doors.browser(), f"名字{n}", "猜一个密码看看对不对吧").status_code for n in range(31)]

    assert statuses == [401] * 30 + [429]


def test_a_link_sets_the_password_once(doors: DoorSite) -> None:
    account = doors.accounts.create("王芳", by="cli:test")
    link = doors.accounts.make_link(account.id, by="cli:test")
    browser = doors.browser()
    path = f"/login/link?token={link}"
    fields = {"link": link, "csrf_token": form_token(browser, path), "password": PASSWORD, "again": PASSWORD}

    assert browser.post("/login/link", data={**fields, "again": "别的"}).status_code == 422
    assert browser.post("/login/link", data={**fields, "password": "短", "again": "短"}).status_code == 422
    assert browser.post("/login/link", data=fields).headers["location"] == "/login?saved=1"
    assert browser.post("/login/link", data=fields).status_code == 404
    assert browser.get(path).status_code == 404
    assert sign_in(browser, "王芳").status_code == 303


def test_attempts_beyond_the_limit_do_not_fill_the_audit(doors: DoorSite) -> None:
    doors.account("王芳")
    browser = doors.browser()
    for number in range(60):
        sign_in(browser, f"王{number}", "一个不对的密码在这里")

    actions = [each.deed.action for each in doors.state.audit.find(limit=100)]

    assert actions.count("sign_in_failed") == TRIES_FROM_AN_ADDRESS
    assert actions.count("sign_in_throttled") == NOTED_REFUSALS


def test_own_sessions_are_listed_and_ended_and_nobody_elses(doors: DoorSite) -> None:
    doors.account("王芳")
    doors.account("李四")
    first, token = doors.signed_in("王芳", **{"User-Agent": "first"})
    second, _ = doors.signed_in("王芳")
    third, thirds = doors.signed_in("李四")
    listed = first.get("/v1/me/sessions").json()["sessions"]
    (its,) = third.get("/v1/me/sessions").json()["sessions"]
    others = next(each["id"] for each in listed if each["agent"] != "first")

    assert len(listed) == 2
    assert_problem(
        first.delete(f"/v1/me/sessions/{its['id']}", headers={"X-CSRF-Token": token}), 404, "account_not_found"
    )
    assert first.delete(f"/v1/me/sessions/{others}", headers={"X-CSRF-Token": token}).status_code == 204
    assert (second.get("/v1/me").status_code, third.get("/v1/me").status_code) == (401, 200)
    assert thirds


def test_the_audit_says_who_signed_in_and_who_failed_and_no_password(doors: DoorSite) -> None:
    owner = doors.account("王芳")
    browser, token = doors.signed_in("王芳")
    sign_in(doors.browser(), "王芳", "一个不对的密码在这里")
    browser.post("/logout", data={"csrf_token": token})

    entries = doors.state.audit.find(limit=100)

    said = [(each.deed.action, each.deed.actor) for each in entries]
    assert said == [
        ("signed_out", f"user:{owner}"),
        ("sign_in_failed", "stranger:203.0.113.9"),
        ("signed_in", f"user:{owner}"),
        ("account_created", "cli:test"),
    ]
    assert PASSWORD not in repr(entries)
    assert "一个不对的密码在这里" not in repr(entries)
