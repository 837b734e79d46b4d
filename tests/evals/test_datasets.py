"""The data sets are read as their README says, and the halves never mix."""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
from pathlib import Path

import pytest

from evals.datasets import Question, read_lines, read_questions


@pytest.mark.parametrize("name", ["q.jsonl", "q.jsonl.gz", "q.jsonl.xz"])
def test_lines_are_read_packed_or_not(tmp_path: Path, name: str) -> None:
    content = '{"id": "甲"}\n\n{"id": "乙"}\n'.encode()
    packed = {"q.jsonl": content, "q.jsonl.gz": gzip.compress(content), "q.jsonl.xz": lzma.compress(content)}
    (tmp_path / name).write_bytes(packed[name])
    assert [line["id"] for line in read_lines(tmp_path / name)] == ["甲", "乙"]


def test_absent_and_empty_are_the_same(tmp_path: Path) -> None:
    lines = [
        {"id": "1", "question": "产值多少？", "answers": ["3亿元"], "context_id": "a", "alt_context_ids": ["b", "a"]},
        {"id": "2", "question": "谁？", "answers": [], "context_id": ""},
        {"id": "3", "question": "何时？", "answers": None, "context_id": None, "alt_context_ids": None},
    ]
    path = tmp_path / "q.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    assert read_questions(path) == [
        Question("1", "产值多少？", ("3亿元",), ("a", "b")),
        Question("2", "谁？", (), ()),
        Question("3", "何时？", (), ()),
    ]


@pytest.mark.parametrize("number", range(20))
def test_the_half_is_that_of_the_context_else_of_the_id(number: int) -> None:
    key = f"c{number}"
    checking = hashlib.sha256(key.encode()).digest()[0] >= 128
    assert Question("x", "?", (), (key, "other")).for_checking == checking
    assert Question(key, "?", (), ()).for_checking == checking
