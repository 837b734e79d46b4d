"""YAML about documents, from people who may not mean well."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from corpus.errors import UnreadableFileError
from corpus.intake import SourceFile, read_source
from corpus.plain_yaml import MAX_CHARS, load_plain
from corpus.sidecar import read_sidecar, sidecar_path

# Nine lines that unfold to 9 ** 9 words.
BOMB = "a: &a [啊,啊,啊,啊,啊,啊,啊,啊,啊]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_what_people_write_is_read() -> None:
    assert load_plain("title: 通知 & 公告\npublisher: '*新闻*'\n") == {"title": "通知 & 公告", "publisher": "*新闻*"}


@pytest.mark.parametrize("text", [BOMB, "a: &a 1\nb: *a\n", "a: &a [*a]\n", "a: &a {x: 1}\nb:\n  <<: *a\n"])
def test_aliases_are_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="aliases"):
        load_plain(text)


def test_more_than_anybody_writes_is_refused_unread() -> None:
    assert load_plain("x" * MAX_CHARS) == "x" * MAX_CHARS
    with pytest.raises(yaml.YAMLError, match="more than 65536"):
        load_plain("[" * (MAX_CHARS + 1))


def test_a_file_that_unfolds_to_gigabytes_fails_with_the_reason(tmp_path: Path) -> None:
    article, beside = tmp_path / "a.md", tmp_path / "b.txt"
    article.write_text(f"---\n{BOMB}title: *i\n---\n\n正文在此。\n", encoding="utf-8")
    beside.write_text("停水通知\n\n周三停水。\n", encoding="utf-8")
    sidecar_path(beside).write_text(f"{BOMB}title: *i\n", encoding="utf-8")

    outcome = read_source(SourceFile("a.md", article))

    assert not outcome.documents
    assert "aliases" in outcome.failures[0]
    with pytest.raises(UnreadableFileError, match="aliases"):
        read_sidecar(beside)
