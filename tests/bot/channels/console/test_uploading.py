from __future__ import annotations

import json
import re

import pytest

from bot.channels.console.uploads import written_document
from bot.channels.http_problems import ProblemError
from tests.bot.channels.console.desk import Desk, visible
from tests.bot.fakes import FakeKey

NOTICE = ("停水.txt", "停水通知\n\n周三停水，请用户提前储水。\n")


def upload_id(page: str) -> str:
    found = re.search(r'data-upload="([^"]+)"', page)
    assert found
    return found[1]


def test_each_file_is_reported_and_bad_ones_stop_none_of_the_others(desk: Desk) -> None:
    page = desk.upload(NOTICE, ("报告.pdf", "x"), ("空.txt", ""), ("路.txt", "修路公告\n\n周五修路，请绕行。\n"))

    said = visible(page)
    assert "2 个文件等待确认" in said
    assert "《停水通知》" in said
    assert "报告.pdf 不支持的文件类型" in said
    assert "文件是空的" in said
    assert not desk.place.settings.uploads_dir.exists()


def test_files_are_added_when_somebody_says_so(desk: Desk) -> None:
    staged = upload_id(desk.upload(NOTICE))

    where = desk.post(f"/admin/uploads/{staged}/confirm")

    assert "文件已加入资料" in desk.get(where)
    assert [path.name for path in desk.place.settings.uploads_dir.iterdir()] == ["停水.txt"]
    assert desk.trail() == [("local", "file_added", "@uploads/停水.txt")]
    desk.post(f"/admin/uploads/{staged}/confirm", status=404)


def test_files_are_added_and_looked_at_in_one_go(desk: Desk) -> None:
    where = desk.post(f"/admin/uploads/{upload_id(desk.upload(NOTICE))}/confirm", preview="1")

    page = desk.ended(where)

    assert "停水通知" in page
    assert [action for _, action, _ in desk.trail()] == ["file_added", "reindex_previewed"]


def test_files_are_thrown_away_when_somebody_says_so(desk: Desk) -> None:
    staged = upload_id(desk.upload(NOTICE))

    desk.get(desk.post(f"/admin/uploads/{staged}/discard"))

    assert "等待确认的文件" not in desk.get("/admin/uploads")
    desk.get(f"/admin/uploads/{staged}", status=404)


def test_files_that_wait_are_listed_until_they_are_decided_about(desk: Desk) -> None:
    staged = upload_id(desk.upload(NOTICE))

    assert f"/admin/uploads/{staged}" in desk.get("/admin/uploads")
    assert "《停水通知》" in visible(desk.get(f"/admin/uploads/{staged}"))


def test_a_script_sends_file_after_file_into_the_same_upload(desk: Desk) -> None:
    part = {"HX-Request": "true", "HX-Target": "report"}
    first = desk.upload(NOTICE, headers=part)
    assert "<html" not in first
    sent = {"upload": upload_id(first)}
    both = desk.client.post(
        "/admin/uploads", data=sent, files={"file": ("路.txt", "修路公告\n\n周五修路。\n".encode())}, headers=part
    )
    assert "2 个文件等待确认" in visible(both.text)


def test_files_of_another_are_not_there_for_an_editor(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = upload_id(desk.upload(NOTICE))
    key = FakeKey("k1", ("ask", "documents"))
    monkeypatch.setattr(desk.keys, "keys", {"editor": key})
    editor, file = {"Authorization": "Bearer editor"}, {"file": ("路.txt", "修路公告\n\n周五修路。\n".encode())}
    path = f"/v1/uploads/{waiting}"

    told = [
        desk.client.get(path, headers=editor),
        desk.client.post("/v1/uploads", params={"upload_id": waiting}, files=file, headers=editor),
        desk.client.post(f"{path}/confirm", headers=editor),
        desk.client.delete(path, headers=editor),
        desk.client.get("/v1/uploads/of-nobody", headers=editor),
    ]
    own = desk.client.post("/v1/uploads", files=file, headers=editor)

    assert [each.status_code for each in told] == [404] * 5
    assert len({each.json()["detail"] for each in told}) == 1
    assert own.status_code == 201
    assert desk.client.get(own.headers["location"], headers=editor).json()["files"][0]["titles"] == ["修路公告"]


def test_what_cannot_be_taken_says_why(desk: Desk) -> None:
    desk.upload(("报告.pdf", "x"), status=422)
    assert desk.client.post("/admin/uploads", data={"upload": "x"}, files={"other": b"x"}).status_code == 404
    assert desk.client.post("/admin/uploads", files={"file": ("大.txt", b"x" * 300_000)}).status_code == 413


@pytest.mark.parametrize("name", ["../../etc/passwd.txt", "a/b.txt", "..\\x.txt", ".hidden.txt", "x\x00.txt"])
def test_names_that_lead_elsewhere_are_refused(desk: Desk, name: str) -> None:
    response = desk.client.post("/admin/uploads", files={"file": (name, b"x\n\ny")})

    assert response.status_code in (200, 400, 422)
    folder = desk.place.settings.data_dir
    assert not (folder.parent / "etc").exists()
    assert all(path.name != "passwd.txt" for path in folder.parent.rglob("*.txt"))


def test_a_typed_document_is_stored_as_it_was_typed(desk: Desk) -> None:
    text = "# 不是标题\r\n\r\n全县*总人口*83.2万人。\n---\n[链接](x)"
    where = desk.post(
        "/admin/uploads/text", title='人口/公报: "2025"', text=text, publisher="统计局", published_at="2026-01-31"
    )

    assert "《人口/公报: “" not in desk.get(where)
    assert "《人口/公报: &#34;2025&#34;》" in desk.get(where)
    desk.post(f"{where}/confirm")
    (file,) = desk.place.settings.uploads_dir.iterdir()
    line = json.loads(file.read_text(encoding="utf-8"))
    assert (line["text"], line["publisher"], line["published_at"]) == (
        text.replace("\r\n", "\n"),
        "统计局",
        "2026-01-31",
    )


@pytest.mark.parametrize(
    "given", [{}, {"title": "x"}, {"title": " ", "text": "y"}, {"title": "x", "text": "y", "published_at": "昨天"}]
)
def test_a_typed_document_without_title_text_or_a_real_date_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ProblemError):
        written_document(given)


@pytest.mark.parametrize("title", ["/", "...", "x" * 500, "𠮷𠮷", "a\nb", '<>|"?*'])
def test_any_title_makes_a_file_name_that_can_be_stored(title: str) -> None:
    from bot.uploads import checked_name

    name, _ = written_document({"title": title, "text": "文字"})
    assert checked_name(name) == name
