"""Unanswered questions, ratings, usage, people, keys and the audit, as pages."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from urllib.parse import quote

import pytest

from bot.answers import Outcome
from bot.audit import Trail
from bot.state.people import Subject
from tests.bot.channels.console.desk import Desk, visible
from tests.bot.fakes import answer

EVIL = "<script>alert(1)</script>"


def missed(desk: Desk, question: str, *, answer_id: str = "a9") -> None:
    """Somebody asks, and nothing is found."""
    said = replace(answer(question), answer_id=answer_id, outcome=Outcome.NOT_FOUND, short_answer=None, citations=())
    desk.place.stores.state.answers.save(said, question=question, owner="key:1")
    Trail(desk.place.stores.state.audit).asked(question, said, owner="key:1")


def gap_id(page: str) -> str:
    found = re.search(r'name="id" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def test_a_gap_is_assigned_done_and_opened_again(desk: Desk) -> None:
    missed(desk, f"何时通水{EVIL}？")
    page = desk.get("/admin/gaps")
    assert "待处理 1" in visible(page)
    assert EVIL not in page

    saved = desk.get(
        desk.post("/admin/gaps/mark", id=gap_id(page), state="open", shown="open", assignee="王科长", note=EVIL)
    )
    assert "王科长" in visible(saved)
    assert EVIL not in saved
    assert "已标为完成" in desk.get(desk.post("/admin/gaps/mark", id=gap_id(page), state="done", shown="open"))
    assert "已完成 1" in visible(desk.get("/admin/gaps"))
    desk.post("/admin/gaps/mark", id=gap_id(page), state="open", shown="done")
    assert "待处理 1" in visible(desk.get("/admin/gaps"))
    assert [action for actor, action, _ in desk.trail() if actor == "local"] == ["gap_open", "gap_done", "gap_open"]


def test_a_document_can_be_added_for_a_gap(desk: Desk) -> None:
    missed(desk, "何时通水？")
    found = re.search(r'href="(/admin/uploads\?for=[^"]+)"', desk.get("/admin/gaps"))
    assert found
    assert "为这个问题补充资料：何时通水？" in desk.get(found[1])


@pytest.mark.parametrize(("gap", "state", "status"), [("nope", "done", 404), ("", "", 422)])
def test_a_gap_or_state_that_does_not_exist_is_refused(desk: Desk, gap: str, state: str, status: int) -> None:
    desk.post("/admin/gaps/mark", id=gap, state=state, status=status)


def test_ratings_are_listed_by_reason(desk: Desk) -> None:
    state = desk.place.stores.state
    state.answers.save(answer("北大何时创办？"), question=f"北大何时创办？{EVIL}", owner="key:1")
    state.answers.rate("a1", owner="key:1", rating="down", reason="outdated", comment=EVIL)

    page = desk.get("/admin/feedback")

    assert "过时 1" in visible(page)
    assert "北大何时创办" in page
    assert EVIL not in page
    assert "还没有评价" in desk.get("/admin/feedback?rating=up&days=9999")


def test_usage_is_a_table_that_a_script_can_draw(desk: Desk) -> None:
    assert "没有人提问" in desk.get("/admin/usage")
    missed(desk, "何时通水？")

    page = desk.get("/admin/usage?days=7")

    assert 'data-series="outcomes">未找到<' in page
    assert 'data-chart="latency"' in page
    assert page.count('scope="row"') == 7


def test_people_are_approved_made_administrators_and_removed(desk: Desk) -> None:
    desk.services.people.request(Subject(7, f"王{EVIL}", "wang"))
    page = desk.get("/admin/people")
    assert EVIL not in page
    assert "申请中" in page
    assert "1 人申请使用 Telegram" in desk.get("/admin")

    for order, said in (
        ("approve", "已批准"),
        ("admin", "已设为管理员"),
        ("user", "已设为普通用户"),
        ("remove", "已移除"),
    ):
        assert said in desk.get(desk.post("/admin/people", id="7", order=order))
    assert [action for actor, action, _ in desk.trail() if actor == "local"] == [
        "access_approved",
        "made_admin",
        "made_user",
        "access_removed",
    ]
    desk.post("/admin/people", id="7", order="crown", status=422)
    desk.post("/admin/people", id="zz", order="approve", status=404)


def test_a_key_is_shown_once_and_revoked(desk: Desk) -> None:
    page = desk.post("/admin/keys", status=200, name="网站", scope_ask="1", scope_documents="1")
    found = re.search(r'value="(yj_[^"]+)"', page)
    assert found
    info = desk.services.keys.keys.verify(found[1])
    assert info is not None
    assert info.scopes == ("ask", "documents")
    assert "no-store" in desk.client.get("/admin/keys").headers["cache-control"]
    assert found[1] not in desk.get("/admin/keys")

    desk.get(desk.post("/admin/keys/revoke", id=info.id))

    assert desk.services.keys.keys.verify(found[1]) is None
    assert [action for _, action, _ in desk.trail()] == ["key_created", "key_revoked"]
    assert all(found[1] not in detail for _, _, detail in desk.trail())
    desk.post("/admin/keys", name="", scope_ask="1", status=422)
    desk.post("/admin/keys", name="无权", status=422)


def test_a_key_is_made_for_labels_and_until_the_end_of_a_day(desk: Desk) -> None:
    last = (datetime.now().astimezone() + timedelta(days=40)).date()
    page = desk.post(
        "/admin/keys", status=200, name="网站", scope_ask="1", clearance="内部，机密", expires=last.isoformat()
    )

    (key,) = desk.services.keys.list_keys()
    assert set(key.clearance.stated()) == {"内部", "机密"}
    assert key.expires_at == datetime.combine(last + timedelta(days=1), time()).astimezone(UTC)
    assert "内部" in visible(page)
    assert last.isoformat() in page or (last + timedelta(days=1)).isoformat() in page


@pytest.mark.parametrize("wrong", [{"clearance": "no/label"}, {"expires": "2020-01-01"}, {"expires": "soon"}])
def test_a_key_for_labels_or_a_day_that_make_no_sense_is_refused(desk: Desk, wrong: dict[str, str]) -> None:
    desk.post("/admin/keys", wrong, status=422, name="网站", scope_ask="1")
    assert desk.services.keys.list_keys() == []


def test_the_audit_is_filtered_and_turned_page_by_page(desk: Desk) -> None:
    for number in range(120):
        desk.services.trail.record("user:1" if number % 2 else "key:1", "file_added", f"第{number:03}号{EVIL}")

    page = desk.get("/admin/audit?actor=user:1")
    assert "共 60 条" in page
    assert EVIL not in page
    assert "第119号" in page
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following
    older = desk.get(following[1].replace("&amp;", "&"))
    assert "第019号" in older
    assert "第000号" not in older
    assert "共 1 条" in desk.get("/admin/audit?q=" + quote("第007号"))
    assert "没有这样的记录" in desk.get("/admin/audit?since=2999-01-01")
    for junk in ("since=x&until=0001-01-01", "before=x", "until=9999-12-31", "since=0001-01-01", "q=%00"):
        desk.get(f"/admin/audit?{junk}")


def test_the_audit_is_exported_whole_with_its_filter_and_that_is_kept_too(desk: Desk) -> None:
    for number in range(1200):
        desk.services.trail.record("key:1", "file_added", f"=第{number}号")
    desk.services.trail.record("key:2", "file_added", "别的")

    response = desk.client.get("/admin/audit/export.csv?actor=key:1")
    rows = list(csv.reader(io.StringIO(response.text.removeprefix("\ufeff"))))
    lines = desk.get("/admin/audit/export.jsonl?actor=key:1").splitlines()

    assert "attachment" in response.headers["content-disposition"]
    assert [row[5] for row in rows[1:]] == [f"'=第{number}号" for number in range(1200)]
    assert [json.loads(each)["detail"] for each in lines] == [f"=第{number}号" for number in range(1200)]
    assert [each[:2] for each in desk.trail()[-2:]] == [("local", "audit_exported")] * 2
