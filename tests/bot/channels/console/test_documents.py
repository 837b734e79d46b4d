from __future__ import annotations

import json
from urllib.parse import quote

from tests.bot.channels.console.desk import Desk, visible

GUA, LU = "清溪镇凉瓜丰收", "东江大桥今日通车"


def test_documents_are_listed_and_found_by_their_names_in_either_script(indexed: Desk) -> None:
    assert "共 2 篇" in indexed.get("/admin/documents")
    found = indexed.get("/admin/documents?q=" + quote("清溪鎮"))
    assert GUA in found
    assert LU not in found
    assert "没有这样的文档" in indexed.get("/admin/documents?q=" + quote("火星"))


def test_a_search_without_leaving_the_page_gets_the_list_alone(indexed: Desk) -> None:
    part = indexed.get("/admin/documents?q=", headers={"HX-Request": "true", "HX-Target": "results"})
    assert "<html" not in part
    assert GUA in part


def test_a_document_is_shown_with_its_text_and_its_passages(indexed: Desk) -> None:
    page = visible(indexed.get("/admin/documents/view?id=" + quote(indexed.document_id(GUA))))
    assert "产值达1.3亿元" in page
    assert "gua.txt" in page
    assert "第 0–" in page


def test_an_unknown_document_is_a_page_that_says_so(indexed: Desk) -> None:
    page = indexed.get("/admin/documents/view?id=nope", status=404)
    assert "没有文档" in page
    assert 'role="alert"' in page


def test_a_document_is_retired_and_restored_by_forms_and_both_are_in_the_audit(indexed: Desk) -> None:
    document_id = indexed.document_id(GUA)

    retired = indexed.post("/admin/documents/retire", id=document_id)
    page = indexed.get(retired)
    assert "已停用。" in page
    assert GUA not in indexed.get("/admin/documents")
    assert GUA in indexed.get("/admin/documents?state=retired")

    indexed.get(indexed.post("/admin/documents/restore", id=document_id))
    assert GUA in indexed.get("/admin/documents")
    assert indexed.trail() == [("local", "document_retired", document_id), ("local", "document_restored", document_id)]


def test_an_uploaded_file_can_be_deleted_and_one_of_the_corpus_cannot(indexed: Desk) -> None:
    uploads = indexed.place.settings.uploads_dir
    uploads.mkdir(parents=True, exist_ok=True)
    (uploads / "通知.txt").write_text("停水通知\n\n周三停水，请用户提前储水。\n", encoding="utf-8")
    (uploads / "通知.txt.meta.yaml").write_text("publisher: 水务局\n", encoding="utf-8")
    indexed.place.index()
    page = indexed.get("/admin/documents/view?id=" + quote(indexed.document_id("停水通知")))
    assert "删除文件" in page
    assert "删除文件" not in indexed.get("/admin/documents/view?id=" + quote(indexed.document_id(GUA)))

    indexed.post("/admin/files/delete", name="通知.txt")

    assert list(uploads.iterdir()) == []
    assert indexed.trail() == [("local", "file_deleted", "@uploads/通知.txt")]
    indexed.post("/admin/files/delete", name="通知.txt", status=404)
    for name in ("../gua.txt", "gua.txt", "/etc/passwd.txt", ""):
        assert indexed.client.post("/admin/files/delete", data={"name": name}).status_code in (404, 422)
    assert (indexed.place.corpus / "gua.txt").exists()


def test_what_documents_and_files_are_called_is_never_taken_for_markup(indexed: Desk) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    line = {"id": "x", "title": evil, "text": "<b onclick=evil()>文字</b>"}
    indexed.place.write("坏.jsonl", json.dumps(line) + "\n")
    indexed.place.index()

    for page in ("/admin/documents", "/admin/documents/view?id=x", "/admin/documents?q=" + quote(evil)):
        text = indexed.get(page)
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "<b onclick" not in text
