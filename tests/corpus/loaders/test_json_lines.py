"""JSON Lines: documents as they are, bad lines alone fail."""

from __future__ import annotations

import gzip
import json
import lzma
from datetime import date
from pathlib import Path

import pytest

from corpus.documents import FileOutcome, StoredLine
from corpus.intake import SourceFile, read_source
from corpus.loaders import json_lines

TEXT = "杜阮凉瓜产业链总产值达1.3亿元。"


def read(location: Path) -> FileOutcome:
    return read_source(SourceFile(location.name, location))


def lines(*objects: object) -> bytes:
    return b"".join(json.dumps(entry, ensure_ascii=False).encode() + b"\n" for entry in objects)


def test_a_line_is_a_document_with_its_own_id(tmp_path: Path) -> None:
    location = tmp_path / "a.jsonl"
    location.write_bytes(
        lines(
            {
                "id": "n1",
                "title": "凉瓜",
                "text": TEXT,
                "publisher": "江门日报",
                "published_at": "2024-06-12",
                "url": "u",
            }
        )
    )
    (prepared,) = read(location).documents
    found = prepared.document
    assert (found.id, found.title, found.text, found.publisher) == ("n1", "凉瓜", TEXT, "江门日报")
    assert (found.published_at, found.url, found.source_path) == (date(2024, 6, 12), "u", "a.jsonl")


def test_text_is_not_cleaned_beyond_line_ends_and_composition(tmp_path: Path) -> None:
    printed = "责编:张三\r\n\r\ne\u0301 摄\r热门跟贴\u200b"
    location = tmp_path / "a.jsonl"
    location.write_bytes(lines({"id": "n1", "text": printed}))
    assert read(location).documents[0].document.text == "责编:张三\n\né 摄\n热门跟贴\u200b"


def test_a_missing_title_is_derived(tmp_path: Path) -> None:
    location = tmp_path / "a.jsonl"
    location.write_bytes(lines({"id": "n1", "title": "", "text": TEXT}, {"id": "n2", "text": TEXT}))
    assert [entry.document.title for entry in read(location).documents] == ["杜阮凉瓜产业链总产值达1.3亿元"] * 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b"[]", "list"),
        (b'{"text": "x"}', "no 'id'"),
        (b'{"id": "", "text": "x"}', "no 'id'"),
        (b'{"id": 7, "text": "x"}', "'id' is a JSON int"),
        (b'{"id": "b"}', "no 'text'"),
        (b'{"id": "b", "text": " "}', "no 'text'"),
        (b'{"id": "b", "text": 3}', "'text' is a JSON int"),
        (b'{"id": "b", "text": "\\u0000"}', "NUL"),
        (b'{"id": "b", "text": "\\ud800"}', "half a character"),
        (b'{"id": "b", "text": "x", "visibility": "a b"}', "refused"),
        (b'{"id": "a", "text": "x"}', "is that of line 1"),
        (b'{"id": "b", "text": "\xff"}', "not UTF-8"),
    ],
)
def test_a_bad_line_fails_alone_with_its_number(tmp_path: Path, line: bytes, reason: str) -> None:
    location = tmp_path / "a.jsonl"
    location.write_bytes(lines({"id": "a", "text": TEXT}) + line + b"\n" + lines({"id": "z", "text": TEXT}))
    outcome = read(location)
    assert [entry.document.id for entry in outcome.documents] == ["a", "z"]
    (failure,) = outcome.failures
    assert failure.startswith("line 2: ")
    assert reason in failure


def test_a_date_that_cannot_be_read_costs_the_date_and_is_reported(tmp_path: Path) -> None:
    location = tmp_path / "a.jsonl"
    location.write_bytes(lines({"id": "a", "text": TEXT, "published_at": "昨天"}))
    outcome = read(location)
    assert outcome.documents[0].document.published_at is None
    assert "without a date" in outcome.failures[0]


def test_packed_files_are_read(tmp_path: Path) -> None:
    data = lines({"id": "n1", "text": TEXT})
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(data))
    (tmp_path / "a.jsonl.xz").write_bytes(lzma.compress(data))
    for name in ("a.jsonl.gz", "a.jsonl.xz"):
        assert [entry.document.id for entry in read(tmp_path / name).documents] == ["n1"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl.gz", b"not gzip"),
        ("a.jsonl.gz", gzip.compress(lines({"id": "n1", "text": TEXT}))[:-9]),
        ("a.jsonl.xz", b"not xz"),
        ("a.jsonl.xz", lzma.compress(lines({"id": "n1", "text": TEXT}))[:-20]),
    ],
)
def test_a_damaged_archive_fails_as_a_whole(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    outcome = read(tmp_path / name)
    assert outcome.documents == ()
    assert "not whole" in outcome.failures[0]


def test_a_decompression_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MAX_BYTES", 100_000)
    monkeypatch.setattr(json_lines, "MAX_LINE_BYTES", 10_000)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b" " * 50_000_000))
    assert "split it" in read(tmp_path / "a.jsonl.gz").failures[0]


def test_many_bad_lines_are_counted_not_listed(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"{\n" * 1000)
    failures = read(tmp_path / "a.jsonl").failures
    assert len(failures) == 201
    assert failures[-1].startswith("800 more lines")


def test_a_mark_at_the_start_and_empty_lines_are_allowed(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + lines({"id": "n1", "text": TEXT}) + b"\n\n")
    outcome = read(tmp_path / "a.jsonl")
    assert len(outcome.documents) == 1
    assert outcome.failures == ()


@pytest.mark.shared
@pytest.mark.slow
def test_a_corpus_of_ten_thousands_loads(shared_dir: Path) -> None:
    outcome = read(shared_dir / "data" / "corpora" / "cctv_2022_2026.jsonl.xz")
    assert len(outcome.documents) == 24_039
    assert outcome.failures == ()


def test_a_number_too_long_to_read_fails_its_line_only(tmp_path: Path) -> None:
    location = tmp_path / "numbers.jsonl"
    location.write_text('{"id": 1' + "1" * 5000 + '}\n{"id": "a", "text": "荷塘镇有8个村。"}\n', encoding="utf-8")

    outcome = read_source(SourceFile("numbers.jsonl", location))

    assert [prepared.document.id for prepared in outcome.documents] == ["a"]
    assert outcome.failures[0].startswith("line 1: not JSON that can be read")


def read_again(location: Path, before: FileOutcome) -> FileOutcome:
    """As the file is read when its documents are stored as versions 1, 2, ... in the order they were read in."""
    read_then = iter(enumerate(before.documents, start=1))
    known = {}
    for line in before.lines:
        version, prepared = next(read_then)
        if line.mark is not None:
            known[line.mark] = StoredLine(version, prepared.document.id)
    return read_source(SourceFile(location.name, location), known)


def test_lines_that_did_not_change_are_not_read_again(tmp_path: Path) -> None:
    location = tmp_path / "a.jsonl"
    location.write_bytes(lines(*({"id": f"n{number}", "text": TEXT} for number in range(5))))
    before = read(location)
    assert [line.stored for line in before.lines] == [None] * 5
    location.write_bytes(
        lines({"id": "n9", "text": "新的一行。"}, *({"id": f"n{number}", "text": TEXT} for number in (4, 2)))
        + lines({"id": "n1", "text": TEXT + "改过。"}).replace(b"\n", b"\r\n")
        + lines({"id": "n3", "text": TEXT}).replace(b"\n", b"\r\n")
    )
    after = read_again(location, before)
    assert [prepared.document.id for prepared in after.documents] == ["n9", "n1"]
    assert [line.stored.version if line.stored else None for line in after.lines] == [None, 5, 3, None, 4]


def test_a_known_line_takes_its_id_all_the_same(tmp_path: Path) -> None:
    location = tmp_path / "a.jsonl"
    location.write_bytes(lines({"id": "n0", "text": TEXT}, {"id": "n1", "text": TEXT}, {"id": "n2", "text": TEXT}))
    before = read(location)
    location.write_bytes(
        lines({"id": "n3", "text": TEXT})
        + lines({"id": "n1", "text": TEXT}, {"id": "n1", "text": "又一次。"}, {"id": "n2", "text": TEXT}) * 2
    )
    after = read_again(location, before)
    assert [line.stored is not None for line in after.lines] == [False, True, True]
    assert len(after.failures) == 4
    assert "line 3: its id 'n1' is that of line 2" in after.failures[0]


def test_a_sidecar_or_another_path_makes_all_lines_new(tmp_path: Path) -> None:
    location = tmp_path / "a.jsonl"
    location.write_bytes(lines({"id": "n1", "text": TEXT}))
    before = read(location)
    (tmp_path / "a.jsonl.meta.yaml").write_text("publisher: 江门日报\n", encoding="utf-8")
    assert len(read_again(location, before).documents) == 1
    (tmp_path / "a.jsonl.meta.yaml").unlink()
    assert len(read_again(location, before).documents) == 0
    moved = location.rename(tmp_path / "b.jsonl")
    assert len(read_again(moved, before).documents) == 1


def test_a_line_whose_date_cannot_be_read_is_reported_by_every_reading(tmp_path: Path) -> None:
    location = tmp_path / "a.jsonl"
    location.write_bytes(lines({"id": "n1", "text": TEXT, "published_at": "gestern"}, {"id": "n2", "text": TEXT}))
    before = read(location)
    after = read_again(location, before)
    assert before.failures == after.failures != ()
    assert len(after.documents) == 1


def test_a_byte_order_mark_is_one_in_the_first_line_alone(tmp_path: Path) -> None:
    location = tmp_path / "a.jsonl"
    marked = b"\xef\xbb\xbf" + lines({"id": "n1", "text": TEXT})
    location.write_bytes(marked)
    before = read(location)
    location.write_bytes(lines({"id": "n0", "text": TEXT}) + marked)
    assert "line 2: not JSON" in read_again(location, before).failures[0]
