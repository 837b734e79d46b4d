"""The command line in this process: what it said, as people and as programs read it."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from bot.cli import main


def yiju(*arguments: str) -> Result:
    """Run a command as typed after ``yiju``."""
    return CliRunner().invoke(main, arguments)


def told(*arguments: str, code: int = 0) -> dict[str, Any]:
    """What the command says with ``--json``; it has to end with ``code``."""
    done = yiju(*arguments, "--json")
    assert done.exit_code == code, done.output
    said: dict[str, Any] = json.loads(done.stdout)
    return said
