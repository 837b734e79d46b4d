"""The fault harness in small, in a process of its own as it forks: promises kept, and broken ones caught."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def run(folder: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, figures and output of a run."""
    out = folder / "faults.json"
    command = [sys.executable, "-m", "evals.index_faults", "--out", str(out), "--log", str(folder / "log.jsonl")]
    ended = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    return ended.returncode, json.loads(out.read_text()) if out.exists() else {}, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("scenario", "seed"),
    [("changed documents", 1), ("filling in vectors", 2), ("restore, then index", 3), ("format 1", 4)],
)
def test_an_index_that_is_killed_serves_and_goes_on(tmp_path: Path, scenario: str, seed: int) -> None:
    code, figures, output = run(tmp_path, "--only", scenario, "--kills", "7", "--others", "0", "--seed", str(seed))
    assert (code, figures.get("failures")) == (0, []), output
    assert figures["kill_points"] == 7
    assert set(figures["scenarios"][scenario]) == {"event", "power", "torn", "time"}
    assert figures["killed"] >= 6


def test_full_and_read_only_volumes_and_a_power_loss_after_the_end_are_survived(tmp_path: Path) -> None:
    code, figures, output = run(tmp_path, "--only", "retirement", "--kills", "1", "--others", "1")
    assert (code, figures.get("failures")) == (0, []), output
    found = figures["scenarios"]["retirement"]
    assert {kind: found[kind]["points"] for kind in ("power", "torn", "full", "read-only")} == {
        "power": 1,
        "torn": 1,
        "full": 1,
        "read-only": 1,
    }


@pytest.mark.parametrize(
    ("sabotage", "options", "caught"),
    [
        ("sync-nothing", ("--kind", "power", "--from", "0.8"), "after the fault: "),
        ("keep-no-vectors", ("--kind", "event", "--from", "0.4"), "passages were embedded twice"),
        ("overwrite", ("--kind", "event", "--before", "os.rename .*/CURRENT$"), "neither the last good snapshot"),
        ("switch-first", ("--kind", "event", "--from", "0.4"), "neither the last good snapshot"),
    ],
)
def test_a_promise_that_is_broken_is_caught(
    tmp_path: Path, sabotage: str, options: tuple[str, ...], caught: str
) -> None:
    chosen = ("--only", "changed documents", "--kills", "60", "--others", "0", "--seed", "5", "--stop-after", "1")
    code, figures, output = run(tmp_path, *chosen, *options, "--sabotage", sabotage)
    assert code == 1, output
    assert caught in str(figures["failures"])
    assert "FAILED" in output
