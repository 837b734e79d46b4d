"""A backup or restore that is killed leaves one state or the other, and the next one goes on as if nothing had been."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.backup.switching import settle
from retrieval.snapshots import verify_snapshot
from tests.bot.backup.conftest import Installation, changed
from tests.bot.backup.killing import DIED

PROJECT_DIR = Path(__file__).resolve().parents[3]
RESTORED, PRESENT = "1.3亿元", "1.5亿元"
UPLOADS = {
    RESTORED: {"通知.txt": "关于召开会议的通知"},
    PRESENT: {"通知.txt": "会议改期", "新.txt": "新的"},
}


class Killer:
    """Starts the process of ``killing`` and asks it for tries."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bot.backup.killing"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=PROJECT_DIR,
            text=True,
        )

    def attempt(self, action: str, folder: Path, file: Path, steps: int) -> bool:
        """Whether it came to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"action": action, "folder": str(folder), "file": str(file), "steps": steps}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        assert code in (0, DIED)
        return code == 0

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def killer() -> Iterator[Killer]:
    made = Killer()
    yield made
    made.close()


@pytest.fixture
def prepared(installed: Installation, tmp_path: Path) -> Path:
    """A backup; the data folder beside it is in another state and in nobody's use."""
    file = tmp_path / "b.tar"
    installed.back_up(file)
    changed(installed)
    installed.close()
    return file


def state_of(folder: Path) -> str:
    """Which of the two states a new process finds, after it looked for what a dead one left; it is whole."""
    found = Installation(folder)
    try:
        settle(found.places, found.store.store_id)
        manifest = verify_snapshot(found.places.index_dir, found.serving())
        assert manifest.store_id == found.store.store_id()
        first = found.texts()[0]
        state = RESTORED if RESTORED in first else PRESENT
        assert state in first
        assert found.uploads() == UPLOADS[state]
        assert not found.places.restore_work.exists()
        return state
    finally:
        found.close()


@pytest.mark.slow
def test_a_restore_killed_at_any_step_is_undone_or_finished(prepared: Path, tmp_path: Path, killer: Killer) -> None:
    states = []
    for steps in range(1, 500):
        folder = tmp_path / f"try-{steps}"
        shutil.copytree(tmp_path / "data", folder)
        ended = killer.attempt("restore", folder, prepared, steps)
        states.append(state_of(folder))
        if ended:
            break
        shutil.rmtree(folder)
    # At some step the one becomes the other, and that is never taken back.
    assert states == sorted(states, reverse=True)
    assert {states[0], states[-1]} == {PRESENT, RESTORED}
    assert states.count(RESTORED) > 5


@pytest.mark.slow
def test_a_backup_killed_at_any_step_is_no_file_or_a_whole_one(prepared: Path, tmp_path: Path, killer: Killer) -> None:
    folder = tmp_path / "data"
    (tmp_path / "out").mkdir()
    for steps in range(1, 500):
        file = tmp_path / "out" / f"{steps}.tar"
        ended = killer.attempt("backup", folder, file, steps)
        if file.exists():
            found = Installation(folder)
            assert found.restore(file, check_only=True).snapshot is not None
            found.close()
        if ended:
            break
    assert file.exists()
    assert state_of(folder) == PRESENT
    assert not (folder / ".backup").exists()


@pytest.mark.slow
def test_killed_after_any_time_it_is_one_state_or_the_other(prepared: Path, tmp_path: Path) -> None:
    chance = random.Random(11)
    script = "import sys; from tests.bot.backup import killing as k; print(flush=True); from pathlib import Path; "
    script += "sys.exit(k.attempt(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), -1))"
    for number in range(8):
        folder = tmp_path / f"try-{number}"
        shutil.copytree(tmp_path / "data", folder)
        process = subprocess.Popen(
            [sys.executable, "-c", script, "restore", str(folder), str(prepared)],
            stdout=subprocess.PIPE,
            cwd=PROJECT_DIR,
        )
        assert process.stdout is not None
        process.stdout.readline()
        threading.Event().wait(chance.uniform(0, 0.6))
        process.kill()
        process.communicate()
        assert state_of(folder) in UPLOADS
