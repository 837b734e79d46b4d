"""Accounts of people over JSON, by real use cases: made, changed, signed out, disabled, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from bot.state.audit_pages import AuditFilter
from tests.bot.channels.console.desk import Desk, opened_desk
from tests.bot.door_site import PASSWORD, form_token, sign_in
from tests.bot.http_site import assert_problem
from tests.bot.index_place import Place

PATH = "/v1/admin/accounts"


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    with opened_desk(place) as opened:
        yield opened


@pytest.fixture
def boss(desk: Desk) -> TestClient:
    """A browser in which an administrator is signed in, with the token that every change needs."""
    desk.services.accounts.create("局长", "admin", by="cli:test", password=PASSWORD)
    assert sign_in(desk.client, "局长").status_code in {200, 303}
    desk.client.headers["X-CSRF-Token"] = desk.client.get("/v1/me").json()["csrf_token"]
    return desk.client


def made(client: TestClient, name: str = "王芳", **more: object) -> dict[str, object]:
    response = client.post(PATH, json={"name": name, **more})
    assert response.status_code == 201, response.text
    assert response.headers["location"] == f"{PATH}/{response.json()['id']}"
    found: dict[str, object] = response.json()
    return found


def visitor(desk: Desk) -> TestClient:
    """Another browser of this machine."""
    return TestClient(
        desk.client.app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50001), follow_redirects=False
    )


def test_whoever_an_account_is_made_for_sets_the_password_by_its_link(desk: Desk, boss: TestClient) -> None:
    account = made(boss, clearance=["内部"])
    link = urlsplit(str(account["link"]))
    assert (account["role"], account["clearance"], account["has_password"]) == ("user", ["内部"], False)

    other = visitor(desk)
    address = f"{link.path}?{link.query}"
    fields = {"link": link.query.removeprefix("token="), "password": PASSWORD, "again": PASSWORD}
    assert other.post("/login/link", data={**fields, "csrf_token": form_token(other, address)}).status_code == 303
    assert sign_in(other, "王芳").status_code == 303

    shown = boss.get(f"{PATH}/{account['id']}").json()
    assert (shown["has_password"], shown["sessions"]) == (True, 1)
    assert other.get("/v1/me").json()["clearance"] == ["内部"]
    assert other.get(address).status_code == 404
    assert_problem(other.get(PATH), 403, "scope")


def test_all_accounts_are_listed_by_name_without_secrets(boss: TestClient) -> None:
    made(boss, "b", role="editor")
    made(boss, "a")

    listed = boss.get(PATH)

    assert [(each["name"], each["role"], each["sessions"]) for each in listed.json()["accounts"]] == [
        ("a", "user", 0),
        ("b", "editor", 0),
        ("局长", "admin", 1),
    ]
    assert "link" not in listed.text
    assert "argon2" not in listed.text


def test_role_and_clearance_change_at_once_and_what_is_left_out_stays(desk: Desk, boss: TestClient) -> None:
    account = made(boss, clearance=["内部"])

    changed = boss.patch(f"{PATH}/{account['id']}", json={"role": "editor"}).json()
    assert (changed["role"], changed["clearance"]) == ("editor", ["内部"])
    emptied = boss.patch(f"{PATH}/王芳", json={"clearance": []}).json()
    assert (emptied["role"], emptied["clearance"]) == ("editor", [])
    assert boss.patch(f"{PATH}/王芳", json={"clearance": ["*"]}).json()["clearance"] == ["*"]
    assert boss.patch(f"{PATH}/王芳", json={}).json()["role"] == "editor"

    by = f"user:{boss.get(PATH + '/局长').json()['id']}"
    deeds = desk.services.audit.page(AuditFilter(actor=by), before=None, limit=50)
    done = [each.deed.action for each in reversed(deeds) if each.deed.action.startswith("account")]
    assert done == [
        "account_created", "account_link_made", "account_role_set", "account_clearance_set", "account_clearance_set",
    ]  # fmt: skip


def test_disabling_signs_out_and_enabling_lets_in_again(desk: Desk, boss: TestClient) -> None:
    account = desk.services.accounts.create("王芳", by="cli:test", password=PASSWORD)
    other = visitor(desk)
    assert sign_in(other, "王芳").status_code == 303

    disabled = boss.patch(f"{PATH}/{account.id}", json={"disabled": True}).json()

    assert disabled["disabled_at"] is not None
    assert disabled["sessions"] == 0
    assert other.get("/v1/me").status_code == 401
    assert sign_in(other, "王芳").status_code == 401
    assert boss.patch(f"{PATH}/{account.id}", json={"disabled": False}).json()["disabled_at"] is None
    assert sign_in(other, "王芳").status_code == 303


def test_sessions_are_listed_and_ended(desk: Desk, boss: TestClient) -> None:
    account = desk.services.accounts.create("王芳", by="cli:test", password=PASSWORD)
    other = visitor(desk)
    sign_in(other, "王芳")

    (session,) = boss.get(f"{PATH}/{account.id}/sessions").json()["sessions"]
    assert session["address"] == "127.0.0.1"
    assert boss.delete(f"{PATH}/{account.id}/sessions").json() == {"ended": 1}
    assert boss.get(f"{PATH}/{account.id}/sessions").json() == {"sessions": []}
    assert other.get("/v1/me").status_code == 401


def test_another_link_leaves_the_password_until_it_is_used(desk: Desk, boss: TestClient) -> None:
    desk.services.accounts.create("王芳", by="cli:test", password=PASSWORD)

    again = boss.post(f"{PATH}/王芳/link").json()

    assert again["link"].startswith("http://127.0.0.1:8000/login/link?token=")
    assert again["valid_hours"] == 24
    assert sign_in(visitor(desk), "王芳").status_code == 303


@pytest.mark.parametrize("change", [{"role": "user"}, {"disabled": True}, {"disabled": True, "clearance": ["内部"]}])
def test_the_only_administrator_stays_one_and_nothing_of_the_request_is_done(
    boss: TestClient, change: dict[str, object]
) -> None:
    before = boss.get(f"{PATH}/局长").json()

    assert_problem(boss.patch(f"{PATH}/局长", json=change), 422, "account")

    assert boss.get(f"{PATH}/局长").json() == before


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid"),
        ({"name": ""}, "invalid"),
        ({"name": "a" * 65}, "invalid"),
        ({"name": "<b>"}, "account"),
        ({"name": "局长"}, "account"),
        ({"name": "王芳", "role": "root"}, "invalid"),
        ({"name": "王芳", "clearance": ["no label"]}, "invalid"),
        ({"name": "王芳", "password": PASSWORD}, "invalid"),
    ],
)
def test_what_makes_no_account_is_refused(boss: TestClient, body: dict[str, object], code: str) -> None:
    assert_problem(boss.post(PATH, json=body), 422, code)
    assert len(boss.get(PATH).json()["accounts"]) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("PATCH", ""), ("POST", "/link"), ("GET", "/sessions"), ("DELETE", "/sessions")],
)
def test_an_unknown_account_is_not_found(boss: TestClient, method: str, path: str) -> None:
    body = {"role": "user"} if method == "PATCH" else None
    assert_problem(boss.request(method, f"{PATH}/nobody{path}", json=body), 404, "account_not_found")


def test_a_disabled_account_gets_no_link(desk: Desk, boss: TestClient) -> None:
    desk.services.accounts.create("王芳", by="cli:test", password=PASSWORD)
    desk.services.accounts.disable("王芳", by="cli:test")
    assert_problem(boss.post(f"{PATH}/王芳/link"), 422, "account")


def test_a_change_without_the_token_of_the_session_is_refused(boss: TestClient) -> None:
    del boss.headers["X-CSRF-Token"]
    assert_problem(boss.post(PATH, json={"name": "王芳"}), 403, "csrf")
