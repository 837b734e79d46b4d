"""The metadata file beside a source."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from corpus.errors import UnreadableFileError
from corpus.sidecar import Sidecar, checked_label, read_sidecar, sidecar_path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "凉瓜.txt"


def write(source: Path, text: str) -> None:
    sidecar_path(source).write_text(text, encoding="utf-8")


def test_no_sidecar_says_nothing(source: Path) -> None:
    assert read_sidecar(source) == Sidecar()


def test_an_empty_sidecar_says_nothing(source: Path) -> None:
    write(source, "")
    assert read_sidecar(source) == Sidecar()


def test_every_key_is_read(source: Path) -> None:
    write(
        source, "title: 凉瓜\npublisher: 江门日报\npublished_at: 2024-06-12\nurl: https://e.cn/1\nvisibility: public\n"
    )
    assert read_sidecar(source) == Sidecar("凉瓜", "江门日报", date(2024, 6, 12), "https://e.cn/1", "public")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("publsher: 江门日报", "unknown keys: publsher; did you mean 'publisher'"),
        ("- 江门日报", "no mapping"),
        ("published_at: 昨天", "not a date"),
        ("published_at: 2024-13-40", "month must be in"),
        ("title: 2024", "put it in quotes"),
        ("title: [", "not YAML"),
        ("title: !!python/object:os.system x", "not YAML"),
    ],
)
def test_what_is_not_understood_fails_the_source(source: Path, text: str, reason: str) -> None:
    write(source, text)
    with pytest.raises(UnreadableFileError, match=reason):
        read_sidecar(source)


@pytest.mark.parametrize("label", ["public", "内部", "a.b-c_9", "密" * 64])
def test_a_label_is_taken_as_it_is(label: str) -> None:
    assert checked_label(label) == label


@pytest.mark.parametrize("label", ["内部 资料", "*", "a,b", "密" * 65, "a/b", "", "label:x"])
def test_what_is_no_label_is_refused_since_nobody_could_be_cleared_for_it(label: str) -> None:
    with pytest.raises(UnreadableFileError, match="no label"):
        checked_label(label)
