"""Who is let into the console: signed in, with the token of the page, cleared for what they see."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from bot.state.accounts import ADMIN, EDITOR, USER
from corpus.visibility import clearance_of
from tests.bot.channels.console.desk import Desk, visible

PASSWORD = "河清海晏时和岁丰又一年也"
HTML = {"Accept": "text/html", "Origin": "http://127.0.0.1:8000"}


def signed_in(desk: Desk, role: str, *labels: str, name: str = "王科长") -> str:
    """Sign somebody in; the token of their pages."""
    desk.services.accounts.create(name, role, clearance_of(labels), by="cli", password=PASSWORD)
    login = desk.client.get("/login", headers=HTML)
    token = re.search(r'name="csrf_token" value="([^"]+)"', login.text)
    fields = {"name": name, "password": PASSWORD, **({"csrf_token": token[1]} if token else {})}
    done = desk.client.post("/login", data=fields, headers=HTML, follow_redirects=False)
    assert done.status_code == 303, done.text
    page = desk.client.get("/admin/documents", headers=HTML)
    found = re.search(r'<meta name="csrf-token" content="([^"]+)">', page.text)
    return found[1] if found else ""


def test_whoever_is_not_signed_in_is_asked_to(desk: Desk) -> None:
    desk.services.accounts.create("王科长", ADMIN, by="cli")
    response = desk.client.get("/admin/audit?q=x", headers=HTML, follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"] == "/login?next=" + quote("/admin/audit?q=x", safe="")


def test_an_act_needs_the_token_of_its_page(indexed: Desk) -> None:
    token = signed_in(indexed, ADMIN)
    document_id = indexed.document_id("清溪镇凉瓜丰收")

    for given in ({}, {"csrf_token": "0" * 64}):
        refused = indexed.client.post("/admin/documents/retire", data={"id": document_id, **given}, headers=HTML)
        assert refused.status_code == 403
    assert "清溪镇凉瓜丰收" in indexed.get("/admin/documents")
    page = indexed.get("/admin/documents/view?id=" + quote(document_id))
    assert page.count(f'name="csrf_token" value="{token}"') == page.count("<form")

    done = indexed.client.post(
        "/admin/documents/retire", data={"id": document_id, "csrf_token": token}, headers=HTML, follow_redirects=False
    )
    assert done.status_code == 303
    actor, action, _ = indexed.trail()[-1]
    assert (actor[:5], action) == ("user:", "document_retired")


def test_files_are_sent_with_the_token_in_the_form_or_in_a_header(desk: Desk) -> None:
    token = signed_in(desk, EDITOR)
    files = {"file": ("停水.txt", "停水通知\n\n周三停水。\n".encode())}
    assert desk.client.post("/admin/uploads", files=files, headers=HTML).status_code == 403
    by_form = desk.client.post("/admin/uploads", data={"csrf_token": token}, files=files, headers=HTML)
    by_header = desk.client.post("/admin/uploads", files=files, headers=HTML | {"X-CSRF-Token": token})
    assert (by_form.status_code, by_header.status_code) == (200, 200)


def test_an_editor_sees_documents_alone(desk: Desk) -> None:
    signed_in(desk, EDITOR)
    page = desk.get("/admin/documents")
    assert "/admin/uploads" in page
    assert "/admin/audit" not in page
    for path in ("/admin/audit", "/admin/keys", "/admin/accounts", "/admin/index", "/admin/snapshots"):
        desk.get(path, status=403)


def test_a_user_sees_nothing_of_the_console(desk: Desk) -> None:
    signed_in(desk, USER)
    for path in ("/admin", "/admin/documents", "/admin/uploads", "/admin/audit"):
        desk.get(path, status=403)


@pytest.mark.parametrize(("labels", "seen"), [((), False), (("人事",), False), (("内部",), True), (("*",), True)])
def test_an_editor_sees_documents_they_are_cleared_for_alone(desk: Desk, labels: tuple[str, ...], seen: bool) -> None:
    desk.place.write(
        "内部.jsonl", '{"id": "n1", "title": "内部方案", "text": "方案预算300万元。", "visibility": "内部"}\n'
    )
    desk.place.index()
    token = signed_in(desk, EDITOR, *labels)

    page = desk.get("/admin/documents")
    assert ("内部方案" in page) == seen
    assert ("共 3 篇" in page) == seen
    assert ("内部方案" in desk.get("/admin/documents?q=" + quote("方案"))) == seen
    assert ("共 1 篇" in desk.get("/admin/documents?label=" + quote("内部"))) == seen
    desk.get("/admin/documents/view?id=n1", status=200 if seen else 404)
    retired = desk.client.post(
        "/admin/documents/retire", data={"id": "n1", "csrf_token": token}, headers=HTML, follow_redirects=False
    )
    assert retired.status_code == (303 if seen else 404)


def test_what_waits_is_for_who_sent_it_and_for_administrators(desk: Desk) -> None:
    staged = desk.services.admin.stage_upload(None, "停水.txt", "停水通知\n\n周三停水。".encode(), by="user:other")
    token = signed_in(desk, EDITOR)
    assert "停水" not in desk.get("/admin/uploads")
    desk.get(f"/admin/uploads/{staged.id}", status=404)
    for order in ("confirm", "discard"):
        assert (
            desk.client.post(
                f"/admin/uploads/{staged.id}/{order}", data={"csrf_token": token}, headers=HTML
            ).status_code
            == 404
        )
    files = {"file": ("路.txt", "修路公告\n\n周五修路。\n".encode())}
    sent = desk.client.post(
        "/admin/uploads", data={"csrf_token": token, "upload": staged.id}, files=files, headers=HTML
    )
    assert sent.status_code == 404

    desk.client.cookies.clear()
    signed_in(desk, ADMIN, name="局长")
    assert "停水通知" in desk.get(f"/admin/uploads/{staged.id}")


def test_the_first_account_is_made_on_this_machine_and_its_holder_sets_the_password(desk: Desk) -> None:
    assert "还没有账号" in desk.get("/admin/accounts")
    page = desk.post("/admin/accounts", status=200, name="王科长", role="admin", clearance="")
    link = re.search(r'value="http://127\.0\.0\.1:8000(/login/link\?token=[^"]+)"', page)
    assert link
    assert "set-cookie" not in desk.client.get("/livez").headers
    assert desk.client.get("/admin", headers=HTML, follow_redirects=False).status_code == 303
    assert "王科长" in desk.client.get(link[1].replace("&amp;", "&"), headers=HTML).text
    secret = link[1].partition("token=")[2]
    assert all(secret not in detail for _, _, detail in desk.trail())


def test_accounts_are_changed_signed_out_and_disabled(desk: Desk) -> None:
    token = signed_in(desk, ADMIN)
    other = desk.services.accounts.create("李科员", USER, by="cli", password=PASSWORD)

    def change(**fields: str) -> int:
        sent = {"csrf_token": token, "id": other.id, **fields}
        return desk.client.post("/admin/accounts/change", data=sent, headers=HTML, follow_redirects=False).status_code

    assert change(order="role", role="editor") == 303
    assert change(order="clearance", clearance="内部，人事") == 303
    assert change(order="sign_out") == 303
    assert change(order="disable") == 303
    changed = desk.services.accounts.account(other.id)
    assert (changed.role, changed.clearance.stated(), changed.disabled_at is None) == (
        "editor",
        ("人事", "内部"),
        False,
    )
    assert change(order="enable") == 303
    assert change(order="role", role="king") == 422
    assert change(order="clearance", clearance="a b;c") == 422
    assert change(order="crown") == 422
    own = next(each for each in desk.services.accounts.everyone() if each.role == ADMIN)
    assert (
        desk.client.post(
            "/admin/accounts/change", data={"csrf_token": token, "id": own.id, "order": "disable"}, headers=HTML
        ).status_code
        == 422
    )
    page = visible(desk.get("/admin/accounts"))
    assert "李科员" in page
    assert "人事" in page


def test_a_key_has_labels_and_an_end(desk: Desk) -> None:
    desk.post("/admin/keys", status=200, name="网站", scope_ask="1", clearance="内部", expires="2999-12-31")
    (key,) = desk.services.keys.list_keys()
    assert key.clearance.stated() == ("内部",)
    assert key.expires_at is not None
    assert key.expires_at.year in (2999, 3000)
    for wrong in ({"expires": "2001-01-01"}, {"expires": "x"}, {"clearance": "a;b"}):
        desk.post("/admin/keys", wrong, status=422, name="别的", scope_ask="1")


def test_labels_are_given_to_people_of_telegram(desk: Desk) -> None:
    desk.post("/admin/people", id="7", order="approve")
    desk.post("/admin/people", id="7", order="clearance", clearance="内部")
    assert desk.services.people.get(7).clearance.stated() == ("内部",)
    assert 'value="内部"' in desk.get("/admin/people")
    desk.post("/admin/people", id="7", order="clearance", clearance="a;b", status=422)
