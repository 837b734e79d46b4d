"""Listing sources, telling changes, and reading a file without ever raising for its content."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path

import pytest

from corpus.errors import SourceNotFoundError
from corpus.intake import SourceFile, fingerprint, list_sources, read_source
from corpus.loaders import text_files

TEXT = "杜阮凉瓜产业链总产值达1.3亿元，种植面积650多亩。"


def source(location: Path, text: str | bytes = TEXT) -> SourceFile:
    location.parent.mkdir(parents=True, exist_ok=True)
    location.write_bytes(text if isinstance(text, bytes) else text.encode())
    return SourceFile(location.name, location)


def test_sources_are_listed_in_order_without_sidecars_and_hidden_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a/c.md", "a/c.md.meta.yaml", ".hidden.txt", ".git/x.txt", "a/报告.jsonl"):
        source(tmp_path / name)
    assert [found.path for found in list_sources(tmp_path, None)] == ["a/c.md", "a/报告.jsonl", "b.txt"]


def test_uploads_are_listed_under_their_own_prefix_and_only_once(tmp_path: Path) -> None:
    source(tmp_path / "corpus" / "a.txt")
    source(tmp_path / "corpus" / "uploads" / "b.txt")
    found = list_sources(tmp_path / "corpus", tmp_path / "corpus" / "uploads")
    assert [entry.path for entry in found] == ["@uploads/b.txt", "a.txt"]


def test_one_file_may_be_the_corpus(tmp_path: Path) -> None:
    assert [found.path for found in list_sources(source(tmp_path / "a.txt").location, None)] == ["a.txt"]


def test_links_out_of_the_corpus_are_not_followed(tmp_path: Path) -> None:
    source(tmp_path / "outside.txt")
    source(tmp_path / "corpus" / "a.txt")
    (tmp_path / "corpus" / "b.txt").symlink_to(tmp_path / "outside.txt")
    assert [found.path for found in list_sources(tmp_path / "corpus", None)] == ["a.txt"]


def test_a_corpus_that_does_not_exist_is_named_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match="YIJU_CORPUS_DIR"):
        list_sources(tmp_path / "none", None)


def test_a_name_that_is_not_utf8_is_listed_and_read(tmp_path: Path) -> None:
    location = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xb9\xcf.txt"))
    try:
        location.write_text(TEXT, encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes no such names")
    (found,) = list_sources(tmp_path, None)
    found.path.encode()
    assert len(read_source(found).documents) == 1


def test_a_fingerprint_changes_with_the_file_and_with_its_sidecar(tmp_path: Path) -> None:
    found = source(tmp_path / "a.txt")
    seen = [fingerprint(found)]
    assert fingerprint(found) == seen[0]
    source(tmp_path / "a.txt.meta.yaml", "publisher: 江岸日报")
    seen.append(fingerprint(found))
    source(tmp_path / "a.txt", TEXT + "。")
    seen.append(fingerprint(found))
    (tmp_path / "a.txt").unlink()
    seen.append(fingerprint(found))
    assert len(set(seen)) == 4


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b"\n \n", "empty"),
        ("a.txt", b"abc\x00def", "NUL"),
        ("a.txt", b"%PDF-1.4", "PDF"),
        ("a.md", b"PK\x03\x04", "ZIP"),
        ("a.txt", TEXT.encode()[:-1], "damaged"),
        ("a.txt", "责编:张三".encode(), "nothing but credits"),
        ("a.docx", b"PK\x03\x04", "not supported"),
        ("a", b"x", "not supported"),
        ("a.jsonl", b"", "empty"),
    ],
)
def test_a_file_that_cannot_be_read_fails_with_its_reason(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    outcome = read_source(source(tmp_path / name, data))
    assert outcome.documents == ()
    assert reason in outcome.failures[0]


def test_a_missing_file_and_a_folder_fail_with_their_reason(tmp_path: Path) -> None:
    assert "cannot be read" in read_source(SourceFile("a.txt", tmp_path / "a.txt")).failures[0]
    (tmp_path / "b.txt").mkdir()
    assert "cannot be read" in read_source(SourceFile("b.txt", tmp_path / "b.txt")).failures[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_fails_with_its_reason(tmp_path: Path) -> None:
    found = source(tmp_path / "a.txt")
    found.location.chmod(0)
    assert "permissions" in read_source(found).failures[0]


def test_a_file_too_large_is_named_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_files, "MAX_BYTES", 10)
    assert "JSON Lines" in read_source(source(tmp_path / "a.txt")).failures[0]


def test_a_file_of_a_hundred_megabytes_is_refused_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as stream:
        stream.truncate(100 << 20)
    assert "100 MB" in read_source(SourceFile("a.txt", tmp_path / "a.txt")).failures[0]


def test_a_document_says_where_it_comes_from(tmp_path: Path) -> None:
    outcome = read_source(source(tmp_path / "2024-06-12.txt", "凉瓜丰收\n" + TEXT))
    assert outcome.encoding == "utf-8"
    found = outcome.documents[0].document
    assert (found.title, found.text, found.source_path) == ("凉瓜丰收", TEXT, "2024-06-12.txt")
    assert found.published_at == date(2024, 6, 12)
    assert found.id == hashlib.sha256("2024-06-12.txt\x1f凉瓜丰收".encode()).hexdigest()[:16]


def test_an_untitled_document_gets_a_derived_title_that_is_not_part_of_its_id(tmp_path: Path) -> None:
    first = (
        read_source(source(tmp_path / "a.txt", "近年来,区里坚持党建与业务融合,深化支部建设,成效明显。"))
        .documents[0]
        .document
    )
    second = read_source(source(tmp_path / "a.txt", "今年以来,镇里全面落实各项部署。")).documents[0].document
    assert first.title == "近年来,区里坚持党建与业务融合,深化支部建设,成效明显"
    assert first.id == second.id == hashlib.sha256(b"a.txt\x1f").hexdigest()[:16]


def test_a_sidecar_wins_over_the_file_and_leaves_ids_alone(tmp_path: Path) -> None:
    found = source(tmp_path / "a.txt", "凉瓜丰收\n江岸日报讯(记者 林叶)" + TEXT)
    before = read_source(found).documents[0]
    source(
        tmp_path / "a.txt.meta.yaml",
        "title: 新标题\npublisher: 杜阮发布\npublished_at: 2023-01-02\nurl: https://e.cn/1\n",
    )
    after = read_source(found).documents[0]
    document = after.document
    assert (document.title, document.publisher, document.published_at, document.url) == (
        "新标题",
        "杜阮发布",
        date(2023, 1, 2),
        "https://e.cn/1",
    )
    assert document.id == before.document.id
    assert after.content_hash != before.content_hash


@pytest.mark.parametrize("line", ["visibility: 内部 资料", "publshed: x"])
def test_a_sidecar_that_refuses_or_is_wrong_fails_the_file(tmp_path: Path, line: str) -> None:
    found = source(tmp_path / "a.txt")
    source(tmp_path / "a.txt.meta.yaml", line)
    outcome = read_source(found)
    assert outcome.documents == ()
    assert len(outcome.failures) == 1


def test_front_matter_labels_a_document_and_the_sidecar_wins(tmp_path: Path) -> None:
    found = source(tmp_path / "a.md", f"---\nvisibility: 内部\n---\n{TEXT}")
    labelled = read_source(found).documents[0]
    source(tmp_path / "a.md.meta.yaml", "visibility: 党组")
    relabelled = read_source(found).documents[0]
    assert (labelled.document.visibility, relabelled.document.visibility) == ("内部", "党组")
    assert labelled.document.id == relabelled.document.id
    assert labelled.content_hash != relabelled.content_hash


def test_what_is_no_label_keeps_a_document_out(tmp_path: Path) -> None:
    outcome = read_source(source(tmp_path / "a.md", f"---\nvisibility: 内部 资料\n---\n{TEXT}"))
    assert outcome.documents == ()
    assert "no label" in outcome.failures[0]


def test_editing_one_article_leaves_the_ids_of_the_others(tmp_path: Path) -> None:
    page = "\n".join(f"{title}\n本报讯(记者 林叶){TEXT}" for title in ("凉瓜丰收上市", "大桥建成通车"))
    before = [entry.document.id for entry in read_source(source(tmp_path / "a.txt", page)).documents]
    page = "新馆开放\n本报讯(记者 林叶)新馆今天开放,座位1200个。\n" + page.replace("650", "700", 1)
    after = [entry.document.id for entry in read_source(source(tmp_path / "a.txt", page)).documents]
    assert after[1:] == before


def test_articles_of_the_same_title_get_ids_of_their_own(tmp_path: Path) -> None:
    page = "\n".join(f"图片新闻\n本报讯(记者 林叶){text}" for text in (TEXT, "大桥建成通车,全长1200米,投资2.1亿元。"))
    ids = [entry.document.id for entry in read_source(source(tmp_path / "a.txt", page)).documents]
    assert len(set(ids)) == 2


def test_offsets_of_every_passage_fit_its_document(tmp_path: Path) -> None:
    page = "\r\n".join(f"{title}\r\n本报讯(记者 林叶){TEXT * 20}" for title in ("凉瓜丰收上市", "大桥建成通车"))
    for encoding in ("utf-8", "utf-16", "gb18030"):
        for prepared in read_source(source(tmp_path / "a.txt", page.encode(encoding))).documents:
            text = prepared.document.text
            assert all(text[entry.start : entry.end] == entry.text for entry in prepared.passages)
            assert {entry.document_id for entry in prepared.passages} == {prepared.document.id}


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    found = source(tmp_path / "a.txt", "凉瓜丰收\n" + TEXT * 50)
    assert read_source(found) == read_source(found)
