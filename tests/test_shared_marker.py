"""Tests that need the shared data skip with a reason where it is absent, and fail where it is required."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT_DIR = Path(__file__).resolve().parent.parent
NEEDS_SHARED = "tests/bot/evaluation/test_questions.py::test_every_shared_question_file_is_read"


def run_pytest(**variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("YIJU_", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", NEEDS_SHARED],
        cwd=PROJECT_DIR,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("required", "code", "word"), [("", 0, "1 skipped"), ("1", 1, "1 error")])
def test_absent_data_skips_or_fails_and_says_where_it_was_looked_for(
    tmp_path: Path, required: str, code: int, word: str
) -> None:
    result = run_pytest(YIJU_SHARED_DIR=str(tmp_path / "nowhere"), YIJU_REQUIRE_SHARED=required)
    assert result.returncode == code, result.stdout
    assert word in result.stdout
    assert str(tmp_path / "nowhere") in result.stdout.replace("\n", "")


def test_settings_of_the_developer_do_not_reach_tests() -> None:
    assert [name for name in os.environ if name.startswith("YIJU_") and not name.startswith("YIJU_TEST_")] == []
