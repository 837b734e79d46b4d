"""What administrators order over JSON, by the real use cases: it happens, it is told, and it stands in the audit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.audit import Trail
from retrieval.snapshot import snapshot_folder
from tests.bot.channels.console.desk import Desk, opened_desk
from tests.bot.channels.console.test_keeping import missed
from tests.bot.fakes import answer
from tests.bot.http_site import assert_problem
from tests.bot.index_place import Place

SNAPSHOTS, GAPS, KEYS, UPLOADS = "/v1/admin/snapshots", "/v1/admin/gaps", "/v1/admin/keys", "/v1/uploads"
NOTICE = ("停水.txt", "停水通知\n\n周三停水，请用户提前储水。\n")


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    """Before the first index: two documents lie in the corpus."""
    with opened_desk(place) as opened:
        yield opened


@pytest.fixture
def two(desk: Desk) -> tuple[Desk, str, str]:
    """Two snapshots: the older one, and the one that serves."""
    desk.place.index()
    older = desk.place.serving()
    desk.place.write("新.txt", "新区成立\n\n新区今日成立。\n")
    desk.place.index()
    newer = desk.place.serving()
    assert older and newer
    return desk, older, newer


def test_snapshots_are_listed_and_one_is_gone_back_to(two: tuple[Desk, str, str]) -> None:
    desk, older, newer = two
    listed = desk.client.get(SNAPSHOTS).json()
    assert [(each["id"], each["serving"], each["documents"]) for each in listed["snapshots"]] == [
        (newer, True, 3),
        (older, False, 2),
    ]
    assert listed["rolled_back"] is None

    assert desk.client.post(f"{SNAPSHOTS}/{older}/rollback").json() == {"serving": older}

    assert desk.place.serving() == older
    back = desk.client.get(SNAPSHOTS).json()["rolled_back"]
    assert (back["source"], back["target"]) == (newer, older)
    assert desk.trail() == [("local", "snapshot_rolled_back", older)]


def test_a_damaged_snapshot_is_told_and_never_served(two: tuple[Desk, str, str]) -> None:
    desk, older, newer = two
    assert desk.client.post(f"{SNAPSHOTS}/{older}/verify").json() == {"id": older, "ok": True, "problem": None}
    folder = snapshot_folder(desk.place.settings.index_dir, older)
    own = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_nlink == 1]
    largest = max(own, key=lambda path: path.stat().st_size)
    largest.write_bytes(b"damaged" + largest.read_bytes()[7:])

    told = desk.client.post(f"{SNAPSHOTS}/{older}/verify").json()
    assert not told["ok"]
    assert told["problem"]
    assert desk.client.post(f"{SNAPSHOTS}/{older}/rollback").status_code == 503
    assert desk.place.serving() == newer


def test_old_snapshots_are_pruned_and_the_serving_one_stays(two: tuple[Desk, str, str]) -> None:
    desk, older, newer = two
    assert desk.client.post(f"{SNAPSHOTS}/prune", json={"keep": 1}).json() == {"removed": [older]}
    assert desk.client.post(f"{SNAPSHOTS}/prune").json() == {"removed": []}
    assert [each["id"] for each in desk.client.get(SNAPSHOTS).json()["snapshots"]] == [newer]


@pytest.mark.parametrize("order", ["rollback", "verify", "accept", "reject"])
@pytest.mark.parametrize("name", ["nope", "..", "%2E%2E%2Fx"])
def test_a_snapshot_that_is_not_there_is_not_found(desk: Desk, order: str, name: str) -> None:
    desk.place.index()
    assert desk.client.post(f"{SNAPSHOTS}/{name}/{order}").status_code == 404
    assert desk.trail() == []


def test_a_snapshot_that_does_not_wait_is_neither_accepted_nor_rejected(two: tuple[Desk, str, str]) -> None:
    desk, _, newer = two
    for order in ("accept", "reject"):
        assert desk.client.post(f"{SNAPSHOTS}/{newer}/{order}").status_code in {404, 409}
    assert desk.place.serving() == newer


def test_a_gap_is_given_to_somebody_done_and_open_again_once_it_is_asked_again(desk: Desk) -> None:
    missed(desk, "何时通水？")
    (gap,) = desk.client.get(GAPS).json()["gaps"]
    assert (gap["question"], gap["times"], gap["state"], gap["assignee"]) == ("何时通水？", 1, "open", None)

    marked = desk.client.patch(f"{GAPS}/{gap['id']}", json={"state": "done", "assignee": "王科长", "note": "已补"})
    assert (marked.json()["state"], marked.json()["assignee"], marked.json()["note"]) == ("done", "王科长", "已补")
    assert desk.client.get(GAPS, params={"state": "open"}).json()["total"] == 0
    assert desk.client.get(GAPS, params={"assignee": "王科长"}).json()["counts"]["done"] == 1

    missed(desk, "何时通水？", answer_id="a10")
    (again,) = desk.client.get(GAPS, params={"state": "open"}).json()["gaps"]
    assert (again["id"], again["times"], again["reopened"]) == (gap["id"], 2, True)
    assert ("local", "gap_done") in [each[:2] for each in desk.trail()]
    assert_problem(desk.client.patch(f"{GAPS}/nope", json={"state": "done"}), 404, "gap_not_found")


def test_gaps_are_turned_page_by_page(desk: Desk) -> None:
    for number, question in enumerate(("何时通水？", "谁是镇长？", "图书馆几点开门？")):
        missed(desk, question, answer_id=f"g{number}")

    first = desk.client.get(GAPS, params={"limit": 2}).json()
    second = desk.client.get(GAPS, params={"limit": 2, "offset": first["next_offset"]}).json()

    assert (first["total"], first["next_offset"], second["next_offset"]) == (3, 2, None)
    shown = [each["question"] for each in first["gaps"] + second["gaps"]]
    assert sorted(shown) == sorted(["何时通水？", "谁是镇长？", "图书馆几点开门？"])


def test_ratings_are_told_with_their_answers(desk: Desk) -> None:
    answers = desk.place.stores.state.answers
    answers.save(answer("北大何时创办？"), question="北大何时创办？", owner="key:1")
    answers.rate("a1", owner="key:1", rating="down", reason="outdated", comment="换了校长")

    told = desk.client.get("/v1/admin/feedback").json()

    assert (told["up"], told["down"], told["reasons"]) == (0, 1, {"outdated": 1})
    (rated,) = told["answers"]
    assert (rated["question"], rated["reason"], rated["comment"]) == ("北大何时创办？", "outdated", "换了校长")
    assert desk.client.get("/v1/admin/feedback", params={"rating": "up"}).json()["answers"] == []


def test_health_tells_of_questions_disk_and_program(desk: Desk) -> None:
    missed(desk, "何时通水？")
    told = desk.client.get("/v1/admin/health").json()
    assert (told["day"]["questions"], told["day"]["not_found"], told["hour"]["failed"]) == (1, 1, 0)
    assert 0 < told["disk_free"] <= told["disk_total"]
    assert datetime.fromisoformat(told["started_at"]).tzinfo is not None


def test_the_audit_is_turned_page_by_page_while_more_is_done(desk: Desk) -> None:
    trail = Trail(desk.place.stores.state.audit)
    for number in range(5):
        trail.record("key:1", "file_added", f"第{number}号")
    trail.record("key:2", "file_added", "别的")
    chosen = {"actor": "key:1", "limit": "2"}

    first = desk.client.get("/v1/admin/audit", params=chosen).json()
    trail.record("key:1", "file_added", "第5号")
    second = desk.client.get("/v1/admin/audit", params={**chosen, "cursor": first["next_cursor"]}).json()
    third = desk.client.get("/v1/admin/audit", params={**chosen, "cursor": second["next_cursor"]}).json()

    shown = [each["detail"] for page in (first, second, third) for each in page["entries"]]
    assert shown == ["第4号", "第3号", "第2号", "第1号", "第0号"]
    assert third["next_cursor"] is None
    assert desk.client.get("/v1/admin/audit", params={"q": "别的"}).json()["entries"][0]["actor"] == "key:2"
    assert_problem(desk.client.get("/v1/admin/audit", params={"cursor": "x"}), 422, "invalid_cursor")


def test_a_key_opens_until_its_last_day_is_over_and_is_told_once(desk: Desk) -> None:
    last = (datetime.now(UTC) + timedelta(days=30)).date()
    made = desk.client.post(
        KEYS, json={"name": "网站", "scopes": ["ask"], "expires_on": last.isoformat(), "clearance": ["内部"]}
    ).json()

    ends = datetime.fromisoformat(made["expires_at"])
    assert ends == datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    known = desk.services.keys.keys.verify(made["key"])
    assert known is not None
    assert (known.scopes, known.clearance.stated()) == (("ask",), ("内部",))
    listed = desk.client.get(KEYS)
    assert made["key"] not in listed.text
    assert [each["id"] for each in listed.json()["keys"]] == [made["id"]]

    assert desk.client.delete(f"{KEYS}/{made['id']}").json()["revoked_at"] is not None
    assert desk.services.keys.keys.verify(made["key"]) is None
    assert desk.client.delete(f"{KEYS}/{made['id']}").status_code == 422
    assert [each[1] for each in desk.trail()] == ["key_created", "key_revoked"]


@pytest.mark.parametrize(
    "wrong",
    [{"scopes": []}, {"scopes": ["root"]}, {"name": ""}, {"expires_on": date(2020, 1, 1).isoformat()},
     {"clearance": ["no label"]}, {"key": "yj_mine"}],
)  # fmt: skip
def test_what_makes_no_key_is_refused(desk: Desk, wrong: dict[str, object]) -> None:
    refused = desk.client.post(KEYS, json={"name": "网站", "scopes": ["ask"], **wrong})
    assert_problem(refused, 422, "invalid")
    assert desk.client.get(KEYS).json() == {"keys": []}


def staged(desk: Desk, *files: tuple[str, str], onto: str | None = None) -> str:
    upload = onto
    for name, text in files:
        response = desk.client.post(
            UPLOADS, params={"upload_id": upload} if upload else {}, files={"file": (name, text.encode())}
        )
        assert response.status_code == 201, response.text
        upload = response.json()["id"]
        assert response.headers["location"] == f"{UPLOADS}/{upload}"
    assert upload is not None
    return upload


def test_files_are_checked_kept_aside_and_taken_when_somebody_says_so(desk: Desk) -> None:
    upload = staged(desk, NOTICE, ("修路.txt", "修路公告\n\n周五修路，请绕行。\n"))

    waiting = desk.client.get(f"{UPLOADS}/{upload}").json()
    assert [(each["name"], each["titles"], each["replaces"]) for each in waiting["files"]] == [
        ("停水.txt", ["停水通知"], False),
        ("修路.txt", ["修路公告"], False),
    ]
    assert not desk.place.settings.uploads_dir.exists()

    taken = desk.client.post(f"{UPLOADS}/{upload}/confirm").json()["files"]
    assert [each["source_path"] for each in taken] == ["@uploads/停水.txt", "@uploads/修路.txt"]
    assert sorted(path.name for path in desk.place.settings.uploads_dir.iterdir()) == ["修路.txt", "停水.txt"]
    assert [each[:2] for each in desk.trail()] == [("local", "file_added")] * 2
    assert_problem(desk.client.post(f"{UPLOADS}/{upload}/confirm"), 404, "upload_gone")
    assert desk.client.get(f"{UPLOADS}/{staged(desk, NOTICE)}").json()["files"][0]["replaces"] is True


def test_files_are_thrown_away_when_somebody_says_so(desk: Desk) -> None:
    upload = staged(desk, NOTICE)
    assert desk.client.delete(f"{UPLOADS}/{upload}").status_code == 204
    assert_problem(desk.client.get(f"{UPLOADS}/{upload}"), 404, "upload_gone")
    assert not desk.place.settings.uploads_dir.exists()


@pytest.mark.parametrize(("name", "text"), [("报告.pdf", "x"), ("空.txt", ""), ("../../停水.txt", NOTICE[1])])
def test_a_file_that_is_no_source_is_refused_and_nothing_waits(desk: Desk, name: str, text: str) -> None:
    response = desk.client.post(UPLOADS, files={"file": (name, text.encode())})
    assert response.status_code in {400, 415, 422}, response.text
    assert not desk.place.settings.uploads_dir.exists()


@pytest.mark.parametrize("upload", ["nope", "%2E%2E%2F%2E%2E", "a" * 41])
def test_an_upload_that_is_not_there_is_not_found(desk: Desk, upload: str) -> None:
    assert desk.client.get(f"{UPLOADS}/{upload}").status_code == 404
    assert desk.client.delete(f"{UPLOADS}/{upload}").status_code == 404


def test_taken_files_answer_after_a_re_index(desk: Desk) -> None:
    desk.place.index()
    desk.client.post(f"{UPLOADS}/{staged(desk, NOTICE)}/confirm")

    started = desk.client.post("/v1/admin/reindex", json={})
    assert started.status_code == 202
    desk.ended(f"/admin/index/jobs/{started.json()['id']}")

    job = desk.client.get(f"/v1/admin/jobs/{started.json()['id']}").json()
    assert job["state"] == "succeeded"
    assert desk.client.get("/v1/documents", params={"q": "停水"}).json()["documents"][0]["title"] == "停水通知"
