"""A pause is a file that every process sees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from retrieval.pausing import PAUSED, Paused, pause, paused, resume


def test_nothing_is_paused_before_somebody_asks_for_it(tmp_path: Path) -> None:
    assert paused(tmp_path / "index") is None
    assert resume(tmp_path / "index") is False


def test_a_pause_says_who_asked_for_it_and_when_until_it_is_ended(tmp_path: Path) -> None:
    asked = pause(tmp_path / "index", "管理员")
    assert asked.by == "管理员"
    assert asked.since is not None
    assert datetime.now(UTC) - asked.since < timedelta(minutes=1)
    assert paused(tmp_path / "index") == asked
    assert resume(tmp_path / "index") is True
    assert paused(tmp_path / "index") is None


def test_a_second_request_leaves_the_first_as_it_is(tmp_path: Path) -> None:
    first = pause(tmp_path, "telegram:1")
    assert pause(tmp_path, "cli") == first
    assert [path.name for path in tmp_path.iterdir()] == [PAUSED]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"by": "x", "since": 3}'])
def test_a_file_that_says_nothing_pauses_all_the_same(tmp_path: Path, content: bytes) -> None:
    (tmp_path / PAUSED).write_bytes(content)
    assert paused(tmp_path) == Paused("?", None)
