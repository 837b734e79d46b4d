"""Health, passages, feedback, documents, uploads and jobs over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from corpus.documents import Document
from corpus.visibility import PUBLIC_ONLY, Clearance
from retrieval.errors import NoSnapshotError
from tests.bot.fakes import DOCUMENT, PASSAGES
from tests.bot.http_site import Site, assert_problem


def test_health(site: Site) -> None:
    assert site.client.get("/livez").json()["status"] == "alive"
    assert site.client.get("/readyz").json() == {"status": "ready", "snapshot": "s1", "index": {"embedded": 0.25}}
    assert site.client.head("/readyz").status_code == 200

    site.ready_error = NoSnapshotError("还没有索引")

    body = assert_problem(site.client.get("/readyz"), 503, "no_index")
    assert "yiju index" in str(body["detail"])
    assert site.client.get("/livez").status_code == 200
    assert site.client.head("/readyz").content == b""


def test_root_says_how_to_ask(site: Site) -> None:
    response = site.client.get("/")

    assert response.status_code == 200
    assert "/v1/ask" in response.text
    assert "127.0.0.1:8000" in response.text


def test_passage_comes_with_document_and_neighbours(site: Site) -> None:
    body = site.client.get("/v1/passages/p1").json()

    assert set(body) == {"passage", "document", "previous", "next"}
    assert body["passage"]["text"] == PASSAGES[0].text
    assert body["previous"] is None
    assert body["next"]["heading"] == "规模"
    assert_problem(site.client.get("/v1/passages/none"), 404, "not_found")


def test_feedback_is_kept_with_its_owner(site: Site) -> None:
    response = site.client.post(
        "/v1/answers/a1/feedback", json={"rating": "down", "reason": "wrong", "comment": "不对"}
    )

    assert (response.status_code, response.content) == (204, b"")
    assert site.questions.rated == [("a1", "local", "down", "wrong", "不对")]
    assert_problem(site.client.post("/v1/answers/zz/feedback", json={"rating": "up"}), 404, "answer_not_found")
    assert_problem(site.client.post("/v1/answers/a1/feedback", json={"rating": "good"}), 422, "invalid")


def test_documents_are_listed_in_pages(site: Site) -> None:
    first = site.client.get("/v1/documents", params={"limit": 3}).json()
    second = site.client.get("/v1/documents", params={"limit": 3, "offset": first["next_offset"]}).json()

    assert [each["id"] for each in first["documents"] + second["documents"]] == ["d1", "d2", "d3", "d4", "d5"]
    assert (first["total"], first["next_offset"], second["next_offset"]) == (5, 3, None)
    for bad in ({"limit": 0}, {"limit": 501}, {"offset": -1}, {"offset": 10**30}, {"limit": "abc"}):
        assert_problem(site.client.get("/v1/documents", params=bad), 422, "invalid")


def test_retired_document_is_gone_until_restored(site: Site) -> None:
    assert site.client.delete("/v1/documents/d1").status_code == 204
    assert_problem(site.client.get("/v1/documents/d1"), 404, "not_found")
    assert site.client.get("/v1/documents", params={"retired": "true"}).json()["total"] == 1

    restored = site.client.post("/v1/documents/d1/restore")

    assert restored.json() == {"id": "d1", "retired": False, "indexed": True}
    assert site.client.get("/v1/documents/d1").status_code == 200
    assert_problem(site.client.delete("/v1/documents/none"), 404, "not_found")


@pytest.mark.parametrize("path", ["镇/年报", "%E9%95%87%2F%E5%B9%B4%E6%8A%A5"])
def test_a_document_whose_id_holds_a_slash_can_be_read_and_retired(
    site: Site, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    asked: list[str] = []

    def document(document_id: str, *, clearance: Clearance = PUBLIC_ONLY) -> Document:
        asked.append(document_id)
        return DOCUMENT

    def retire(document_id: str, *, by: str, clearance: Clearance) -> None:
        asked.append(document_id)

    def restore(document_id: str, *, by: str, clearance: Clearance) -> bool:
        asked.append(document_id)
        return True

    monkeypatch.setattr(site.admin, "document", document)
    monkeypatch.setattr(site.admin, "retire", retire)
    monkeypatch.setattr(site.admin, "restore", restore)

    statuses = [
        site.client.get(f"/v1/documents/{path}").status_code,
        site.client.delete(f"/v1/documents/{path}").status_code,
        site.client.post(f"/v1/documents/{path}/restore").status_code,
    ]

    assert (statuses, asked) == ([200, 204, 200], ["镇/年报"] * 3)


def test_upload_is_taken_in(site: Site) -> None:
    first = site.client.post("/v1/documents", files={"file": ("通知.txt", "正文。".encode())})
    again = site.client.post("/v1/documents", files={"file": ("通知.txt", "新正文。".encode())})

    assert (first.status_code, first.json()) == (
        201,
        {"source_path": "@uploads/通知.txt", "size_bytes": 9, "replaced": False},
    )
    assert (again.status_code, again.json()["replaced"]) == (200, True)
    assert site.admin.uploads == {"通知.txt": "新正文。".encode()}


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/passwd.txt", "a\\b.txt", ".hidden.txt", "..", "a\u202etxt.md"])
def test_upload_names_cannot_leave_the_folder(site: Site, name: str) -> None:
    response = site.client.post("/v1/documents", files={"file": (name, b"x")})

    assert response.status_code in (422, 400)
    assert site.admin.uploads == {}


def test_upload_of_wrong_type_is_415_and_without_file_422(site: Site) -> None:
    assert_problem(site.client.post("/v1/documents", files={"file": ("a.exe", b"x")}), 415, "upload_type")
    assert_problem(site.client.post("/v1/documents", json={"file": "x"}), 415, "unsupported_media_type")
    assert_problem(site.client.post("/v1/documents", files={"other": ("a.txt", b"x")}), 422, "invalid")


def test_large_upload_is_413(site: Site) -> None:
    assert_problem(site.client.post("/v1/documents", files={"file": ("a.txt", b"x" * 9000)}), 413, "too_large")
    boundary = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'

    def endless() -> Iterator[bytes]:
        yield boundary
        for _ in range(100):
            yield b"x" * 1000

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert_problem(site.client.post("/v1/documents", content=endless(), headers=headers), 413, "too_large")
    assert site.admin.uploads == {}


def test_broken_multipart_is_400(site: Site) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=b"):
        response = site.client.post("/v1/documents", content=b"no boundary here", headers={"Content-Type": kind})
        assert response.status_code in (400, 422)
        assert response.headers["content-type"] == "application/problem+json"


def test_reindex_starts_a_job_and_names_the_running_one(site: Site) -> None:
    started = site.client.post("/v1/admin/reindex", json={"full": True})

    assert started.status_code == 202
    assert started.headers["location"] == "/v1/admin/jobs/j1"
    assert started.json()["id"] == "j1"
    assert site.admin.started == [(True, False, False, "local")]
    job = site.client.get("/v1/admin/jobs/j1").json()
    assert {"id", "state", "done", "total", "report", "error"} <= set(job)
    conflict = assert_problem(site.client.post("/v1/admin/reindex"), 409, "job_running")
    assert (conflict["job_id"], "j1" in str(conflict["detail"])) == ("j1", True)
    assert_problem(site.client.get("/v1/admin/jobs/zz"), 404, "job_not_found")


@pytest.mark.parametrize("order", ["pause", "resume", "stop"])
def test_a_job_is_paused_resumed_and_stopped(site: Site, order: str) -> None:
    site.client.post("/v1/admin/reindex")

    ordered = site.client.post(f"/v1/admin/jobs/j1/{order}")

    assert ordered.status_code == 202
    assert site.admin.orders == [(order, "local")]
    body = ordered.json()
    assert (body["phase"], body["rate"], body["eta_seconds"]) == ("embedding", 2.5, 2.8)
    assert (body["paused"], body["stop_asked_by"]) == (order == "pause", "local" if order == "stop" else None)
    assert_problem(site.client.post(f"/v1/admin/jobs/zz/{order}"), 404, "job_not_found")
    site.admin.ended = True
    assert_problem(site.client.post(f"/v1/admin/jobs/j1/{order}"), 409, "job_ended")


def test_status_tells_index_and_jobs(site: Site) -> None:
    before = site.client.get("/v1/admin/status").json()
    site.client.post("/v1/admin/reindex")
    after = site.client.get("/v1/admin/status").json()

    assert (before["embedded_share"], before["blocked"], before["paused_by"]) == (0.25, ["s2"], "local")
    assert before["last_job"] is None
    assert after["last_job"]["id"] == "j1"
    site.admin.loading = True
    assert_problem(site.client.get("/v1/admin/status"), 503, "not_ready")


def test_reindex_needs_no_body(site: Site) -> None:
    assert site.client.post("/v1/admin/reindex").status_code == 202
    assert site.admin.started == [(False, False, False, "local")]
