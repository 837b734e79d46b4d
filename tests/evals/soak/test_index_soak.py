"""The soak in small: a real server with its real model, asked while its documents change."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.model
@pytest.mark.slow
def test_a_server_answers_rightly_while_its_documents_change(tmp_path: Path, models_dir: Path) -> None:
    out = tmp_path / "soak.json"
    command = [sys.executable, "-m", "evals.index_soak", "--models", str(models_dir), "--out", str(out)]
    small = ["--seconds", "12", "--documents", "16", "--bulk", "4", "--pause", "1.5"]
    ended = subprocess.run([*command, *small], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    figures = json.loads(out.read_text())
    assert figures["failures"] == []
    assert figures["changes"]["full"] == 2
    assert figures["questions"] > 8
    # How often exactly is the reader's matter and measured elsewhere; that most do shows that the index answers.
    assert figures["found"]["first"] >= 0.5 * figures["found"]["due"]
    assert {"before", "full"} <= set(figures["latency_ms"])
